import { computed, onBeforeUnmount, shallowRef, watch } from 'vue'
import { predictionTileAddress } from '../../../preload/contract/addresses.ts'
import { LABEL_TILE_SIZE } from '../../../preload/contract/label-tiles.ts'
import type { ImageDetails } from '../../../preload/contract/images.ts'
import { client } from '../../connection/client.ts'
import { UNLABELLED } from '../../labelling/label-values.ts'
import { useLabelling } from '../../labelling/labelling-store.ts'
import { tilesOf } from '../../labelling/plane/label-plane.ts'
import { useShortcuts } from '../../stores/keymap.ts'
import { problemOf } from '../../stores/problems.ts'
import { useProject } from '../../stores/project.ts'
import type { Rectangle } from '../../viewer/camera.ts'
import { PredictionLayer } from './prediction-layer.ts'
import { usePrediction } from './prediction-store.ts'
import { PredictionTiles } from './prediction-tiles.ts'

const SIZE = LABEL_TILE_SIZE

/** Lays what the chosen checkpoint predicts over a plane while it is to be shown, and lets it be accepted into the labels. */
export function usePredictionLayer(shown: {
  details: () => ImageDetails
  page: () => number
  requestDraw: () => void
}) {
  const prediction = usePrediction()
  const labelling = useLabelling()
  const project = useProject()
  const current = shallowRef<{ tiles: PredictionTiles; layer: PredictionLayer }>()
  /** What the class values of a prediction depend on. */
  const classes = computed(() => project.classes.map(({ value, name }) => `${value} ${name}`).join('\n'))

  const isWanted = computed(() => prediction.isShown || prediction.isUncertaintyShown)
  watch(
    () => [
      isWanted.value,
      shown.details().id,
      shown.page(),
      prediction.checkpoint?.id,
      prediction.checkpoint?.created,
      classes.value,
    ],
    () => {
      hide()
      if (isWanted.value && prediction.checkpoint !== undefined) show(prediction.checkpoint.id)
    },
    { immediate: true },
  )
  // Only what is seen can be accepted.
  watch(
    () => (prediction.isShown ? current.value?.tiles : undefined),
    (tiles) => {
      labelling.suggestion = tiles && {
        labels: (column, row) => tiles.labels(column, row),
        rule: () => (prediction.replacesLabels ? { kind: 'everywhere' } : { kind: 'unlabelled' }),
      }
      prediction.acceptVisible = tiles && acceptVisible
    },
    { immediate: true, flush: 'sync' },
  )
  watch(style, (now) => {
    current.value?.layer.setStyle(now)
    shown.requestDraw()
  })
  // Whoever labels with a checkpoint at hand is likely to ask for it, and should not wait for it to be read.
  watch(
    () => [prediction.checkpoint?.id, prediction.checkpoint?.created],
    ([id]) => {
      // What goes wrong is told to who asks for the prediction.
      if (id !== undefined) client.predictions.prepare({ checkpoint: id }).catch(() => undefined)
    },
    { immediate: true },
  )
  onBeforeUnmount(hide)
  void prediction.listCheckpoints()

  function style() {
    return {
      colours: new Map(project.classes.map(({ value, colour }) => [value, colour])),
      classes: prediction.isShown ? prediction.opacity : 0,
      uncertainty: prediction.isUncertaintyShown ? prediction.uncertaintyOpacity : 0,
    }
  }

  function show(checkpoint: string): void {
    const plane = { image: shown.details().id, page: shown.page() }
    const tiles = new PredictionTiles((tile) => predictionTileAddress(plane, tile, checkpoint), {
      changed: () => {
        prediction.missing = tiles.missing
        shown.requestDraw()
      },
      failed: (thrown) => {
        const again = (): void => {
          prediction.failure = undefined
          tiles.retry()
        }
        prediction.failure = { problem: problemOf(thrown), again }
      },
    })
    const layer = new PredictionLayer(tiles, shown.details(), (isTooMuch) => {
      prediction.isTooMuch = isTooMuch
      prediction.missing = tiles.missing
    })
    layer.setStyle(style())
    current.value = { tiles, layer }
    // What is missing is known once it is drawn; until then something is.
    prediction.missing = 1
    shown.requestDraw()
  }

  function hide(): void {
    current.value?.layer.dispose()
    current.value?.tiles.dispose()
    current.value = undefined
    prediction.failure = undefined
    prediction.missing = 0
    prediction.isTooMuch = false
    shown.requestDraw()
  }

  /** Labels all that is predicted and seen, as one stroke; not before all of it is predicted. */
  function acceptVisible(): void {
    const { editor, suggestion } = labelling
    if (current.value === undefined || editor === undefined || suggestion === undefined) return
    if (prediction.missing > 0 || prediction.isTooMuch) return
    const { width, height } = shown.details()
    const seen = within(current.value.layer.seen, width, height)
    if (seen.width <= 0 || seen.height <= 0) return
    const tileAt = (pixel: number): number => Math.floor(pixel / SIZE)
    const stroke = editor.begin({ value: labelling.activeClass, rule: suggestion.rule() })
    for (const [column, row] of tilesOf({
      columns: [tileAt(seen.x), tileAt(seen.x + seen.width - 1)],
      rows: [tileAt(seen.y), tileAt(seen.y + seen.height - 1)],
    })) {
      const labels = suggestion.labels(column, row)
      if (labels === undefined) continue
      clearOutside(labels, { ...seen, x: seen.x - column * SIZE, y: seen.y - row * SIZE })
      stroke.fillLabels(column, row, labels)
    }
    editor.commit(stroke)
  }

  useShortcuts({
    'prediction.toggle': () => void prediction.toggle('classes'),
    'prediction.toggle-uncertainty': () => void prediction.toggle('uncertainty'),
    'prediction.accept-visible': acceptVisible,
  })

  return computed(() => (current.value === undefined ? [] : [current.value.layer]))
}

/** The whole pixels of the image that a rectangle touches. */
function within({ x, y, width, height }: Rectangle, imageWidth: number, imageHeight: number): Rectangle {
  const left = Math.max(0, Math.floor(x))
  const top = Math.max(0, Math.floor(y))
  return {
    x: left,
    y: top,
    width: Math.min(imageWidth, Math.ceil(x + width)) - left,
    height: Math.min(imageHeight, Math.ceil(y + height)) - top,
  }
}

/** @param kept in the tile's own pixels */
function clearOutside(labels: Uint8Array, { x, y, width, height }: Rectangle): void {
  const left = Math.max(0, x)
  const right = Math.min(SIZE, x + width)
  for (let row = 0; row < SIZE; row++) {
    const start = row * SIZE
    if (row < y || row >= y + height) labels.fill(UNLABELLED, start, start + SIZE)
    else {
      labels.fill(UNLABELLED, start, start + left)
      labels.fill(UNLABELLED, start + right, start + SIZE)
    }
  }
}
