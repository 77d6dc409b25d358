import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The module of this name beside another one, for a worker or a child process. It has that one's extension, so that
 * it is found from source (`.ts`) and in the built application (`.js`), where the build must give it an entry of its
 * own in the same folder.
 * @param from the other module's `import.meta.url`
 * @param name without extension
 */
export function siblingModule(from: string, name: string): URL {
  return new URL(`./${name}${extname(fileURLToPath(from))}`, from)
}
