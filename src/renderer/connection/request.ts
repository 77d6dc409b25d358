import type { Problem } from '../../preload/contract/base.ts'

/** Why a request for something binary was not answered as it should be. */
export class RequestProblem extends Error {
  readonly problem: Problem

  constructor(problem: Problem, options?: ErrorOptions) {
    super(problem.message, options)
    this.problem = problem
  }
}

/** The code of a request that nobody answered: it may be sent again. */
export const UNREACHABLE = 'unreachable'
/** The code of what is there no more, as something newer has come: nothing is wrong. */
export const GONE = 'gone'

/**
 * Asks for, or sends, something binary (see `src/preload/contract/addresses.ts`).
 * @returns the whole body
 * @throws RequestProblem
 */
export async function request(address: string, options?: RequestInit): Promise<ArrayBuffer> {
  let response: Response
  let body: ArrayBuffer
  try {
    response = await fetch(address, options)
    body = await response.arrayBuffer()
  } catch (thrown) {
    throw unreachable(thrown)
  }
  if (response.status === 204) throw new RequestProblem({ code: GONE, message: 'It is there no more.' })
  if (response.ok) return body
  if (response.headers.get('content-type')?.startsWith('application/json') !== true) {
    throw unreachable(new Error(`${response.status} ${response.statusText}`))
  }
  throw new RequestProblem(JSON.parse(new TextDecoder().decode(body)) as Problem)
}

function unreachable(cause: unknown): RequestProblem {
  return new RequestProblem(
    {
      code: UNREACHABLE,
      message: 'Segscope does not answer.',
      remedy: 'Look whether it still runs on its computer, and whether the network is there.',
    },
    { cause },
  )
}
