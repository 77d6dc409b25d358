import { client } from '../../connection/client.ts'
import { useChooser } from '../../stores/chooser.ts'
import { useDialogs } from '../../stores/dialogs.ts'
import { useNavigation } from '../../stores/navigation.ts'
import { useNotices } from '../../stores/notices.ts'
import { problemOf } from '../../stores/problems.ts'
import { useProject } from '../../stores/project.ts'
import { requireSavedStrokes } from '../../labelling/saved-strokes.ts'

/** Said of folders without a project, and of files. */
const noProject = new Set(['project-not-found', 'not-a-folder'])

/** The ways to a project, and out of it: none before every stroke is safe. What goes wrong is shown at the window's edge. */
export function useOpenProject() {
  const project = useProject()

  async function open(folder: string): Promise<void> {
    try {
      await requireSavedStrokes()
      const opened = await client.projects.open({ folder })
      await project.whenLoaded(opened.folder)
      useNavigation().go('images')
    } catch (thrown) {
      useNotices().report(thrown, () => void open(folder))
    }
  }

  async function chooseAndOpen(): Promise<void> {
    const folder = await useChooser().chooseFolder('Open a project')
    if (folder !== undefined) await open(folder)
  }

  /** Opens what was dropped, where it is a project; otherwise offers to make one of it. */
  async function openOrMake(paths: string[]): Promise<void> {
    const [folder, ...others] = paths
    if (folder === undefined) return
    if (others.length > 0) {
      useDialogs().openNewProject(paths)
      return
    }
    try {
      await requireSavedStrokes()
      const opened = await client.projects.open({ folder })
      await project.whenLoaded(opened.folder)
    } catch (thrown) {
      if (noProject.has(problemOf(thrown).code)) useDialogs().openNewProject(paths)
      else useNotices().report(thrown)
    }
  }

  async function close(): Promise<void> {
    try {
      await requireSavedStrokes()
      await client.projects.close()
      useNavigation().go('images')
    } catch (thrown) {
      useNotices().report(thrown, () => void close())
    }
  }

  return { open, chooseAndOpen, openOrMake, close }
}
