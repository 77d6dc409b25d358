import { link, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type RunningApplication, startApplication } from '../../e2e/application.ts'
import { ImageWorkers } from '../../src/main/compute/image-workers.ts'
import { addImages } from '../../src/main/services/add-images.ts'
import { ProjectClasses } from '../../src/main/services/project-classes.ts'
import { createProject, type Project } from '../../src/main/services/project.ts'
import { RandomGenerator } from '../../src/model/random.ts'
import { writeUncompressedTiff } from '../uncompressed-tiff.ts'

/** Starts the application with a project of generated images and one class. @param fill does more to the project */
export async function startWithImages(
  writeImages: (folder: string) => Promise<void>,
  fill?: (project: Project) => Promise<void>,
): Promise<RunningApplication> {
  return await startApplication({
    prepare: async (folder) => {
      const images = join(folder, 'home', 'images')
      await mkdir(images, { recursive: true })
      await writeImages(images)
      const project = await createProject(join(folder, 'home', 'project'), {
        door: 'browser server',
        name: 'bench project',
      })
      new ProjectClasses(project).add('colony')
      const workers = new ImageWorkers()
      for await (const _ of addImages(project, workers, { paths: [images], subfolders: false }));
      await workers.close()
      await fill?.(project)
      project.close()
      return project.folder
    },
  })
}

/** Ten different pictures; the others are further names of theirs, so that the disk need not hold them all. */
export async function writeManyImages(folder: string, count: number, side: number): Promise<void> {
  const different = Math.min(count, 10)
  for (let image = 0; image < different; image++) {
    await writeNoise(join(folder, nameOf(image)), side, image)
  }
  const written = await readdir(folder)
  for (let image = different; image < count; image++) {
    await link(join(folder, written[image % different] as string), join(folder, nameOf(image)))
  }
}

export async function writeNoise(path: string, side: number, seed = 0): Promise<void> {
  const random = new RandomGenerator(seed)
  const samples = new Uint16Array(side * side)
  for (let at = 0; at < samples.length; at++) samples[at] = 500 + 3000 * random.next()
  await writeUncompressedTiff(path, side, side, samples)
}

function nameOf(image: number): string {
  return `field_${String(image).padStart(5, '0')}.tif`
}
