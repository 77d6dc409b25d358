import { CancelledError, SegscopeError } from '../../model/errors.ts'

/**
 * Asks for an address; its user and password go where HTTP wants them.
 * @throws SegscopeError `server-unreachable`; CancelledError
 */
export async function openResponse(
  url: URL,
  signal: AbortSignal,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const { username, password } = url
  const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`)
  try {
    return await fetch(withoutCredentials(url), {
      signal,
      headers: {
        ...headers,
        ...(username === '' ? {} : { authorization: `Basic ${credentials.toString('base64')}` }),
      },
    })
  } catch (thrown) {
    if (signal.aborted) throw new CancelledError()
    throw new SegscopeError(
      'server-unreachable',
      `${url.host} cannot be reached: ${networkReason(thrown)}.`,
      {
        remedy:
          'Check the network. Where a proxy is needed, set HTTPS_PROXY and NODE_USE_ENV_PROXY=1; where the internet is out of reach, install from a mirror of the Python package index, or from a folder of downloaded wheels.',
        cause: thrown,
      },
    )
  }
}

/** The address as it may be shown and kept. */
export function withoutCredentials(address: URL | string): string {
  const url = URL.parse(String(address))
  if (url === null) return String(address)
  url.username = ''
  url.password = ''
  return url.href
}

/** fetch says only "fetch failed" or "terminated"; why is in the cause. */
export function networkReason(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown)
  const { cause } = thrown
  if (!(cause instanceof Error)) return thrown.message
  return cause.message || ('code' in cause ? String(cause.code) : thrown.message)
}
