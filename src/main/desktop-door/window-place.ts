import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type BrowserWindow, type Rectangle, screen } from 'electron'
import { z } from 'zod'
import { writeFileAtomically } from '../../model/files/atomic-write.ts'
import { placeOnDisplays } from './place-on-displays.ts'

const fileName = 'window.json'

const placeSchema = z.object({
  x: z.int(),
  y: z.int(),
  width: z.int().positive(),
  height: z.int().positive(),
  maximized: z.boolean(),
})

const usual = { width: 1280, height: 800, maximized: false }

/** Where the window was last; the usual size, in the middle, where that is not known or not on any display now. */
export async function readWindowPlace(folder: string): Promise<Partial<Rectangle> & { maximized: boolean }> {
  let kept: z.infer<typeof placeSchema>
  try {
    kept = placeSchema.parse(JSON.parse(await readFile(join(folder, fileName), 'utf8')))
  } catch {
    // Nothing that a person made is lost with it.
    return usual
  }
  const { maximized, ...place } = kept
  const workAreas = screen.getAllDisplays().map((display) => display.workArea)
  return { ...(placeOnDisplays(place, workAreas) ?? { width: usual.width, height: usual.height }), maximized }
}

export async function keepWindowPlace(folder: string, window: BrowserWindow): Promise<void> {
  const place = { ...window.getNormalBounds(), maximized: window.isMaximized() }
  await mkdir(folder, { recursive: true })
  await writeFileAtomically(join(folder, fileName), [Buffer.from(JSON.stringify(place))])
}
