import type { OnnxGraph, OnnxValue } from './onnx-model.ts'
import { stateNames } from './training-graph.ts'

/** Names of the inputs and outputs of `repeatSteps`. */
export const repeatedNames = {
  /** How many steps; a 64-bit integer. */
  count: 'count',
  /** An input of the step that each step has its own of, one behind the other. */
  each: (input: string): string => `each/${input}`,
  /** A value of the state before the first step, and after the last. */
  before: (input: string): string => `before/${input}`,
  after: (input: string): string => `after/${input}`,
  /** A result of every step. */
  all: (output: string): string => `all/${output}`,
}

/** The dimension of what each step has its own of. */
const STEPS = 'steps'

/**
 * Several training steps as one graph: the state goes from step to step inside ONNX Runtime. onnxruntime-node copies every output
 * of a run, and the state is three times the weights: copying it after each step takes a tenth of the time.
 * @param step one step, as `buildTrainingGraph` makes it
 * @param own names of the inputs that each step has its own of
 * @param results names of the outputs to be had of every step
 */
export function repeatSteps(step: OnnxGraph, own: readonly string[], results: readonly string[]): OnnxGraph {
  const output = (name: string): OnnxValue =>
    step.outputs.find((value) => value.name === name) ?? missing(name)
  const state = step.inputs.filter(({ name }) =>
    step.outputs.some((value) => value.name === stateNames.next(name)),
  )
  const isState = (input: OnnxValue): boolean => state.includes(input)
  const [iteration, condition, goOn] = ['iteration', 'condition', 'go_on']
  const body: OnnxGraph = {
    name: step.name,
    inputs: [
      { name: iteration, type: 'int64', shape: [] },
      { name: condition, type: 'bool', shape: [] },
      ...state,
    ],
    initializers: step.initializers,
    nodes: [
      { operator: 'Identity', domain: '', inputs: [condition], outputs: [goOn], attributes: {} },
      ...own.map((name) => ({
        operator: 'Gather',
        domain: '',
        inputs: [repeatedNames.each(name), iteration],
        outputs: [name],
        attributes: { axis: { int: 0 } },
      })),
      ...step.nodes,
    ],
    outputs: [
      { name: goOn, type: 'bool', shape: [] },
      ...state.map(({ name }) => output(stateNames.next(name))),
      ...results.map(output),
    ],
  }
  const before = state.map((input) => ({ ...input, name: repeatedNames.before(input.name) }))
  const after = state.map((input) => ({ ...input, name: repeatedNames.after(input.name) }))
  const all = results.map(output).map((value) => stacked(value, repeatedNames.all(value.name)))
  return {
    name: 'training_steps',
    inputs: [
      { name: repeatedNames.count, type: 'int64', shape: [] },
      ...before,
      ...step.inputs
        .filter((input) => !isState(input))
        .map((input) => (own.includes(input.name) ? stacked(input, repeatedNames.each(input.name)) : input)),
    ],
    initializers: [],
    nodes: [
      {
        operator: 'Loop',
        domain: '',
        inputs: [repeatedNames.count, '', ...before.map(({ name }) => name)],
        outputs: [...after, ...all].map(({ name }) => name),
        attributes: { body: { graph: body } },
      },
    ],
    outputs: [...after, ...all],
  }
}

function stacked(value: OnnxValue, name: string): OnnxValue {
  return { ...value, name, shape: [STEPS, ...value.shape] }
}

function missing(name: string): never {
  throw new Error(`A training step has no output ${name}.`)
}
