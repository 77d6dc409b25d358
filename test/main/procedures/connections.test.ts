import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { ORPCError, safe } from '@orpc/client'
import { expect, onTestFinished, test } from 'vitest'
import type { ProjectEvent } from '../../../src/preload/contract/projects.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { connectByPort, startApplication, startServer } from './connections.ts'
import { connectByWebSocket, type Connection } from './socket-connection.ts'

async function connect(by: 'port' | 'socket'): Promise<Connection> {
  const application = await startApplication()
  onTestFinished(() => application.closeProject())
  if (by === 'port') return connectByPort(application)
  const server = await startServer(application)
  onTestFinished(() => server.stop())
  return await connectByWebSocket(server)
}

test.each(['port', 'socket'] as const)('over a %s: calls, problems, refusals', async (by) => {
  const { client, disconnect } = await connect(by)
  onTestFinished(disconnect)
  expect(await client.about.get()).toMatchObject({ segscope: '9.8.7' })
  expect(await client.projects.current()).toBeNull()

  const [problem] = await safe(client.classes.list())
  expect(problem).toBeInstanceOf(ORPCError)
  expect(problem).toMatchObject({
    code: 'PROBLEM',
    data: { code: 'no-project', remedy: 'Open or create one first.' },
  })

  const folder = join(temporaryFolder(), 'Yeast')
  expect(await client.projects.create({ folder, name: 'Yeast' })).toMatchObject({ name: 'Yeast', images: 0 })
  const [refusal] = await safe(client.classes.add({ name: '\n' }))
  expect(refusal).toMatchObject({ code: 'BAD_REQUEST' })
  expect(await client.classes.add({ name: 'colony' })).toEqual([
    { value: 0, name: 'background', colour: '#8A8F98', key: '0' },
    { value: 1, name: 'colony', colour: '#E69F00', key: '1' },
  ])
})

test.each(['port', 'socket'] as const)('over a %s: events arrive, and end with their page', async (by) => {
  const { client, disconnect } = await connect(by)
  const stopping = new AbortController()
  const seen: ProjectEvent[] = []
  const events = await client.projects.events(undefined, { signal: stopping.signal })
  const reading = (async () => {
    for await (const event of events) seen.push(event)
  })()
  await client.projects.create({ folder: join(temporaryFolder(), 'A'), name: 'A' })
  await client.classes.add({ name: 'colony' })
  await expect.poll(() => seen).toEqual([{ kind: 'project-changed' }, { kind: 'classes-changed' }])
  stopping.abort()
  await reading.catch(() => undefined)
  await client.classes.add({ name: 'debris' })
  await wait(50)
  expect(seen).toHaveLength(2)
  disconnect()
})
