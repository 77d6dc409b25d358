import { useNavigation } from '../../stores/navigation.ts'
import { useSegmentation } from '../segmentation/segmentation-store.ts'

/** Goes to the Segment page, with a checkpoint chosen there. */
export function segmentWith(checkpoint: string): void {
  useSegmentation().checkpoint = checkpoint
  useNavigation().go('segment')
}
