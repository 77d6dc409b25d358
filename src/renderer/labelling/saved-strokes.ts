import { RequestProblem } from '../connection/request.ts'
import { counted } from '../stores/words.ts'
import { useLabelling } from './labelling-store.ts'

/** Saving a stroke takes far less; one that was refused, or that nobody answers, waits for the person. */
const MILLISECONDS_TO_WAIT = 2000

/**
 * Waits until every stroke is on disk, but not for one that cannot be saved.
 * @returns what is not saved, in words; undefined where all is
 */
export async function unsavedStrokes(): Promise<string | undefined> {
  const labelling = useLabelling()
  await Promise.race([
    labelling.whenSaved(),
    new Promise((resolve) => setTimeout(resolve, MILLISECONDS_TO_WAIT)),
  ])
  return labelling.isSaved
    ? undefined
    : counted(labelling.pending, 'stroke that is not saved', 'strokes that are not saved')
}

/**
 * Before what would lose strokes that are not on disk.
 * @throws RequestProblem `strokes-unsaved`
 */
export async function requireSavedStrokes(): Promise<void> {
  const unsaved = await unsavedStrokes()
  if (unsaved === undefined) return
  throw new RequestProblem({
    code: 'strokes-unsaved',
    message: `There is work that would be lost: ${unsaved}.`,
    remedy: 'Look below the image on the Label page why they are not saved; there they can be given up, too.',
  })
}
