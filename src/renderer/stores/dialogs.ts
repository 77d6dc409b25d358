import { defineStore } from 'pinia'
import { ref } from 'vue'

/** Dialogs that open from several places of the window. */
export const useDialogs = defineStore('dialogs', () => {
  const keys = ref(false)
  /** For the page that is shown. */
  const help = ref(false)
  const newProject = ref(false)
  const addImages = ref(false)
  const importLabels = ref(false)
  const exportLabels = ref(false)
  /** What is to be added: chosen or dropped before its dialog opens; for a new project, once it is made. */
  const paths = ref<string[]>([])

  function openAddImages(chosen: string[] = []): void {
    paths.value = chosen
    addImages.value = true
  }

  function openNewProject(images: string[] = []): void {
    paths.value = images
    newProject.value = true
  }

  return {
    keys,
    help,
    newProject,
    addImages,
    importLabels,
    exportLabels,
    paths,
    openAddImages,
    openNewProject,
  }
})
