import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { checkpointRow } from '../../../src/main/services/experiment-rows.ts'
import { exportCheckpoint, importCheckpoint } from '../../../src/main/services/checkpoint-files.ts'
import { createProject, type Project } from '../../../src/main/services/project.ts'
import { ProjectClasses } from '../../../src/main/services/project-classes.ts'
import { readCheckpoint, writeCheckpoint } from '../../../src/model/weights/checkpoint.ts'
import type { Checkpoint } from '../../../src/preload/contract/experiments.ts'
import { smallNetwork, writeRandomCheckpoint } from '../../endurance/random-checkpoint.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const engine = { name: 'none', version: '0', device: 'cpu', threads: 1 }
const scores = { dice: [0.9, 0.8, 0.7], iou: [0.8, 0.7, 0.6] }

let folder: string
/** A checkpoint's file as a training leaves it: of three classes, by the names that it learnt. */
let trained: string

async function newProject(name: string): Promise<Project> {
  const project = await createProject(join(folder, name), { door: 'command line', name })
  onTestFinished(() => project.close())
  return project
}

async function importedRow(project: Project, file: string): Promise<Checkpoint> {
  const record = project.checkpoints.find(await importCheckpoint(project, file))
  if (record === undefined) throw new Error('It was not imported.')
  return await checkpointRow(project, record)
}

beforeEach(async () => {
  folder = temporaryFolder()
  trained = join(folder, 'trained.safetensors')
  const network = { ...smallNetwork, classes: 3 }
  const plan = { network, classNames: ['background', 'cell', 'debris'] }
  await writeRandomCheckpoint(trained, network, {
    ...plan,
    classSampling: [0, 0, 0],
    classWeights: [1, 1, 1],
  })
  const { header, weights } = await readCheckpoint(trained)
  await writeCheckpoint(trained, { ...header, scores }, weights)
})

test('an exported checkpoint carries the classes as its project calls and colours them, to any other project', async () => {
  const home = await newProject('home')
  const classes = new ProjectClasses(home)
  classes.add('cell', '#AA0011')
  classes.add('bubble')
  classes.add('debris', '#00BB22')
  const { header } = await readCheckpoint(trained)
  const experiment = home.experiments.create({
    plan: header.plan,
    parameters: { classValues: '0,1,3' },
    versions: {},
    engine,
    images: [],
  })
  const id = home.checkpoints.saveTrained(experiment, 'best', { file: trained, step: 0, scores, bytes: 1 })
  classes.change(1, { name: 'nucleus' })
  const file = join(folder, 'carried.safetensors')
  await exportCheckpoint(home, id, { file, format: { kind: 'safetensors' }, replace: false })

  const row = await importedRow(await newProject('elsewhere'), file)
  expect(row.classes.slice(1)).toEqual([
    { name: 'nucleus', colour: '#AA0011' },
    { name: 'debris', colour: '#00BB22' },
  ])
  expect(row.dice.map(({ name }) => name)).toEqual(['background', 'nucleus', 'debris'])
  const [before, after] = [await readCheckpoint(trained), await readCheckpoint(file)]
  expect(after.weights).toEqual(before.weights)
  expect(after.header.plan).toEqual(before.header.plan)
})

test('a file from before classes were carried has the names that it learnt, and the usual colours', async () => {
  const row = await importedRow(await newProject('elsewhere'), trained)
  expect(row.classes).toEqual([
    { name: 'background', colour: '#8A8F98' },
    { name: 'cell', colour: '#E69F00' },
    { name: 'debris', colour: '#56B4E9' },
  ])
  expect(row.dice.map(({ name }) => name)).toEqual(['background', 'cell', 'debris'])
})
