import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { splitAddress } from '../../preload/contract/image-address.ts'
import type { ImageRow, RefusedFile } from '../../preload/contract/images.ts'
import { useProject } from './project.ts'

export type ImageFilter =
  'all' | 'labelled' | 'unlabelled' | 'training' | 'validation' | 'missing' | 'refused'
export type ImageSort = 'name' | 'date' | 'labelled'

/** One place in the grid: an image, or a file that could not be read. */
export type ImageItem =
  | { key: string; kind: 'image'; id: number; path: string }
  | { key: string; kind: 'refused'; id: number; path: string; file: RefusedFile }

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

/** The images as the person sorted, searched and filtered them: in the grid and in the strip beside the canvas. */
export const useImageList = defineStore('image-list', () => {
  const project = useProject()
  const search = ref('')
  const filter = ref<ImageFilter>('all')
  const sort = ref<ImageSort>('name')

  const sorted = computed(() => {
    const rows = project.imageIds.flatMap((id) => project.images.get(id) ?? [])
    return rows.map((row) => ({ row, name: fileName(row.path) })).sort(comparisons[sort.value])
  })

  const words = computed(() => search.value.toLowerCase().split(/\s+/).filter(Boolean))

  function isFound(path: string): boolean {
    const text = path.toLowerCase()
    return words.value.every((word) => text.includes(word))
  }

  const images = computed(() =>
    sorted.value
      .filter(({ row }) => filters[filter.value](row) && isFound(row.path))
      .map(({ row }) => row.id),
  )

  const items = computed<ImageItem[]>(() => {
    const found: ImageItem[] = images.value.map((id) => ({
      key: `image-${id}`,
      kind: 'image',
      id,
      path: project.images.get(id)?.path ?? '',
    }))
    if (filter.value !== 'all' && filter.value !== 'refused') return found
    const refused = project.refused.filter(({ path }) => isFound(path))
    return [
      ...found,
      ...refused.map((file) => ({
        key: `refused-${file.id}`,
        kind: 'refused' as const,
        id: file.id,
        path: file.path,
        file,
      })),
    ]
  })

  const isNarrowed = computed(() => filter.value !== 'all' || words.value.length > 0)

  function showAll(): void {
    search.value = ''
    filter.value = 'all'
  }

  /** The image so many places after another as they are shown now; undefined beyond the ends. */
  function neighbour(id: number, offset: number): number | undefined {
    const at = images.value.indexOf(id)
    return at === -1 ? images.value[0] : images.value[at + offset]
  }

  return { search, filter, sort, images, items, isNarrowed, showAll, neighbour }
})

interface Sortable {
  row: ImageRow
  name: string
}

function byName(one: Sortable, other: Sortable): number {
  return collator.compare(one.name, other.name) || collator.compare(one.row.path, other.row.path)
}

const comparisons: Readonly<Record<ImageSort, (one: Sortable, other: Sortable) => number>> = {
  name: byName,
  date: (one, other) => other.row.added.localeCompare(one.row.added) || byName(one, other),
  labelled: (one, other) => labelledShare(other.row) - labelledShare(one.row) || byName(one, other),
}

const filters: Readonly<Record<ImageFilter, (row: ImageRow) => boolean>> = {
  all: () => true,
  labelled: (row) => row.labelledPixels > 0,
  unlabelled: (row) => row.labelledPixels === 0,
  training: (row) => row.split === 'training',
  validation: (row) => row.split === 'validation',
  missing: (row) => row.missing,
  refused: () => false,
}

/** How much of an image's pixels, on all its pages, is labelled: 0 to 1. */
export function labelledShare({ labelledPixels, width, height, pages }: ImageRow): number {
  return labelledPixels / (width * height * pages)
}

/** The last part of a path, on either kind of system; of an image within a file, with its name there. */
export function fileName(address: string): string {
  const { path, selection } = splitAddress(address)
  const name = selection.frames ?? path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
  return selection.image === undefined ? name : `${name} (${selection.image})`
}
