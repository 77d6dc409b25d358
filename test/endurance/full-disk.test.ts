import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdirSync, readdirSync, statfsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { readCheckpoint } from '../../src/model/weights/checkpoint.ts'
import { readLabelMap } from '../../src/main/imaging/read-label-map.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { hasEnded, jobWhen, makeDiscsProject, wishes, withClient } from './discs-project.ts'
import { writeNoiseImage } from './noise-image.ts'
import { smallNetwork, writeRandomCheckpoint } from './random-checkpoint.ts'

/** A file system of some megabytes in memory; undefined where it may not be made. */
function smallDisk(megabytes: number): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined
  const folder = temporaryFolder()
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder])
  if (mounted.status !== 0) return undefined
  onTestFinished(() => {
    spawnSync('umount', ['-l', folder])
  })
  return folder
}

/** Takes all space but some bytes, while others write too. @returns the file that holds it */
function fill(disk: string, left = 0): string {
  const { bavail, bsize } = statfsSync(disk)
  const file = join(disk, 'filler')
  const block = Buffer.alloc(65_536)
  try {
    for (let space = bavail * bsize - left; space > 0; space -= block.length) appendFileSync(file, block)
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOSPC') throw thrown
  }
  return file
}

const probe = process.platform === 'linux' && process.getuid?.() === 0
if (!probe) console.warn('Full disks are not tried: a small file system needs Linux and root.')

test.runIf(probe)(
  'a training whose disk fills up says so, keeps its last good checkpoint, and goes on with space',
  async (context) => {
    // Weights of 40 MB, best and last, and the optimiser's state of 80 MB more; each new one beside the old.
    const disk = smallDisk(700)
    if (disk === undefined) return context.skip('No small file system may be made here.')
    const home = temporaryFolder()
    const project = await makeDiscsProject(temporaryFolder(), home, { project: join(disk, 'project') })
    const checkpoints = join(project, 'checkpoints')
    await withClient(project, home, async (client) => {
      const { job } = await client.training.start({ ...wishes, minutes: 1 })
      while (!readdirSync(checkpoints).some((name) => name.endsWith('-best.safetensors'))) await wait(50)
      const filler = fill(disk)
      const failed = await jobWhen(client, job, hasEnded)
      expect(failed).toMatchObject({
        state: 'failed',
        problem: {
          code: 'disk-full',
          message: expect.stringMatching(/full|no space left/) as string,
          remedy: expect.stringMatching(/[Ff]ree some space/) as string,
        },
      })
      const [best] = readdirSync(checkpoints).filter((name) => name.endsWith('-best.safetensors'))
      expect((await readCheckpoint(join(checkpoints, best ?? ''))).weights.size).toBeGreaterThan(100)
      expect(readdirSync(checkpoints).filter((name) => name.includes('partial'))).toEqual([])
      await rm(filler)
      // It is written down as soon as there is space.
      const status = async () => (await client.experiments.list())[0]?.status
      await expect.poll(status, { timeout: 20_000 }).toBe('failed')
      const [experiment] = await client.experiments.list()
      expect(experiment?.failure).toMatch(/full|no space left/)
      // There is a way on.
      const again =
        experiment?.canResume === true
          ? await client.training.resume({ experiment: experiment.id })
          : await client.training.start(wishes)
      expect(await jobWhen(client, again.job, hasEnded)).toMatchObject({ state: 'finished' })
    })
  },
)

test.runIf(probe)(
  "a folder's run whose disk fills up says so, leaves nothing half written, and goes on with space",
  async (context) => {
    const disk = smallDisk(40)
    if (disk === undefined) return context.skip('No small file system may be made here.')
    const [folder, home] = [temporaryFolder(), temporaryFolder()]
    const images = join(folder, 'noise')
    mkdirSync(images)
    for (let image = 0; image < 6; image++)
      await writeNoiseImage(join(images, `${image}.tif`), 700, 600, image)
    const project = await makeDiscsProject(folder, home)
    const checkpoint = join(folder, 'small.safetensors')
    await writeRandomCheckpoint(checkpoint, smallNetwork)
    await withClient(project, home, async (client) => {
      await client.checkpoints.import({ file: checkpoint })
      const request = {
        what: { kind: 'folder' as const, folder: images },
        checkpoint: 'small',
        outFolder: join(disk, 'out'),
        ...{ probabilities: true, overlays: false, measurements: false, flips: false, overwrite: false },
      }
      // Room for a few results.
      const filler = fill(disk, 12_000_000)
      const first = await jobWhen(client, (await client.segmentation.start(request)).job, hasEnded)
      const told = [first.problem, ...(first.files?.failed ?? []).map(({ problem }) => problem)].filter(
        (problem) => problem !== undefined,
      )
      expect(told.length).toBeGreaterThan(0)
      for (const problem of told) expect(problem).toMatchObject({ code: 'disk-full' })
      for (const name of readdirSync(request.outFolder).filter((each) => /^\d\.tif$/.test(each))) {
        expect((await readLabelMap(join(request.outFolder, name), 'classes', 5)).values.length).toBe(
          700 * 600,
        )
      }
      expect(readdirSync(request.outFolder).filter((name) => name.includes('partial'))).toEqual([])
      await rm(filler)
      // 6 x 8.8 MB of probabilities do not fit: label maps alone do.
      const second = { ...request, outFolder: join(disk, 'labels'), probabilities: false }
      await rm(request.outFolder, { recursive: true })
      expect(await jobWhen(client, (await client.segmentation.start(second)).job, hasEnded)).toMatchObject({
        state: 'finished',
        files: { done: 6, failed: [] },
      })
    })
  },
)

test.runIf(probe)(
  'what cannot be saved on a full disk is refused with a clear message, and the database stays sound',
  async (context) => {
    const disk = smallDisk(40)
    if (disk === undefined) return context.skip('No small file system may be made here.')
    const home = temporaryFolder()
    const project = await makeDiscsProject(temporaryFolder(), home, { project: join(disk, 'project') })
    await withClient(project, home, async (client) => {
      const filler = fill(disk)
      let refused: unknown
      for (let change = 0; change < 2000 && refused === undefined; change++) {
        try {
          await client.classes.add({ name: `class ${change}` })
        } catch (thrown) {
          refused = thrown
        }
      }
      expect(refused).toMatchObject({
        data: { code: 'disk-full', remedy: expect.stringMatching(/Free some space/) as string },
      })
      await rm(filler)
      await client.classes.add({ name: 'after' })
    })
    const database = new Database(join(project, 'segscope.db'))
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok')
    database.close()
  },
)
