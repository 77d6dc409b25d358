import { SegscopeError } from '../../model/errors.ts'

/**
 * The body of a request. It is counted while it comes: one that is too large is not read further.
 * @throws SegscopeError `request-too-large`
 */
export async function readBody(request: Request, largestBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = request.body?.getReader()
  for (let read = await reader?.read(); read?.done === false; read = await reader?.read()) {
    bytes += read.value.length
    if (bytes > largestBytes) {
      // Not cancelled: that would end the connection before the answer is sent.
      throw new SegscopeError('request-too-large', `The page sent more than ${largestBytes} bytes at once.`, {
        remedy: 'Reload the page; if it happens again, please report it.',
      })
    }
    chunks.push(read.value)
  }
  return Buffer.concat(chunks, bytes)
}
