import { randomUUID } from 'node:crypto'
import {
  closeSync,
  existsSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { SegscopeError } from '../../model/errors.ts'
import { explainFolderError } from './folder-error.ts'
import { processState } from './process-identity.ts'

/** By what a person came in. */
export type Door = 'command line' | 'desktop application' | 'browser server'

const holderSchema = z.object({
  /** Of this lease; a process that takes it over writes another. */
  id: z.string(),
  pid: z.int(),
  /** When the process began, as `processState` tells it. */
  processStarted: z.string().optional(),
  host: z.string(),
  user: z.string().optional(),
  door: z.enum(['command line', 'desktop application', 'browser server']),
  /** ISO 8601, UTC. */
  since: z.string(),
  renewed: z.string(),
})

/** Who holds a project, as its lease says. */
export type LeaseHolder = z.infer<typeof holderSchema>

/** In milliseconds. */
export interface LeaseTiming {
  /** Between two renewals. */
  renewal: number
  /** Without a renewal for so long, a holder that cannot be looked at (on another machine) is held for dead. */
  expiry: number
}

/** The expiry outlasts clocks that differ by some minutes; a sleeping laptop that wakes finds its lease lost. */
const defaultTiming: LeaseTiming = { renewal: 10_000, expiry: 5 * 60_000 }

/**
 * The right to change a project: a file in its folder that says who has it. One process has it at a time. It is
 * renewed while held, and given back by `release`; a holder that died on this machine loses it at once, one on
 * another machine when it has not renewed it for some minutes.
 */
export class ProjectLease {
  /**
   * Aborts when the lease is no longer ours, with a SegscopeError `project-lease-lost` as the reason: another
   * machine has taken it over, or the folder was gone for longer than a lease lasts. Nothing may be written then.
   */
  readonly lost: AbortSignal
  readonly #file: string
  readonly #timing: LeaseTiming
  readonly #timer: NodeJS.Timeout
  readonly #losing = new AbortController()
  #holder: LeaseHolder

  private constructor(file: string, holder: LeaseHolder, timing: LeaseTiming) {
    this.#file = file
    this.#holder = holder
    this.#timing = timing
    this.lost = this.#losing.signal
    this.#timer = setInterval(() => this.#renew(), timing.renewal)
    this.#timer.unref()
  }

  /**
   * @param file the lease's, in an existing folder
   * @throws SegscopeError `project-in-use` with who holds it and since when; `folder-not-writable`; `disk-full`
   */
  static async acquire(file: string, door: Door, timing: LeaseTiming = defaultTiming): Promise<ProjectLease> {
    return new ProjectLease(file, await take(file, door, timing), timing)
  }

  /** Gives the project free. Safe to call twice, and after the lease was lost. */
  release(): void {
    clearInterval(this.#timer)
    if (readHolder(this.#file)?.id === this.#holder.id) rmSync(this.#file, { force: true })
  }

  #renew(): void {
    const renewed = { ...this.#holder, renewed: new Date().toISOString() }
    try {
      // Somebody may have removed the file by hand.
      const ours = existsSync(this.#file) ? writeOver(this.#file, renewed) : create(this.#file, renewed)
      if (ours) this.#holder = renewed
      else this.#lose('Another process has taken the project over while this one did not answer.')
    } catch (cause) {
      // A network drive may be away for a while; up to the expiry nobody else takes the lease.
      if (Date.now() - Date.parse(this.#holder.renewed) < this.#timing.expiry) return
      this.#lose('The project folder could not be reached for some minutes.', cause)
    }
  }

  #lose(message: string, cause?: unknown): void {
    clearInterval(this.#timer)
    this.#losing.abort(
      new SegscopeError('project-lease-lost', message, {
        file: dirname(this.#file),
        remedy: 'Open the project again; what was saved until then is there.',
        cause,
      }),
    )
  }
}

/**
 * Creating the file fails where it exists: of several processes one gets it. A stale file is replaced by the one
 * process that holds the lease on doing so, a file of its own named for the stale lease: nobody can replace a lease
 * that is newer than the one it has judged.
 */
async function take(file: string, door: Door, timing: LeaseTiming): Promise<LeaseHolder> {
  const holder = ourselves(door)
  if (create(file, holder)) return holder
  const found = await readSettled(file)
  if (found === 'none') return take(file, door, timing)
  if (found !== 'unreadable') await refuseWhileHeld(file, found, timing)

  const staleId = found === 'unreadable' ? found : found.id
  const right = `${file}.${staleId}`
  const replacement = `${file}.${holder.id}`
  await take(right, door, timing)
  try {
    const now = readHolder(file)
    if ((now?.id ?? 'unreadable') !== staleId) throw inUse(file, now)
    create(replacement, holder)
    renameSync(replacement, file)
    return holder
  } finally {
    rmSync(replacement, { force: true })
    rmSync(right)
  }
}

function ourselves(door: Door): LeaseHolder {
  const state = processState(process.pid)
  const now = new Date().toISOString()
  return {
    id: randomUUID(),
    pid: process.pid,
    processStarted: state.alive ? state.started : undefined,
    host: hostname(),
    user: process.env.USER ?? process.env.USERNAME,
    door,
    since: now,
    renewed: now,
  }
}

/** Returns whether the file is ours now; false where there is one already. */
function create(file: string, holder: LeaseHolder): boolean {
  try {
    writeFileSync(file, JSON.stringify(holder), { flag: 'wx' })
    return true
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw explainFolderError(cause, dirname(file))
  }
}

/** Through one descriptor: a file that somebody has put in place of ours is never written to. */
function writeOver(file: string, holder: LeaseHolder): boolean {
  const descriptor = openSync(file, 'r+')
  try {
    const buffer = Buffer.alloc(4096)
    if (
      parseHolder(buffer.toString('utf8', 0, readSync(descriptor, buffer, 0, buffer.length, 0)))?.id !==
      holder.id
    ) {
      return false
    }
    const length = writeSync(descriptor, JSON.stringify(holder), 0)
    ftruncateSync(descriptor, length)
    return true
  } finally {
    closeSync(descriptor)
  }
}

/** What the file says, waiting a second for a process that has just made it and not yet written to it. */
async function readSettled(file: string): Promise<LeaseHolder | 'unreadable' | 'none'> {
  for (let attempt = 0; attempt < 10; attempt++) {
    try {
      const holder = parseHolder(readFileSync(file, 'utf8'))
      if (holder !== undefined) return holder
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return 'none'
      throw thrown
    }
    await wait(100)
  }
  return 'unreadable'
}

function readHolder(file: string): LeaseHolder | undefined {
  try {
    return parseHolder(readFileSync(file, 'utf8'))
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw thrown
  }
}

function parseHolder(text: string): LeaseHolder | undefined {
  try {
    return holderSchema.safeParse(JSON.parse(text)).data
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined
    throw thrown
  }
}

/** Returns where the holder is dead; throws `project-in-use` where it lives or may live. */
async function refuseWhileHeld(file: string, holder: LeaseHolder, timing: LeaseTiming): Promise<void> {
  if (holder.host === hostname()) {
    const state = processState(holder.pid)
    if (!state.alive) return
    if (state.started !== undefined && holder.processStarted !== undefined) {
      if (state.started !== holder.processStarted) return
      throw inUse(file, holder)
    }
  }
  if (Date.now() - Date.parse(holder.renewed) < timing.expiry) throw inUse(file, holder)
  // The machines' clocks may differ by more than the expiry: a holder that lives is seen renewing its lease.
  await wait(2.5 * timing.renewal)
  const later = readHolder(file)
  if (later?.renewed !== holder.renewed) throw inUse(file, later)
}

function inUse(file: string, holder: LeaseHolder | undefined): SegscopeError {
  const project = dirname(file)
  if (holder === undefined) {
    return new SegscopeError('project-in-use', 'Another process is just opening the project.', {
      file: project,
      remedy: 'Try again in a moment.',
    })
  }
  // Sweden writes dates as ISO 8601 does, in local time.
  const since = new Date(holder.since).toLocaleString('sv-SE')
  const user = holder.user === undefined ? '' : `, user ${holder.user}`
  return new SegscopeError(
    'project-in-use',
    `The project is in use since ${since} by Segscope's ${holder.door} (process ${holder.pid} on ${holder.host}${user}).`,
    { file: project, remedy: 'Wait until it is done, or close the project there.' },
  )
}
