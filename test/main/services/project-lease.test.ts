import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { openProject, openProjectReadOnly } from '../../../src/main/services/project.ts'
import { type LeaseHolder, ProjectLease } from '../../../src/main/services/project-lease.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

/** Renewed ten times a second and dead after half a second, so that tests need not wait for minutes. */
const quick = { renewal: 100, expiry: 500 }

/** Processes that try to open the project at the same moment, each with its answer: 'open' or an error's code. */
async function openInProcesses(
  folder: string,
  count: number,
): Promise<{ child: ChildProcess; answer: string }[]> {
  const children = Array.from({ length: count }, () =>
    fork(join(import.meta.dirname, 'project-process.ts'), [folder], { execArgv: [] }),
  )
  onTestFinished(() => {
    for (const child of children) child.kill('SIGKILL')
  })
  await Promise.all(children.map((child) => once(child, 'message')))
  const answers = children.map(async (child) => {
    const [answer] = (await once(child, 'message')) as [string]
    return { child, answer }
  })
  for (const child of children) child.send('go')
  return Promise.all(answers)
}

async function openInProcess(folder: string): Promise<ChildProcess> {
  const [opened] = await openInProcesses(folder, 1)
  expect(opened?.answer).toBe('open')
  return opened?.child as ChildProcess
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  await once(child, 'exit')
}

const oneOfFour = ['open', 'project-in-use', 'project-in-use', 'project-in-use']

/** Writes the lease of another process, a living one on another machine unless told otherwise. */
function writeLease(file: string, differences: Partial<LeaseHolder>): void {
  const now = new Date().toISOString()
  const holder = {
    id: 'another',
    pid: 1,
    host: 'lab-3',
    user: 'anna',
    door: 'desktop application',
    since: now,
    renewed: now,
  }
  writeFileSync(file, JSON.stringify({ ...holder, ...differences }))
}

test('of processes that open a project at once, one gets it; the others are told', async () => {
  const folder = temporaryFolder()
  const answers = (await openInProcesses(folder, 4)).map(({ answer }) => answer)
  expect(answers.sort()).toEqual(oneOfFour)
})

test('while another process has the project it is refused by name and can be read; killed, it is taken over at once', async () => {
  const folder = temporaryFolder()
  const child = await openInProcess(folder)

  await expect(openProject(folder, { door: 'desktop application' })).rejects.toMatchObject({
    code: 'project-in-use',
    message: expect.stringMatching(
      new RegExp(
        `since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d by Segscope's command line \\(process ${child.pid} on ${hostname()}`,
      ),
    ) as string,
  })
  const reader = await openProjectReadOnly(folder, { door: 'command line' })
  expect(reader.name).toBe('Yeast')
  expect(reader.jobs.all()).toMatchObject([{ status: 'running' }])
  reader.close()

  await kill(child)
  const project = await openProject(folder, { door: 'command line' })
  expect(project.jobs.all()).toMatchObject([{ status: 'interrupted', waiting: 1 }])
  project.close()
  expect(readdirSync(folder).sort()).toEqual(['checkpoints', 'results', 'segscope.db'])
})

test('a process that exits without closing its project leaves it free', async () => {
  const folder = temporaryFolder()
  const child = await openInProcess(folder)
  child.disconnect()
  await once(child, 'exit')
  expect(readdirSync(folder).sort()).toEqual(['checkpoints', 'results', 'segscope.db'])
})

test('many processes after a killed one: one takes the project over', async () => {
  const folder = temporaryFolder()
  await kill(await openInProcess(folder))
  const answers = (await openInProcesses(folder, 4)).map(({ answer }) => answer)
  expect(answers.sort()).toEqual(oneOfFour)
})

test('the number of a dead holder, used again by another process, does not keep the project', async () => {
  const file = join(temporaryFolder(), 'segscope.lock')
  writeLease(file, { host: hostname(), pid: process.pid, processStarted: 'another boot 12345' })
  const lease = await ProjectLease.acquire(file, 'command line')
  await expect(ProjectLease.acquire(file, 'command line')).rejects.toMatchObject({ code: 'project-in-use' })
  lease.release()
})

test('a holder on another machine keeps the project while it renews, even by a clock that is behind', async () => {
  const file = join(temporaryFolder(), 'segscope.lock')
  writeLease(file, {})
  await expect(ProjectLease.acquire(file, 'command line', quick)).rejects.toMatchObject({
    code: 'project-in-use',
    message: expect.stringMatching(/desktop application \(process 1 on lab-3, user anna\)/) as string,
  })
  let minute = 0
  const renewals = setInterval(() => {
    writeLease(file, { renewed: new Date(Date.UTC(2020, 0, 1, 0, minute++)).toISOString() })
  }, 50)
  await wait(100)
  await expect(ProjectLease.acquire(file, 'command line', quick)).rejects.toMatchObject({
    code: 'project-in-use',
  })
  clearInterval(renewals)
  const lease = await ProjectLease.acquire(file, 'command line', quick)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ pid: process.pid })
  lease.release()
})

test('a file that a crash left empty does not lock the project for ever', async () => {
  const file = join(temporaryFolder(), 'segscope.lock')
  writeFileSync(file, '')
  const lease = await ProjectLease.acquire(file, 'command line')
  lease.release()
})

test('a lease is renewed, also when its file was removed by hand, until another holder is found in it', async () => {
  const folder = join(temporaryFolder(), 'project')
  mkdirSync(folder)
  const file = join(folder, 'segscope.lock')
  const lease = await ProjectLease.acquire(file, 'command line', quick)
  const renewed = (): string => (JSON.parse(readFileSync(file, 'utf8')) as LeaseHolder).renewed
  const first = renewed()
  await expect.poll(renewed).not.toBe(first)
  rmSync(file)
  await expect.poll(() => existsSync(file)).toBe(true)
  expect(lease.lost.aborted).toBe(false)

  rmSync(file)
  writeLease(file, {})
  await expect.poll(() => lease.lost.aborted).toBe(true)
  expect(lease.lost.reason).toMatchObject({ code: 'project-lease-lost' })
  lease.release()
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ id: 'another' })
})

test('a lease whose folder is gone for longer than it lasts is lost', async () => {
  const folder = join(temporaryFolder(), 'project')
  mkdirSync(folder)
  const lease = await ProjectLease.acquire(join(folder, 'segscope.lock'), 'command line', quick)
  rmSync(folder, { recursive: true })
  await expect.poll(() => lease.lost.aborted, { timeout: 5000 }).toBe(true)
  lease.release()
})
