import type { ImageFilter, ImageSort } from '../../stores/image-list.ts'

/** What the grid and the strip can be narrowed to, and sorted by, in words. */
export const filterOptions: readonly { value: ImageFilter; label: string }[] = [
  { value: 'all', label: 'All images' },
  { value: 'labelled', label: 'Labelled' },
  { value: 'unlabelled', label: 'Not labelled' },
  { value: 'training', label: 'Training' },
  { value: 'validation', label: 'Validation' },
  { value: 'missing', label: 'Missing' },
  { value: 'refused', label: 'Cannot be read' },
]

export const sortOptions: readonly { value: ImageSort; label: string }[] = [
  { value: 'name', label: 'By name' },
  { value: 'date', label: 'Newest first' },
  { value: 'labelled', label: 'Most labelled first' },
]
