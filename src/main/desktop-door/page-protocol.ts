import { protocol } from 'electron'
import type { Application } from '../application.ts'
import { answerWithPageFile } from '../page-files.ts'
import { answerRequest } from '../pixels/answer-request.ts'

const scheme = 'segscope'

/** Where the built page lives: an origin of its own, which `file://` is not. */
export const pageAddress = `${scheme}://app/`

/** Must be called before Electron is ready. */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
  ])
}

/** Answers the page's requests: its files, from a folder and from nowhere else, pixels and labels. */
export function servePage(application: Application, folder: string): void {
  protocol.handle(
    scheme,
    async (request) =>
      (await answerRequest(application, request)) ??
      (await answerWithPageFile(folder, new URL(request.url).pathname)),
  )
}
