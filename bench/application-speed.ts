import type { Browser } from 'playwright-core'
import { startBrowser } from '../e2e/browser.ts'
import { browsedImages, browsedSide, measureBrowsing } from './application/browsing.ts'
import { measureFolderDoors } from './application/folder-doors.ts'
import { measureOpening, openedImages } from './application/opening.ts'
import { measurePaintingWhileTraining } from './application/painting-while-training.ts'
import { largePredictedSide, measurePredicting, predictedSide } from './application/predicting.ts'
import { measureRepeatedTraining, trainings } from './application/repeated-training.ts'
import { measureStroke, paintedSide } from './application/stroke.ts'
import type { Parts } from './parts.ts'
import type { Figure } from './report.ts'

/** A figure, and how it is taken from what a part has measured. */
type FigureOf<Speed> = readonly [
  key: string,
  name: string,
  unit: Figure['unit'],
  of: (speed: Speed) => number | undefined,
]

const brush = `40-pixel brush on ${paintedSide} x ${paintedSide}`
const measured: readonly ((parts: Parts) => Promise<Figure[]>)[] = [
  part('a stroke', measureStroke, [
    ['stroke_to_screen_ms', `stroke to screen, ${brush}`, 'ms', (stroke) => stroke.toScreenMilliseconds],
    ['stroke_events_dropped', 'places of the pointer that were not painted', '', (stroke) => stroke.dropped],
    [
      'saving_long_frames',
      'frames over 50 ms while a stroke is saved',
      '',
      (stroke) => stroke.longFramesWhileSaving,
    ],
  ]),
  part('opening a project', measureOpening, [
    [
      'open_10000_images_ms',
      `opening a project of ${openedImages} images, second time`,
      'ms',
      (opening) => opening.openMilliseconds,
    ],
    [
      'scroll_frames_per_second',
      'scrolling them',
      'frames a second',
      ({ scrolling }) => scrolling.framesPerSecond,
    ],
    ['scroll_frame_ms', 'a frame of that, median', 'ms', ({ scrolling }) => scrolling.medianMilliseconds],
    [
      'scroll_slow_frame_ms',
      'one in twenty takes longer than',
      'ms',
      ({ scrolling }) => scrolling.slowMilliseconds,
    ],
  ]),
  part('browsing', async (browser) => ({ megabytes: await measureBrowsing(browser) }), [
    [
      'renderer_memory_mb',
      `memory of the page after ${browsedImages} images of ${browsedSide} x ${browsedSide}`,
      'MB',
      ({ megabytes }) => megabytes,
    ],
  ]),
  part('painting while training', measurePaintingWhileTraining, [
    [
      'training_quick_frames_percent',
      'while training on all cores: under 100 ms',
      '% of frames',
      (training) => 100 * training.quickFrames,
    ],
    [
      'training_stroke_to_screen_ms',
      'stroke to screen meanwhile',
      'ms',
      (training) => training.toScreenMilliseconds,
    ],
  ]),
  part('predicting', measurePredicting, [
    [
      'prediction_first_ms',
      `predicting ${predictedSide} x ${predictedSide}, first time after a start`,
      'ms',
      (predicting) => predicting.firstMilliseconds,
    ],
    ['prediction_ms', 'the next image', 'ms', (predicting) => predicting.nextMilliseconds],
    ['prediction_again_ms', 'the same view again', 'ms', (predicting) => predicting.againMilliseconds],
    [
      'prediction_large_middle_ms',
      `in ${largePredictedSide} x ${largePredictedSide} at one to one: the middle of the view`,
      'ms',
      (predicting) => predicting.middleMilliseconds,
    ],
    ['prediction_large_ms', 'all of that view', 'ms', (predicting) => predicting.largeMilliseconds],
  ]),
  part('a folder by both doors', measureFolderDoors, [
    ['folder_application_s', 'a folder through the application', 's', (folder) => folder.applicationSeconds],
    ['folder_command_line_s', 'the same by the command line', 's', (folder) => folder.commandLineSeconds],
  ]),
  part('repeated training', measureRepeatedTraining, [
    [
      'training_memory_growth_main_mb',
      `main process, more after ${trainings} trainings than after one`,
      'MB',
      (growth) => growth.main,
    ],
    ['training_memory_growth_page_mb', 'the page, likewise', 'MB', (growth) => growth.page],
  ]),
]

/** The application in headless browsers with software graphics, through the browser door. It must be built. */
export async function measureApplication(parts: Parts): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const measure of measured) figures.push(...(await measure(parts)))
  return figures
}

/** A part with a browser of its own: one that dies takes no other part along. */
function part<Speed>(
  name: string,
  measure: (browser: Browser) => Promise<Speed>,
  figures: readonly FigureOf<Speed>[],
): (parts: Parts) => Promise<Figure[]> {
  return async (parts) => {
    const speed = await parts.run(name, async () => {
      const { browser, stop } = await startBrowser()
      try {
        return await measure(browser)
      } finally {
        await stop()
      }
    })
    return figures.map(([key, title, unit, of]) => {
      return { key, name: title, unit, value: speed === undefined ? 'failed' : of(speed) }
    })
  }
}
