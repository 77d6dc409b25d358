import type { Plan } from '../../model/plan/plan.ts'
import type { Finding, PlanSummary, TrainingWishes } from '../../preload/contract/training.ts'
import { TrainingSession } from '../compute/training-session.ts'
import type { Application } from '../application.ts'
import { resumeTraining, startTraining } from '../jobs/training-job.ts'
import { findCheckpointFile } from '../services/checkpoints.ts'
import { snapshotLabels } from '../services/label-snapshot.ts'
import { checkPaintedLabels } from '../services/painted-pre-flight.ts'
import type { PreparedTraining, TrainingWishes as ServiceWishes } from '../services/prepare-training.ts'
import type { Project } from '../services/project.ts'
import { STARTING_NETWORK } from '../services/starting-network.ts'
import { EventQueue } from './event-queue.ts'
import { procedures } from './implementer.ts'

export const training = procedures.training.router({
  preFlight: procedures.training.preFlight.handler(({ context }) =>
    checkPaintedLabels(context.application.requireOpened().project),
  ),
  plan: procedures.training.plan.handler(async function* ({ context, input, signal }) {
    const opened = context.application.requireOpened()
    const { project } = opened
    const until = opened.until(signal)
    const progress = new EventQueue<{ kind: 'progress'; fraction: number; label: string }>()
    const findings: Finding[] = []
    const session = new TrainingSession(context.application.compute().limits, (news) => {
      if (news.kind === 'reading') {
        const label = `reading image ${news.done} of ${news.total}`
        progress.add({ kind: 'progress', fraction: (0.5 * news.done) / news.total, label })
      } else if (news.kind === 'data') {
        progress.add({ kind: 'progress', fraction: 0.6, label: 'measuring a step' })
      } else if (news.kind === 'finding') {
        const { severity, code, message, remedy } = news.finding
        findings.push({ severity, code, message, remedy })
      }
    })
    const close = (): void => void session.close()
    until.addEventListener('abort', close, { once: true })
    try {
      const { images, classNames } = await snapshotLabels(project, until)
      const wishes = serviceWishes(context.application, input)
      const preparing = context.application.computeWith(wishes.engine, (engine) =>
        session.prepare(images, classNames, { ...wishes, engine }),
      )
      yield* progress.until(preparing)
      yield { kind: 'done' as const, plan: summaryOf(await preparing, findings) }
    } finally {
      until.removeEventListener('abort', close)
      await session.close()
    }
  }),
  start: procedures.training.start.handler(({ context: { application }, input }) => {
    return { job: startTraining(startOf(application), serviceWishes(application, input)) }
  }),
  preview: procedures.training.preview.handler(({ context, input: { job, ...plane } }) => {
    context.application.requireOpened().trainingPreviews.choose(job, plane)
  }),
  resume: procedures.training.resume.handler(({ context: { application }, input }) => ({
    job: resumeTraining(startOf(application), input.experiment),
  })),
})

function startOf(application: Application): Parameters<typeof startTraining>[0] {
  const opened = application.requireOpened()
  return {
    project: opened.project,
    jobs: application.jobs,
    previews: opened.trainingPreviews,
    limits: application.compute().limits,
    closing: opened.until(undefined),
    computeWith: (engine, work) => application.computeWith(engine, work),
  }
}

function serviceWishes(application: Application, { start, ...wishes }: TrainingWishes): ServiceWishes {
  const { project } = application.requireOpened()
  return { ...wishes, weights: weightsOf(start, project), engine: application.compute().training.engine }
}

function weightsOf(start: TrainingWishes['start'], project: Project): string | undefined {
  switch (start.kind) {
    case 'scratch':
      return undefined
    case 'starting network':
      return STARTING_NETWORK
    case 'file':
      return start.file
    case 'checkpoint':
      return findCheckpointFile(start.checkpoint, project)
  }
}

function summaryOf({ plan, images, stepMilliseconds }: PreparedTraining, findings: Finding[]): PlanSummary {
  const validation = images.filter(({ split }) => split === 'validation').length
  return {
    steps: plan.steps,
    minutes: (plan.steps * (stepMilliseconds ?? 0)) / 60_000,
    ...(stepMilliseconds !== undefined && { stepMilliseconds }),
    decisions: decisionsOf(plan),
    findings,
    trainingImages: images.length - validation,
    validationImages: validation,
  }
}

/** What was decided, in the plan's order. */
export function decisionsOf(plan: Plan): { topic: string; decision: string; reason: string }[] {
  return Object.entries(plan.decisions).map(([topic, words]) => ({ topic, ...words }))
}
