import type { GraphBuilder, Value } from './graph-builder.ts'

/** Names under which a run sets and reads a variable. */
export const variableNames = {
  initial: (name: string): string => `initial/${name}`,
  read: (name: string): string => `read/${name}`,
}

/** Fetched, sets all variables to what is fed for them. */
export const initialised = 'initialised'

export interface Variable {
  name: string
  shape: readonly number[]
  /** The resource, for what changes it in place. */
  handle: Value
  /** Its value as a step finds it. */
  value: Value
}

/** Variables of a graph: state that stays on the device from run to run. */
export class Variables {
  readonly #builder: GraphBuilder
  readonly #assignments: Value[] = []
  readonly #variables: Variable[] = []

  constructor(builder: GraphBuilder) {
    this.#builder = builder
  }

  get all(): readonly Variable[] {
    return this.#variables
  }

  add(name: string, shape: readonly number[]): Variable {
    const builder = this.#builder
    const handle = builder.node('VarHandleOp', [], {
      dtype: { type: 'float' },
      shape: { shape },
      shared_name: { text: name },
    })
    const initial = builder.placeholder(variableNames.initial(name), shape)
    this.#assignments.push(this.assign(handle, initial, []))
    const value = this.read(handle, [])
    builder.output(variableNames.read(name), value)
    const variable = { name, shape, handle, value }
    this.#variables.push(variable)
    return variable
  }

  read(handle: Value, after: readonly Value[]): Value {
    return this.#builder.node('ReadVariableOp', [handle], { dtype: { type: 'float' } }, { after })
  }

  assign(handle: Value, value: Value, after: readonly Value[]): Value {
    return this.#builder.node('AssignVariableOp', [handle, value], { dtype: { type: 'float' } }, { after })
  }

  /** Ends the graph's making. */
  finish(): void {
    this.#builder.output(initialised, this.#builder.constant(1), this.#assignments)
  }
}
