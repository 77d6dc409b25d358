import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readTrainingData, type TrainingDataRequest } from '../../../src/main/services/training-data.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { writePng } from '../labelled-images.ts'

const side = 32

async function namesOf(request: Partial<TrainingDataRequest> = {}): Promise<string[]> {
  const folder = temporaryFolder()
  const [imagesFolder, labelsFolder] = [join(folder, 'images'), join(folder, 'labels')]
  for (const name of ['a.png', 'b.png']) {
    const mask = Uint8Array.from({ length: side * side }, (_, at) => (at % side < 10 ? 255 : 0))
    writePng(join(imagesFolder, name), side, mask)
    writePng(join(labelsFolder, name), side, mask)
  }
  const asked = { imagesFolder, labelsFolder, ...request }
  const { fingerprint } = await readTrainingData(asked, join(folder, 'converted'), () => undefined)
  return fingerprint.classes.map(({ name }) => name)
}

test('masks make background and foreground, said or guessed, unless they are named', async () => {
  const usual = ['background', 'foreground']
  expect(await namesOf({ labelValues: 'binary' })).toEqual(usual)
  expect(await namesOf()).toEqual(usual)
  expect(await namesOf({ classNames: ['agar', 'colony'] })).toEqual(['agar', 'colony'])
})
