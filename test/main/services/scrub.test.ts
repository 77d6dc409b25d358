import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { scrub, scrubStack } from '../../../src/main/services/scrub.ts'

const letters = Array.from('abcdefghijklmnopqrstuvwxyzABCDEFäöüßéñøлопат細胞菌0123456789')
/** A part of a name that no message of ours has: marked, so that it is found wherever it is left. */
const word = fc
  .array(fc.constantFrom(...letters), { minLength: 3, maxLength: 8 })
  .map((each) => `q7${each.join('')}`)
const segment = fc
  .array(word, { minLength: 1, maxLength: 3 })
  .chain((words) =>
    fc.constantFrom(' ', '-', '_', '.', ', ', ' & ', "'").map((between) => words.join(between)),
  )
const path = fc
  .tuple(
    fc.constantFrom('/', 'C:\\', '\\\\server\\', '/mnt/', 'file:///', '~/', 'D:/'),
    fc.array(segment, { minLength: 1, maxLength: 4 }),
    fc.constantFrom('.tif', '.ome.tiff', '.png', '.safetensors', ''),
  )
  .map(([root, parts, ending]) => root + parts.join(root.includes('\\') ? '\\' : '/') + ending)
/** Messages as the application makes them. */
const template = fc.constantFrom(
  (name: string) => `${name} holds no image.`,
  (name: string) => `The label map has 64x64 pixels, its image ${name} has 32x32.`,
  (name: string) => `The image is cut (${name}): 12 bytes are missing. It may have been copied in part.`,
  (name: string) => `ENOENT: no such file or directory, open '${name}'`,
  (name: string) => `${name}: could not be written: the disk is full. Free some space.`,
  (name: string) => `There is a class called "${name}" already.`,
  (name: string) => `Not read:\n${name}\nThe rest went on.`,
)

describe('a message', () => {
  test('keeps nothing of a path, whether it is known or not', () => {
    fc.assert(
      fc.property(path, template, fc.boolean(), (name, message, isKnown) => {
        expect(scrub(message(name), isKnown ? [name] : [])).not.toMatch(/q7/)
      }),
      { numRuns: 2000 },
    )
  })

  test('keeps nothing of a known name, however it is written in', () => {
    fc.assert(
      fc.property(segment, template, (name, message) => {
        expect(scrub(message(name), [`/data/plates/${name}.tif`])).not.toMatch(/q7/)
        expect(scrub(message(`${name}.png`), [name])).not.toMatch(/q7/)
      }),
      { numRuns: 1000 },
    )
  })

  test('keeps nothing of the name of a file that nobody knows', () => {
    fc.assert(
      fc.property(segment, template, (name, message) => {
        expect(scrub(message(`${name}.tif`))).not.toMatch(/q7/)
      }),
      { numRuns: 1000 },
    )
  })

  test('that names nothing stays as it is, with its figures', () => {
    const message =
      "ONNX Runtime 1.30.0 could not run: 12.5 MB are missing. Training needs 3 GB, and 1.5 GB are free. It's full."
    expect(scrub(message, ['/data/plates', 'Yeast'])).toBe(message)
  })
})

test('of where it was thrown, our own source is told and no folder of this computer', () => {
  const frames = scrubStack(new Error('secret').stack)
  expect(frames).toEqual([])
  const stack = [
    'Error: could not open /home/q7ann/plates/a.tif',
    '    at TiffSource.read (file:///home/q7ann/segscope/src/main/imaging/tiff/tiff-source.ts:12:34)',
    '    at async Object.run (/home/q7ann/my segscope/out/main/jobs/training-job.js:1:2)',
    '    at C:\\Users\\q7ann\\segscope\\src\\model\\plan\\plan.ts:5:6',
    '    at q7plates (/home/q7ann/experiments/src/q7plates.ts:1:1)',
    '    at node:internal/process/task_queues:105:5',
  ]
  expect(scrubStack(stack.join('\n'))).toEqual([
    'TiffSource.read src/main/imaging/tiff/tiff-source.ts:12:34',
    'Object.run out/main/jobs/training-job.js:1:2',
    'src\\model\\plan\\plan.ts:5:6',
  ])
})
