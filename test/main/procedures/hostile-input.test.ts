import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ORPCError, safe } from '@orpc/client'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { contract } from '../../../src/preload/contract/index.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { connectByPort, startApplication, startServer } from './connections.ts'
import { connectByWebSocket, signIn } from './socket-connection.ts'

type AnyCall = (input: unknown, options: { signal: AbortSignal }) => Promise<unknown>

interface Procedure {
  path: string[]
  inputSchema: z.ZodType | undefined
}

function proceduresOf(node: object, path: string[] = []): Procedure[] {
  if ('~orpc' in node) {
    return [{ path, inputSchema: (node['~orpc'] as { inputSchema?: z.ZodType }).inputSchema }]
  }
  return Object.entries(node).flatMap(([name, child]) => proceduresOf(child as object, [...path, name]))
}

/** These last as long as their page. */
const endless = ['projects.events', 'jobs.watch', 'engines.watch', 'session.turn', 'session.commands']
const procedures = proceduresOf(contract).filter(({ path }) => !endless.includes(path.join('.')))

const hostileTexts = [
  '',
  '..',
  '../../../../etc/passwd',
  '/etc/passwd',
  '/proc/self/environ',
  'C:\\Windows\\System32',
  '\\\\server\\share',
  'file:///etc/passwd',
  'a\0b',
  '__proto__',
  "'; DROP TABLE images; --",
  '%2e%2e%2f',
  '\ud800',
  'x'.repeat(5000),
]
const hostile = fc.oneof(
  fc.constantFrom(...hostileTexts),
  fc.constantFrom(-1, 0, 1.5, 1e308, Number.MAX_SAFE_INTEGER + 2, NaN, Infinity, null, undefined, true),
  fc.anything({ maxDepth: 2, withBigInt: true, withDate: true, withMap: true, withSet: true }),
)

/** Objects with the right keys and anything in them, and now and then a key too many; or anything at all. */
function inputFor(schema: z.ZodType | undefined): fc.Arbitrary<unknown> {
  if (!(schema instanceof z.ZodObject)) return hostile
  const keys = Object.keys(schema.shape)
  const shaped = fc.record(Object.fromEntries(keys.map((key) => [key, hostile])), { requiredKeys: [] })
  const withMore = fc.tuple(shaped, hostile).map(([record, extra]) => ({ ...record, extra }))
  return fc.oneof({ weight: 4, arbitrary: shaped }, withMore, hostile)
}

function callOf(client: object, path: string[]): AnyCall {
  return path.reduce<unknown>((node, name) => (node as Record<string, unknown>)[name], client) as AnyCall
}

test.each(['port', 'socket'] as const)(
  'generated input at every procedure over a %s is refused or answered, never a defect, and changes nothing on disk',
  async (by) => {
    const application = await startApplication()
    const server = await startServer(application)
    const connection = by === 'port' ? connectByPort(application) : await connectByWebSocket(server)
    onTestFinished(async () => {
      connection.disconnect()
      await server.stop()
      application.closeProject()
    })
    const parent = temporaryFolder()
    const folder = join(parent, 'Yeast')
    await connection.client.projects.create({ folder, name: 'Yeast' })
    const before = readdirSync(parent)

    for (const { path, inputSchema } of procedures) {
      const name = path.join('.')
      const call = callOf(connection.client, path)
      await fc.assert(
        fc.asyncProperty(inputFor(inputSchema), async (input) => {
          // The one right input of this one: it would make sample images.
          if (name === 'projects.openSample' && input === undefined) return
          const [error, answer] = await safe(call(input, { signal: AbortSignal.timeout(20_000) }))
          if (error === null) {
            if (isIterator(answer)) await readToEnd(answer, name)
            return
          }
          if (!(error instanceof ORPCError)) {
            // What cannot even be written as a message fails at the page: it never travels.
            expect(error, name).toBeInstanceOf(TypeError)
            return
          }
          checkProblem(error as ORPCError<string, unknown>, name)
        }),
        { numRuns: 40, seed: 7 },
      )
      if (application.opened === undefined) await connection.client.projects.open({ folder })
    }

    expect(readdirSync(parent)).toEqual(before)
    expect(await connection.client.about.get()).toMatchObject({ segscope: '9.8.7' })
  },
)

function checkProblem(error: ORPCError<string, unknown>, name: string): void {
  expect(['BAD_REQUEST', 'PROBLEM'], `${name}: ${error.code} ${error.message}`).toContain(error.code)
  if (error.code === 'PROBLEM') expect(error.data, name).not.toMatchObject({ code: 'defect' })
}

function isIterator(answer: unknown): answer is AsyncIterable<unknown> {
  return typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer
}

async function readToEnd(events: AsyncIterable<unknown>, name: string): Promise<void> {
  try {
    for await (const event of events) expect(event, name).toHaveProperty('kind')
  } catch (error) {
    if (!(error instanceof ORPCError)) throw error
    checkProblem(error as ORPCError<string, unknown>, name)
  }
}

test('generated addresses and strokes are refused with a reason, and the labels stay', async () => {
  const application = await startApplication()
  const server = await startServer(application)
  onTestFinished(async () => {
    await server.stop()
    application.closeProject()
  })
  const { project } = await openedProject(application)
  const headers = await signIn(server)
  const part = fc.oneof(
    fc.constantFrom('..', '%2e%2e', '-1', '1e9', '99999999999999999999', 'NaN', '0x10', '1', '0', ' ', '%00'),
    fc.string({ maxLength: 12 }),
    fc.nat().map(String),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('labels', 'pixels', 'thumbnails', 'other'),
      fc.array(part, { maxLength: 8 }),
      fc.option(fc.uint8Array({ maxLength: 300 }), { nil: undefined }),
      async (kind, parts, body) => {
        const path = [kind, ...parts.map((each) => encodeURIComponent(each))].join('/')
        const response = await fetch(new URL(`/${path}?columns=a-b&rows=-1`, server.address), {
          headers,
          ...(body !== undefined && { method: 'POST', body: Buffer.from(body) }),
        })
        await response.arrayBuffer()
        expect([400, 403, 404, 405, 409], `${path}: ${response.status}`).toContain(response.status)
      },
    ),
    { numRuns: 300, seed: 11 },
  )
  expect(project.labels.labelledMaps()).toEqual([])
  expect(readFileSync(join(project.folder, 'segscope.db')).length).toBeGreaterThan(0)
})

async function openedProject(application: Awaited<ReturnType<typeof startApplication>>) {
  await application.create(join(temporaryFolder(), 'Yeast'), 'Yeast')
  const opened = application.requireOpened()
  opened.project.images.save({
    path: '/images/a.tif',
    fingerprint: 'sha256:a',
    width: 100,
    height: 100,
    channels: 1,
    pages: 1,
    sampleType: 'uint16',
  })
  return opened
}
