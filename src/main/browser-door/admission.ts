import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/**
 * Who may use a browser server: whoever opened the address with its token, which a cookie remembers. A page of another
 * site, which would send that cookie too, is told apart by its Origin; a name that another site made point here (DNS
 * rebinding) by the Host.
 */
export class Admission {
  readonly #token: string
  readonly #listeningOn: string
  /** Cookies are one jar for all ports of a host: each server has a name of its own. */
  readonly #cookie: string

  /** @param listeningOn the address of this computer, as it was asked for */
  constructor(token: string, listeningOn: string, port: number) {
    this.#token = token
    this.#listeningOn = listeningOn.toLowerCase()
    this.#cookie = `segscope-${port}`
  }

  /** `lax`: a link in a mail or chat opens too. */
  get setCookie(): string {
    return `${this.#cookie}=${this.#token}; HttpOnly; SameSite=Lax; Path=/`
  }

  isToken(given: string): boolean {
    return isEqual(given, this.#token)
  }

  /** Whether the request names this server, and comes from no other site's page. */
  isFromHere({ headers: { host, origin } }: IncomingMessage): boolean {
    if (host === undefined) return false
    return this.#isOurName(host) && (origin === undefined || origin === `http://${host}`)
  }

  hasCookie({ headers: { cookie = '' } }: IncomingMessage): boolean {
    return cookie.split(/;\s*/).some((each) => {
      const [name, value = ''] = each.split('=')
      return name === this.#cookie && isEqual(value, this.#token)
    })
  }

  /** A server for the whole network has names that it cannot know: there the token alone decides. */
  #isOurName(host: string): boolean {
    if (this.#listeningOn === '0.0.0.0' || this.#listeningOn === '::') return true
    const name = URL.parse(`http://${host}`)?.hostname
    const ours = ['localhost', '127.0.0.1', '[::1]', this.#listeningOn, `[${this.#listeningOn}]`]
    return name !== undefined && ours.includes(name)
  }
}

/** Takes the same time whatever differs. */
function isEqual(one: string, other: string): boolean {
  const [first, second] = [Buffer.from(one), Buffer.from(other)]
  return first.length === second.length && timingSafeEqual(first, second)
}
