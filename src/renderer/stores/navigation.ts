import { defineStore } from 'pinia'
import { ref, watch } from 'vue'
import { useProject } from './project.ts'

export const places = ['images', 'label', 'train', 'segment', 'review'] as const
export type Place = (typeof places)[number] | 'settings'

/** Where in the window the person is. The address keeps it, so that a reload and the browser's Back come there again. */
export const useNavigation = defineStore('navigation', () => {
  const project = useProject()
  const start = readAddress()
  const place = ref<Place>(start.place)
  /** Of the last visit to a page, for the way back from the settings. */
  const before = ref<Place>('images')
  /** The side panels are folded away. */
  const folded = ref(false)
  /** An image that the address names, until the project is there. */
  let wanted = start.image

  function go(to: Place): void {
    if (to === place.value) return
    before.value = place.value
    place.value = to
    history.pushState(null, '', address())
  }

  /** Opens an image on the Label page. */
  function openImage(id: number): void {
    project.selectedImage = id
    go('label')
  }

  function address(): string {
    const isOnImage = place.value === 'label' && project.selectedImage !== undefined
    return `#/${place.value}${isOnImage ? `/${project.selectedImage ?? ''}` : ''}`
  }

  window.addEventListener('popstate', () => {
    const read = readAddress()
    place.value = read.place
    if (read.image !== undefined && project.images.has(read.image)) project.selectedImage = read.image
  })

  watch(
    () => [project.selectedImage, place.value],
    () => history.replaceState(null, '', address()),
  )
  watch(
    () => project.current,
    (current) => {
      if (current && wanted !== undefined && project.images.has(wanted)) project.selectedImage = wanted
      if (current !== undefined) wanted = undefined
    },
  )

  return { place, before, folded, go, openImage }
})

function readAddress(): { place: Place; image: number | undefined } {
  const [, place, image] = window.location.hash.split('/')
  const known = [...places, 'settings' as const].find((each) => each === place)
  return { place: known ?? 'images', image: image === undefined ? undefined : Number(image) }
}
