import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { safe } from '@orpc/client'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { contract, type Client } from '../../../src/preload/contract/index.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { connectByPort, startApplication } from '../procedures/connections.ts'

type AnyCall = (input: unknown) => Promise<unknown>

interface JsonSchema {
  type?: string
  const?: unknown
  enum?: unknown[]
  minItems?: number
  minimum?: number
  exclusiveMinimum?: number
  maxLength?: number
  items?: JsonSchema
  properties?: Record<string, JsonSchema>
  oneOf?: JsonSchema[]
  anyOf?: JsonSchema[]
}

const isPath = ({ maxLength }: JsonSchema): boolean => maxLength === 4096
const holdsPath = (schema: JsonSchema): boolean => JSON.stringify(schema).includes('"maxLength":4096')

/** An input as the contract describes it in JSON Schema, with a path wherever one may stand. */
function exampleOf(schema: JsonSchema, nextPath: () => string): unknown {
  const options = schema.oneOf ?? schema.anyOf
  if (options !== undefined) return exampleOf(options.find(holdsPath) ?? (options[0] as JsonSchema), nextPath)
  if (isPath(schema)) return nextPath()
  if (schema.const !== undefined) return schema.const
  if (schema.enum !== undefined) return schema.enum[0]
  if (schema.type === 'object') {
    const properties = Object.entries(schema.properties ?? {})
    return Object.fromEntries(properties.map(([key, property]) => [key, exampleOf(property, nextPath)]))
  }
  if (schema.type === 'array') {
    const isNeeded = schema.items && ((schema.minItems ?? 0) > 0 || holdsPath(schema.items))
    return isNeeded ? [exampleOf(schema.items as JsonSchema, nextPath)] : []
  }
  if (schema.type === 'boolean') return false
  if (schema.type === 'string') return 'x'
  return schema.minimum ?? (schema.exclusiveMinimum ?? 0) + 1
}

/** A place for a path in a procedure's input. */
interface PathPlace {
  name: string
  call: (client: Client, path: string, elsewhere: string) => Promise<unknown>
}

function pathPlacesOf(node: object, names: string[] = []): PathPlace[] {
  if (!('~orpc' in node)) {
    return Object.entries(node).flatMap(([name, child]) => pathPlacesOf(child as object, [...names, name]))
  }
  const { inputSchema } = node['~orpc'] as { inputSchema?: z.ZodType }
  if (inputSchema === undefined) return []
  const schema = z.toJSONSchema(inputSchema, { unrepresentable: 'any' }) as JsonSchema
  let places = 0
  exampleOf(schema, () => String(places++))
  return Array.from({ length: places }, (_, place) => ({
    name: `${names.join('.')} ${place}`,
    call: async (client, path, elsewhere) => {
      let at = 0
      const input = exampleOf(schema, () => (at++ === place ? path : elsewhere))
      const call = names.reduce<unknown>((part, name) => (part as Record<string, unknown>)[name], client)
      const answer = await (call as AnyCall)(input)
      if (isIterator(answer)) for await (const _ of answer);
    },
  }))
}

function isIterator(answer: unknown): answer is AsyncIterable<unknown> {
  return typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer
}

const pathPlaces = pathPlacesOf(contract)

/** A served folder, one beside it that is not, and ways from the one to the other. */
function makeFolders(): { served: string; outside: string } {
  const parent = realpathSync(temporaryFolder())
  const served = join(parent, 'served')
  const outside = join(parent, 'served-not')
  mkdirSync(join(served, 'images'), { recursive: true })
  mkdirSync(outside)
  writeFileSync(join(outside, 'secret.tif'), '')
  symlinkSync(outside, join(served, 'link'))
  symlinkSync(join(outside, 'to-be-made'), join(served, 'dangling'))
  symlinkSync(join(served, 'circle'), join(served, 'circle'))
  symlinkSync('images', join(served, 'inner'))
  return { served, outside }
}

async function connect(served: string): Promise<Client> {
  const application = await startApplication([served])
  const { client, disconnect } = connectByPort(application)
  onTestFinished(() => {
    disconnect()
    application.closeProject()
  })
  return client
}

async function refusal(call: Promise<unknown>): Promise<unknown> {
  const [error] = await safe(call)
  return (error as { data?: { code: string } } | null)?.data?.code
}

test('the places for paths are found', () => {
  const names = pathPlaces.map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(['projects.open 0', 'images.add 0', 'settings.change 0']))
})

test.each(pathPlaces)('$name: no path leads out of the served folders', async ({ call }) => {
  const { served, outside } = makeFolders()
  const client = await connect(served)
  await client.projects.create({ folder: join(served, 'project'), name: 'Yeast' })
  const out = [
    outside,
    join(outside, 'secret.tif'),
    join(outside, 'missing'),
    '/',
    '/etc/passwd',
    `${served}/../served-not`,
    `${served}/images/../../served-not`,
    `${served}/link/../served/images`,
    join(served, 'link'),
    join(served, 'link', 'secret.tif'),
    join(served, 'link', 'new'),
    join(served, 'dangling'),
    join(served, 'dangling', 'new'),
    join(served, 'circle'),
    `${served}-not`,
    '\\\\server\\share',
    'images',
  ]
  for (const path of out) {
    const code = path.startsWith('/') ? 'path-not-served' : 'path-not-absolute'
    expect(await refusal(call(client, path, join(served, 'images'))), path).toBe(code)
  }
})

test('paths within the served folders are taken, also by links and not yet there', async () => {
  const { served } = makeFolders()
  const client = await connect(served)
  for (const path of [served, join(served, 'images'), join(served, 'inner'), `${served}/./images/`]) {
    expect(await client.folders.list({ folder: path }), path).toMatchObject({ folder: path })
  }
  expect(await client.projects.create({ folder: join(served, 'inner', 'a', 'b'), name: 'B' })).toBeDefined()
})

test('folders are listed for a person: no hidden ones, no links out, folders first, projects marked', async () => {
  const { served } = makeFolders()
  const client = await connect(served)
  await client.projects.create({ folder: join(served, 'yeast 10'), name: 'Yeast' })
  mkdirSync(join(served, 'yeast 9'))
  mkdirSync(join(served, '.hidden'))
  for (const name of ['t10.TIF', 't2.tif', 'notes.txt']) writeFileSync(join(served, name), '')

  expect(await client.folders.roots()).toEqual([
    { name: served, path: served, kind: 'folder', project: false },
  ])
  const { parent, entries } = await client.folders.list({ folder: served })
  expect(parent).toBeNull()
  expect(entries.map(({ name, kind, project }) => `${name} ${kind}${project ? ' project' : ''}`)).toEqual([
    'images folder',
    'inner folder',
    'yeast 9 folder',
    'yeast 10 folder project',
    'notes.txt file',
    't2.tif image',
    't10.TIF image',
  ])
  expect(await client.folders.list({ folder: join(served, 'images') })).toMatchObject({ parent: served })

  const made = await client.folders.make({ folder: join(served, 'images'), name: 'day 1' })
  expect(made).toEqual({
    name: 'day 1',
    path: join(served, 'images', 'day 1'),
    kind: 'folder',
    project: false,
  })
  expect(await refusal(client.folders.make({ folder: join(served, 'images'), name: 'day 1' }))).toBe(
    'folder-exists',
  )
  for (const name of ['..', '.', 'a/b', '../x', 'a\\b', 'NUL:', 'x.', '.hidden', 'a\0b']) {
    expect(await refusal(client.folders.make({ folder: served, name })), name).toBe('name-unusable')
  }
  expect(await refusal(client.folders.list({ folder: join(served, 'missing') }))).toBe('folder-unreadable')
  expect(await refusal(client.folders.list({ folder: join(served, 't2.tif') }))).toBe('folder-unreadable')
})

test('a new project is suggested in a served folder, and recent ones elsewhere are not shown', async () => {
  const { served, outside } = makeFolders()
  const application = await startApplication([served])
  await application.recent.add(outside, 'Elsewhere')
  await application.recent.add(join(served, 'yeast'), 'Yeast')
  const { client, disconnect } = connectByPort(application)
  onTestFinished(disconnect)
  expect(await client.projects.recent()).toMatchObject([{ name: 'Yeast', missing: true }])
  expect(await client.projects.suggestFolder({ name: 'A/B' })).toEqual({ folder: join(served, 'A B') })
})
