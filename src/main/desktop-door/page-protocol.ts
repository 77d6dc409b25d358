import { net, protocol } from 'electron'
import type { Application } from '../application.ts'
import { answerWithPageFile } from '../page-files.ts'
import { answerRequest } from '../pixels/answer-request.ts'

const scheme = 'segscope'

/** Where the page lives: an origin of its own, which `file://` is not. */
export const pageAddress = `${scheme}://app/`

export function isPageAddress(address: string): boolean {
  const url = URL.parse(address)
  return url?.protocol === `${scheme}:` && url.host === 'app'
}

/** Must be called before Electron is ready. */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([
    {
      scheme,
      privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true, codeCache: true },
    },
  ])
}

/**
 * Answers the page's requests: pixels, labels, and its files.
 * @param folder of the built page; nothing outside of it is shown
 * @param developmentServer Vite's, which the page's files come from while it is being developed. They keep the page's own
 *   origin, so that pixels and messages work; Vite's way of reloading finds its server by itself, and needs a page without
 *   the security policy.
 */
export function servePage(
  application: Application,
  folder: string,
  developmentServer: string | undefined,
): void {
  protocol.handle(scheme, async (request) => {
    const { pathname, search } = new URL(request.url)
    const answer = await answerRequest(application, request)
    if (answer !== undefined) return answer
    if (developmentServer === undefined) return await answerWithPageFile(folder, pathname)
    return await net.fetch(new URL(pathname + search, developmentServer).href)
  })
}
