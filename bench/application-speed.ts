import { startBrowser } from '../e2e/browser.ts'
import { browsedImages, browsedSide, measureBrowsing } from './application/browsing.ts'
import { measureFolderDoors } from './application/folder-doors.ts'
import { measureOpening, openedImages } from './application/opening.ts'
import { measurePaintingWhileTraining } from './application/painting-while-training.ts'
import { largePredictedSide, measurePredicting, predictedSide } from './application/predicting.ts'
import { measureRepeatedTraining, trainings } from './application/repeated-training.ts'
import { measureStroke, paintedSide } from './application/stroke.ts'

export interface Figure {
  /** In JSON. */
  key: string
  /** In words. */
  name: string
  /** undefined: the system does not tell. */
  value: number | undefined
  /** '': a count. */
  unit: 'ms' | 's' | 'MB' | '% of frames' | 'frames a second' | ''
}

/** The application in a headless browser with software graphics, through the browser door. It must be built. */
export async function measureApplication(): Promise<Figure[]> {
  const { browser, stop } = await startBrowser()
  try {
    const stroke = await measureStroke(browser)
    const opening = await measureOpening(browser)
    const browsing = await measureBrowsing(browser)
    const training = await measurePaintingWhileTraining(browser)
    const predicting = await measurePredicting(browser)
    const folder = await measureFolderDoors()
    const growth = await measureRepeatedTraining(browser)
    const brush = `40-pixel brush on ${paintedSide} x ${paintedSide}`
    return [
      figure('stroke_to_screen_ms', `stroke to screen, ${brush}`, stroke.toScreenMilliseconds, 'ms'),
      figure('stroke_events_dropped', 'places of the pointer that were not painted', stroke.dropped, ''),
      figure(
        'saving_long_frames',
        'frames over 50 ms while a stroke is saved',
        stroke.longFramesWhileSaving,
        '',
      ),
      figure(
        'open_10000_images_ms',
        `opening a project of ${openedImages} images, second time`,
        opening.openMilliseconds,
        'ms',
      ),
      figure(
        'scroll_frames_per_second',
        'scrolling them',
        opening.scrolling.framesPerSecond,
        'frames a second',
      ),
      figure('scroll_frame_ms', 'a frame of that, median', opening.scrolling.medianMilliseconds, 'ms'),
      figure(
        'scroll_slow_frame_ms',
        'one in twenty takes longer than',
        opening.scrolling.slowMilliseconds,
        'ms',
      ),
      figure(
        'renderer_memory_mb',
        `memory of the page after ${browsedImages} images of ${browsedSide} x ${browsedSide}`,
        browsing,
        'MB',
      ),
      figure(
        'training_quick_frames_percent',
        'while training on all cores: under 100 ms',
        100 * training.quickFrames,
        '% of frames',
      ),
      figure(
        'training_stroke_to_screen_ms',
        'stroke to screen meanwhile',
        training.toScreenMilliseconds,
        'ms',
      ),
      figure(
        'prediction_first_ms',
        `predicting ${predictedSide} x ${predictedSide}, first time after a start`,
        predicting.firstMilliseconds,
        'ms',
      ),
      figure('prediction_ms', 'the next image', predicting.nextMilliseconds, 'ms'),
      figure('prediction_again_ms', 'the same view again', predicting.againMilliseconds, 'ms'),
      figure(
        'prediction_large_middle_ms',
        `in ${largePredictedSide} x ${largePredictedSide} at one to one: the middle of the view`,
        predicting.middleMilliseconds,
        'ms',
      ),
      figure('prediction_large_ms', 'all of that view', predicting.largeMilliseconds, 'ms'),
      figure('folder_application_s', 'a folder through the application', folder.applicationSeconds, 's'),
      figure('folder_command_line_s', 'the same by the command line', folder.commandLineSeconds, 's'),
      figure(
        'training_memory_growth_main_mb',
        `main process, more after ${trainings} trainings than after one`,
        growth.main,
        'MB',
      ),
      figure('training_memory_growth_page_mb', 'the page, likewise', growth.page, 'MB'),
    ]
  } finally {
    await stop()
  }
}

function figure(key: string, name: string, value: number | undefined, unit: Figure['unit']): Figure {
  return { key, name, value, unit }
}
