import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InferenceSession, Tensor } from '../../../src/model/engine/onnxruntime/library.ts'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { readLabelMap } from '../../../src/main/imaging/read-label-map.ts'
import { openProjectReadOnly } from '../../../src/main/services/project.ts'
import { defaultEngine, installedVersion, loadEngine } from '../../../src/model/engine/engines.ts'
import { RandomGenerator } from '../../../src/model/random.ts'
import { readCheckpoint } from '../../../src/model/weights/checkpoint.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { imageNames, type LabelledFolders, writeLabelledImages, writePng } from '../labelled-images.ts'
import { installBrokenRuntime } from '../runtime/broken-runtime.ts'
import { type Ended, lineOf, segscope } from './segscope-process.ts'

const classNames = ['ground', 'disc', 'rim']
const training = [
  '--label-values',
  'classes',
  '--class-names',
  classNames.join(),
  '--steps',
  '6',
  '--seed',
  '5',
  '--decoder',
  'slim',
]

/** The folders of a training, as options. */
function dataOf({ images, labels }: LabelledFolders): string[] {
  return ['--images', images, '--labels', labels]
}

let folder: string
let data: LabelledFolders
let project: string
let trained: Ended
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'segscope-commands-'))
  data = writeLabelledImages(folder)
  project = join(folder, 'project')
  trained = await segscope(['train', ...dataOf(data), '--project', project, ...training])
}, 120_000)
afterAll(() => {
  rmSync(folder, { recursive: true })
})

function trainedCheckpoint(): { id: string; file: string } {
  const id = lineOf(trained, 'result')?.['checkpoint'] as string
  return { id, file: join(project, 'checkpoints', `${id}.safetensors`) }
}

/** What was said of the plan. */
function decisionsOf({ lines }: Ended): string[] {
  return lines.filter(({ kind }) => kind === 'info').map(({ message }) => String(message))
}

/** The losses of a project's only experiment. */
async function lossesOf(projectFolder: string): Promise<number[]> {
  const opened = await openProjectReadOnly(projectFolder, { door: 'command line' })
  try {
    const [experiment] = opened.experiments.list()
    return opened.metrics.steps(experiment?.id ?? '').map(({ loss }) => loss)
  } finally {
    opened.close()
  }
}

describe('train', () => {
  test('ends with the experiment, its checkpoint and its scores; checkpoints lists them', async () => {
    expect(trained).toMatchObject({ status: 0, stderr: '' })
    const result = lineOf(trained, 'result')
    const score = expect.any(Number) as unknown
    const scores = { ground: score, disc: score, rim: score }
    expect(result).toMatchObject({ reason: 'all steps done', step: 6, dice: scores, iou: scores })
    expect(trained.lines.at(-1)).toBe(result)
    expect(trained.lines.filter(({ kind }) => kind === 'progress').length).toBeGreaterThan(2)
    const listed = await segscope(['checkpoints', '--project', project])
    expect(listed.status).toBe(0)
    const { id, file } = trainedCheckpoint()
    expect(lineOf(listed, 'result')).toMatchObject({
      experiments: [
        {
          id: result?.['experiment'],
          status: 'finished',
          checkpoints: expect.arrayContaining([
            expect.objectContaining({ id, kind: 'best', file, dice: result?.['dice'] }),
            expect.objectContaining({ kind: 'last', step: 6 }),
          ]) as unknown,
        },
      ],
    })
  })

  test('stops at Ctrl+C with status 130 and saves; resumed, it gives the losses of a run never stopped', async () => {
    const other = join(temporaryFolder(), 'project')
    const stopped = await segscope(
      ['train', ...dataOf(data), '--project', other, ...training],
      (line, kill) => {
        if (line.kind === 'progress' && /^step \d/.test(String(line['label']))) kill('SIGINT')
      },
    )
    expect(stopped.status).toBe(130)
    const result = lineOf(stopped, 'result')
    expect(result).toMatchObject({ reason: 'stopped' })
    expect(result?.['step']).toBeLessThan(6)
    const resumed = await segscope(['train', '--project', other, '--resume', String(result?.['experiment'])])
    expect(resumed.status).toBe(0)
    expect(lineOf(resumed, 'result')).toMatchObject({
      ...lineOf(trained, 'result'),
      experiment: result?.['experiment'],
      checkpoint: expect.any(String) as string,
    })
    expect(await lossesOf(other)).toEqual(await lossesOf(project))
  })

  test('says what is wrong with the labels, leaves it out, and stops where nothing is left', async () => {
    const here = temporaryFolder()
    const flawed = writeLabelledImages(here, { names: ['a', 'b', 'c', 'd'] })
    for (const name of ['a', 'b', 'c']) {
      const { values } = await readLabelMap(join(flawed.labels, `${name}.png`), 'classes')
      const unpainted = values.map((value) => (value === 1 ? 255 : value))
      writePng(join(flawed.labels, `${name}.png`), 64, unpainted)
    }
    writePng(join(flawed.labels, 'd.png'), 32, new Uint8Array(32 * 32))
    writeFileSync(join(flawed.images, 'e.tif'), 'no image at all')
    const project = join(here, 'project')
    const options = ['--project', project, ...training, '--steps', '1']
    const warned = await segscope(['train', ...dataOf(flawed), ...options])
    expect(warned.status).toBe(0)
    const warnings = warned.lines
      .filter(({ kind }) => kind === 'warning')
      .map(({ message }) => String(message))
    expect(warnings).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/Not one pixel is labelled as disc \(value 1\)/),
        expect.stringMatching(/another size .*32 ?x ?32/),
        expect.stringMatching(/e\.tif/),
      ]),
    )

    for (const name of ['a', 'b', 'c'])
      writePng(join(flawed.labels, `${name}.png`), 32, new Uint8Array(32 * 32))
    const refused = await segscope(['train', ...dataOf(flawed), ...options])
    expect(refused.status).toBe(1)
    expect(lineOf(refused, 'error')).toMatchObject({
      code: 'not-ready-to-train',
      error: expect.stringMatching(/another size/) as string,
    })
    expect(refused.stderr).toMatch(/another size/)
    expect(lineOf(refused, 'result')).toBeUndefined()
  })

  test('starts from the network that comes with Segscope, or from nothing where that is asked for', async () => {
    const other = join(temporaryFolder(), 'project')
    const anew = await segscope([
      ...['train', ...dataOf(data), '--project', other, ...training, '--steps', '1', '--from-scratch'],
    ])
    expect(anew.status).toBe(0)
    expect(decisionsOf(anew)).toContainEqual(expect.stringMatching(/Start: from scratch/))
    expect(decisionsOf(trained)).toContainEqual(expect.stringMatching(/Start: from Segscope's own network/))
    // The same seed, and so the same patches.
    expect((await lossesOf(other))[0]).not.toBe((await lossesOf(project))[0])
  })

  test('takes the decoder that is asked for, but no other than that of a checkpoint it starts from', async () => {
    const { file } = trainedCheckpoint()
    expect((await readCheckpoint(file)).network.description.decoder).toBe('slim')
    const refused = await segscope([
      ...['train', ...dataOf(data), '--project', join(temporaryFolder(), 'project')],
      ...[...training, '--weights', file, '--decoder', 'pix2pix'],
    ])
    expect(refused.status).toBe(1)
    expect(lineOf(refused, 'error')).toMatchObject({
      code: 'decoder-differs',
      error: expect.stringMatching(/has the decoder "slim", not "pix2pix"/) as string,
    })
  })

  test('starts from a checkpoint with other classes, and leaves a frozen encoder as it was', async () => {
    const here = temporaryFolder()
    const binary = { images: data.images, labels: join(here, 'labels') }
    for (const name of imageNames) {
      const { values } = await readLabelMap(join(data.labels, `${name}.png`), 'binary')
      writePng(join(binary.labels, `${name}.png`), 64, values)
    }
    const { file } = trainedCheckpoint()
    const transferred = await segscope([
      ...['train', ...dataOf(binary), '--project', join(here, 'project')],
      ...['--weights', file, '--freeze-encoder', '--steps', '2'],
    ])
    expect(transferred).toMatchObject({ status: 0, stderr: '' })
    const checkpoint = `${String(lineOf(transferred, 'result')?.['checkpoint'])}.safetensors`
    const source = await readCheckpoint(file)
    const { network, weights } = await readCheckpoint(join(here, 'project/checkpoints', checkpoint))
    expect(network.classes).toBe(2)
    const isSame = (name: string): boolean =>
      Buffer.from((weights.get(name)?.data as Float32Array).buffer).equals(
        Buffer.from((source.weights.get(name)?.data as Float32Array).buffer),
      )
    const changed = [...weights.keys()].filter((name) => !isSame(name))
    expect(changed).toContain('head.kernel')
    expect(changed).toContain('decoder_0.kernel')
    expect(changed.filter((name) => !/^(head|decoder)/.test(name))).toEqual([])
  })
})

describe('segment, evaluate, export', () => {
  test('segment writes a label map for each image, lists a broken one, and does nothing twice', async () => {
    const here = temporaryFolder()
    const { images } = writeLabelledImages(here, { names: ['a', 'day 2/b'], side: 96 })
    mkdirSync(join(images, 'day 1'))
    writeFileSync(join(images, 'day 1/broken.tif'), Buffer.from('II*\0\x08\0\0\0 cut'))
    const out = join(here, 'out')
    const options = ['--checkpoint', trainedCheckpoint().id, '--project', project, '--out', out]
    const first = await segscope(['segment', '--images', images, ...options])
    expect(first.status).toBe(3)
    expect(first.lines.filter(({ kind }) => kind === 'failed')).toMatchObject([
      { file: 'day 1/broken.tif', error: expect.stringContaining('broken.tif') as string },
    ])
    expect(lineOf(first, 'result')).toMatchObject({ done: 2, skipped: 0, failed: 1 })
    for (const name of ['a', 'day 2/b']) {
      const { width, height, values } = await readLabelMap(join(out, `${name}.tif`), 'classes', 3)
      expect([width, height, values.length]).toEqual([96, 96, 96 * 96])
    }
    expect(existsSync(join(out, 'day 1/broken.tif'))).toBe(false)
    const second = await segscope(['segment', '--images', images, ...options, '--write', 'hdf5,coco'])
    expect(lineOf(second, 'result')).toMatchObject({ done: 0, skipped: 2, failed: 1 })
    for (const file of ['hdf5/a.h5', 'hdf5/day 2/b.h5', 'coco.json'])
      expect(existsSync(join(out, file)), file).toBe(true)
  })

  test('segment finds objects with Segscope’s own network, without a training', async () => {
    const out = temporaryFolder()
    const options = ['--images', data.images, '--checkpoint', 'starting-network', '--out', out]
    expect((await segscope(['segment', ...options])).status).toBe(0)
    const [object, outline] = [1, 2]
    const { values } = await readLabelMap(join(out, 'f1.tif'), 'classes', 3)
    expect([...new Set(values)].sort()).toEqual([0, object, outline])
  })

  test('ONNX Runtime gathers nothing to send: a run leaves nothing but its results', async () => {
    const home = temporaryFolder()
    const folders = { HOME: join(home, 'home'), TMPDIR: join(home, 'temporary') }
    for (const each of Object.values(folders)) mkdirSync(each)
    // Where it is told that it is tested, or not to tell, it is silent anyway.
    const silencing = ['CI', 'ORT_DISABLE_TELEMETRY', 'XDG_CACHE_HOME', 'XDG_CONFIG_HOME']
    const kept = Object.entries(process.env).filter(([name]) => !silencing.includes(name))
    const out = join(home, 'out')
    const { status } = await segscope(
      ['segment', '--images', data.images, '--checkpoint', trainedCheckpoint().file, '--out', out],
      undefined,
      { ...Object.fromEntries(kept), ...folders },
    )
    expect(status).toBe(0)
    const left = Object.values(folders).flatMap((each) =>
      readdirSync(each, { encoding: 'utf8', recursive: true }),
    )
    expect(left).toEqual([])
  })

  test('what measured quickest computes; where it does not load, ONNX Runtime does, and that is said', async () => {
    const [runtimes, settings] = [temporaryFolder(), temporaryFolder()]
    installBrokenRuntime(runtimes)
    vi.stubEnv('SEGSCOPE_RUNTIMES', runtimes)
    vi.stubEnv('XDG_CONFIG_HOME', settings)
    onTestFinished(() => void vi.unstubAllEnvs())
    mkdirSync(join(settings, 'segscope'))
    const measured = [
      ['onnxruntime', 50],
      ['tensorflow', 1],
    ].map(([name, forwardMilliseconds]) => ({
      name,
      version: installedVersion(name as string),
      device: 'cpu',
      threads: 2,
      forwardMilliseconds,
      measured: '2026-11-26T10:00:00.000Z',
    }))
    writeFileSync(join(settings, 'segscope', 'engines.json'), JSON.stringify(measured))
    const request = [
      ...['evaluate', ...dataOf(data), '--label-values', 'classes'],
      ...['--checkpoint', trainedCheckpoint().file],
    ]
    const evaluated = await segscope(request)
    expect(evaluated.status).toBe(0)
    expect(evaluated.lines).toContainEqual({
      kind: 'info',
      message: 'Computing with TensorFlow. It predicts quickest of those measured here.',
    })
    expect(lineOf(evaluated, 'warning')?.['message']).toMatch(
      /^TensorFlow cannot be used, so ONNX Runtime computes: TensorFlow does not load: /,
    )
    // One that was named is not replaced.
    const named = await segscope([...request, '--engine', 'tensorflow'])
    expect([named.status, lineOf(named, 'error')?.['code']]).toEqual([1, 'engine-not-loaded'])
  })

  test('evaluate scores the very label maps that segment writes', async () => {
    const out = join(temporaryFolder(), 'out')
    const checkpoint = ['--checkpoint', trainedCheckpoint().file]
    expect((await segscope(['segment', '--images', data.images, ...checkpoint, '--out', out])).status).toBe(0)
    const evaluated = await segscope([
      'evaluate',
      ...dataOf(data),
      '--label-values',
      'classes',
      ...checkpoint,
    ])
    expect(evaluated.status).toBe(0)
    const [both, either] = [
      [0, 0, 0],
      [0, 0, 0],
    ]
    for (const name of imageNames) {
      const truth = await readLabelMap(join(data.labels, `${name}.png`), 'classes')
      const found = await readLabelMap(join(out, `${name}.tif`), 'classes')
      truth.values.forEach((label, pixel) => {
        const other = found.values[pixel] as number
        if (label === other) both[label] = (both[label] as number) + 1
        for (const value of new Set([label, other])) either[value] = (either[value] as number) + 1
      })
    }
    const result = lineOf(evaluated, 'result') as unknown as Record<
      'dice' | 'iou',
      Record<string, number | null>
    >
    expect(lineOf(evaluated, 'result')).toMatchObject({ objectImages: 8, numberedImages: 0 })
    classNames.forEach((name, value) => {
      const [intersection, union] = [both[value] as number, either[value] as number]
      expect(result.iou[name], name).toBeCloseTo(intersection / union, 9)
      expect(result.dice[name], name).toBeCloseTo((2 * intersection) / (union + intersection), 9)
    })
  })

  test('evaluate counts the objects that masks number, also where they touch', async () => {
    const labels = join(temporaryFolder(), 'labels')
    let there = 0
    for (const name of imageNames) {
      const { values, width } = await readLabelMap(join(data.labels, `${name}.png`), 'classes')
      // All that is no ground, cut into columns: each an object of its own, which touches the next.
      const numbers = Uint16Array.from(values, (value, at) =>
        value === 0 ? 0 : 1 + Math.floor((at % width) / 9),
      )
      there += new Set(numbers).size - 1
      writePng(join(labels, `${name}.png`), width, numbers)
    }
    const evaluated = await segscope([
      'evaluate',
      ...dataOf({ images: data.images, labels }),
      ...['--label-values', 'binary', '--split', 'disc=60', '--checkpoint', trainedCheckpoint().file],
    ])
    expect(evaluated.status).toBe(0)
    const { objects, objectF1, ...counted } = lineOf(evaluated, 'result') as unknown as {
      objects: Record<string, { truePositives: number; falsePositives: number; falseNegatives: number }>
      objectF1: Record<string, number | null>
    }
    expect(counted).toMatchObject({ images: 8, objectImages: 8, numberedImages: 8 })
    expect(Object.keys(objects)).toEqual(['disc', 'rim'])
    const { truePositives, falsePositives, falseNegatives } = objects['disc'] as (typeof objects)[string]
    expect(truePositives + falseNegatives).toBe(there)
    expect(objectF1['disc']).toBeCloseTo(
      (2 * truePositives) / (2 * truePositives + falsePositives + falseNegatives),
      12,
    )
  })

  test('export writes a network that gives the same probabilities in ONNX Runtime', async () => {
    const { id, file } = trainedCheckpoint()
    const onnx = join(temporaryFolder(), 'network.onnx')
    const exported = await segscope(['export', '--checkpoint', id, '--project', project, '--onnx', onnx])
    expect(exported).toMatchObject({ status: 0, stderr: '' })
    const random = new RandomGenerator(2)
    const data = Float32Array.from({ length: 2 * 64 * 96 }, () => random.uniform(-1, 1))
    const session = await InferenceSession.create(onnx)
    const { probabilities } = await session.run({ image: new Tensor('float32', data, [2, 1, 64, 96]) })
    await session.release()
    const { network, weights } = await readCheckpoint(file)
    const predictor = await (
      await loadEngine(defaultEngine)
    ).createPredictor(network, weights, { output: 'probabilities' })
    const expected = await predictor.run({ data, batch: 2, channels: 1, height: 64, width: 96 })
    expect(probabilities?.dims).toEqual([2, 3, 64, 96])
    const actual = probabilities?.data as Float32Array
    expect(
      Math.max(...actual.map((value, index) => Math.abs(value - (expected.data[index] as number)))),
    ).toBeLessThan(1e-6)
    await predictor.dispose()
  })

  test.each([
    ['an unknown checkpoint', ['--checkpoint', 'no-such', '--out', 'out'], 1, 'checkpoint-not-found'],
    ['a file that is none', ['--checkpoint', import.meta.filename, '--out', 'out'], 1, 'safetensors'],
    ['no output folder', ['--checkpoint', 'x'], 2, undefined],
    ['a format that is none', ['--checkpoint', 'x', '--out', 'out', '--write', 'geojson,jpeg'], 2, undefined],
  ])('segment with %s ends with a message and its status', async (_, options, status, code) => {
    const ended = await segscope(['segment', '--images', data.images, ...options])
    expect(ended.status).toBe(status)
    expect(ended.stderr).not.toBe('')
    if (code !== undefined) expect(lineOf(ended, 'error')?.['code']).toMatch(code)
  })
})
