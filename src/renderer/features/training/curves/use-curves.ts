import { onScopeDispose, shallowReactive, watch } from 'vue'
import type { Curves } from '../../../../preload/contract/experiments.ts'
import { client } from '../../../connection/client.ts'
import { useNotices } from '../../../stores/notices.ts'
import { useTraining } from '../training-store.ts'

/** The database gets a running training's steps by the second. */
const MILLISECONDS_BETWEEN_READS = 1000

/** The measured curves of the experiments that are shown; the one at work grows. */
export function useCurves(): ReadonlyMap<string, Curves> {
  const training = useTraining()
  const curves = shallowReactive(new Map<string, Curves>())
  const reading = new Set<string>()
  let isOver = false

  async function read(id: string): Promise<void> {
    if (reading.has(id)) return
    reading.add(id)
    try {
      const known = curves.get(id)
      // The last step once more: its validation comes after it.
      const afterStep = Math.max(0, (known?.steps.at(-1)?.step ?? 0) - 1)
      const news = await client.experiments.curves({ id, afterStep })
      const grown = known === undefined ? news : append(known, news)
      if (!isOver) curves.set(id, grown)
      if (grown.validations.length > (known?.validations.length ?? 0)) void training.refresh()
    } catch (thrown) {
      if (!isOver) useNotices().report(thrown, () => void read(id))
    } finally {
      reading.delete(id)
    }
  }

  watch(
    () => training.shown,
    (ids) => {
      for (const id of curves.keys()) if (!ids.includes(id)) curves.delete(id)
      for (const id of ids) if (!curves.has(id)) void read(id)
    },
    { immediate: true },
  )

  let timer: ReturnType<typeof setTimeout> | undefined
  watch(
    () => training.job,
    (job, before) => {
      const id = job?.experiment
      if (id === undefined || !training.shown.includes(id)) return
      // Resumed: steps after its last save are done again.
      if (job?.id !== before?.id && before !== undefined) curves.delete(id)
      if (!training.isAtWork) {
        void readLast(id)
      } else {
        timer ??= setTimeout(() => {
          timer = undefined
          void read(id)
        }, MILLISECONDS_BETWEEN_READS)
      }
    },
  )

  /** After one that is under way, which may have begun before the end. */
  async function readLast(id: string): Promise<void> {
    while (reading.has(id)) await new Promise((resolve) => setTimeout(resolve, 50))
    await read(id)
  }

  onScopeDispose(() => {
    isOver = true
    clearTimeout(timer)
  })
  return curves
}

function append(known: Curves, news: Curves): Curves {
  const lastStep = known.steps.at(-1)?.step ?? 0
  const lastValidation = known.validations.at(-1)?.step ?? 0
  return {
    classNames: news.classNames,
    steps: [...known.steps, ...news.steps.filter(({ step }) => step > lastStep)],
    validations: [...known.validations, ...news.validations.filter(({ step }) => step > lastValidation)],
  }
}
