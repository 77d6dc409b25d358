import { nextTick } from 'vue'
import type { AppCommand } from '../../../preload/contract/session.ts'
import { client } from '../../connection/client.ts'
import { useLabelling } from '../../labelling/labelling-store.ts'
import { unsavedStrokes } from '../../labelling/saved-strokes.ts'
import { useDialogs } from '../../stores/dialogs.ts'
import { useJobs } from '../../stores/jobs.ts'
import { runningWork } from '../../stores/long-work.ts'
import { useNavigation } from '../../stores/navigation.ts'
import { useNotices } from '../../stores/notices.ts'
import { useProject } from '../../stores/project.ts'
import { useOpenProject } from '../welcome/open-project.ts'

/** Does what the system's menus ask for, and says before quitting what is not finished; for the page's life. */
export async function followCommands(): Promise<void> {
  try {
    for await (const command of await client.session.commands()) {
      // Not awaited: a folder's dialog must not hold up the question whether the window may close.
      obey(command).catch((thrown: unknown) => useNotices().report(thrown))
    }
  } catch {
    // The connection is gone, which the window's banner says: it ends the project's events too.
  }
}

async function obey(command: AppCommand): Promise<void> {
  const dialogs = useDialogs()
  const projects = useOpenProject()
  switch (command.kind) {
    case 'new-project':
      dialogs.openNewProject()
      break
    case 'open-project':
      if (command.folder === undefined) await projects.chooseAndOpen()
      else await projects.open(command.folder)
      break
    case 'close-project':
      await projects.close()
      break
    case 'add-images':
      dialogs.openAddImages()
      break
    case 'import-labels':
      if (await goToImages()) dialogs.importLabels = true
      break
    case 'export-labels':
      if (await goToImages()) dialogs.exportLabels = true
      break
    case 'undo':
    case 'redo':
      takeBack(command.kind)
      break
    case 'settings':
      useNavigation().go('settings')
      break
    case 'keys':
      dialogs.keys = true
      break
    case 'may-quit':
      await client.session.answerQuit({ unfinished: await unfinished() })
      break
  }
}

/** @returns whether there are images, whose page has these dialogs */
async function goToImages(): Promise<boolean> {
  const project = useProject()
  if (project.imageIds.length + project.refused.length === 0) {
    useNotices().say('Add images first: labels belong to images.')
    return false
  }
  useNavigation().go('images')
  await nextTick()
  return true
}

function takeBack(kind: 'undo' | 'redo'): void {
  const { activeElement } = document
  if (activeElement instanceof HTMLInputElement || activeElement instanceof HTMLTextAreaElement) {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way to a field's own history
    document.execCommand(kind)
  } else if (useNavigation().place === 'label') {
    useLabelling()[kind]()
  }
}

/** What quitting would lose or stop, in words. */
async function unfinished(): Promise<string[]> {
  const unsaved = await unsavedStrokes()
  const jobs = useJobs().atWork.map(({ title }) => title)
  return [...(unsaved === undefined ? [] : [unsaved]), ...runningWork(), ...jobs].slice(0, 20)
}
