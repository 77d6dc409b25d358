import { useNavigation } from '../../stores/navigation.ts'
import { useReview } from '../review/review-store.ts'

/** Goes to the Review page, with a result chosen there. */
export function reviewResult(result: number | undefined): void {
  useReview().result = result
  useNavigation().go('review')
}
