import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'

/** ONNX element types that the graphs use (`TensorProto.DataType`). */
export const elementTypes = { float: 1, uint8: 2, int32: 6, int64: 7, bool: 9 } as const
export type ElementType = keyof typeof elementTypes

/** Attribute values: whole numbers and floats are told apart by their wrapper, as JavaScript has one number type. */
export type AttributeValue =
  | { int: number }
  | { ints: readonly number[] }
  | { float: number }
  | { floats: readonly number[] }
  | { text: string }
  | { graph: OnnxGraph }

export interface OnnxNode {
  operator: string
  /** '' is ONNX's own set of operators. */
  domain: string
  inputs: readonly string[]
  outputs: readonly string[]
  attributes: Readonly<Record<string, AttributeValue>>
}

/** A constant of the graph. */
export interface OnnxInitializer {
  name: string
  type: ElementType
  shape: readonly number[]
  data: Float32Array | Uint8Array | Int32Array | BigInt64Array
}

/** An input or an output of the graph; a dimension with a name is free. */
export interface OnnxValue {
  name: string
  type: ElementType
  shape: readonly (number | string)[]
}

export interface OnnxGraph {
  name: string
  nodes: readonly OnnxNode[]
  initializers: readonly OnnxInitializer[]
  inputs: readonly OnnxValue[]
  outputs: readonly OnnxValue[]
}

/** ONNX 1.15's operator set: every runtime of the last years reads it. */
export const OPERATOR_SET = 17
const IR_VERSION = 8

/**
 * Serialises a graph as an ONNX file (a protobuf `ModelProto`).
 * Field numbers: onnx/onnx.proto of the ONNX project.
 * @param metadata pairs for `metadata_props`
 */
export function serialiseModel(
  graph: OnnxGraph,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const writer = new BinaryWriter()
  writer.tag(1, WireType.Varint).int64(IR_VERSION)
  writer.tag(2, WireType.LengthDelimited).string('segscope')
  message(writer, 7, () => {
    writeGraph(writer, graph)
  })
  for (const domain of new Set(['', ...domainsOf(graph)])) {
    message(writer, 8, () => {
      writer.tag(1, WireType.LengthDelimited).string(domain)
      writer.tag(2, WireType.Varint).int64(domain === '' ? OPERATOR_SET : 1)
    })
  }
  for (const [key, value] of Object.entries(metadata)) {
    message(writer, 14, () => {
      writer.tag(1, WireType.LengthDelimited).string(key)
      writer.tag(2, WireType.LengthDelimited).string(value)
    })
  }
  return writer.finish()
}

/** The domains of a graph's nodes, and of the graphs inside them. */
function domainsOf(graph: OnnxGraph): string[] {
  return graph.nodes.flatMap(({ domain, attributes }) => [
    domain,
    ...Object.values(attributes).flatMap((value) => ('graph' in value ? domainsOf(value.graph) : [])),
  ])
}

function message(writer: BinaryWriter, field: number, write: () => void): void {
  writer.tag(field, WireType.LengthDelimited).fork()
  write()
  writer.join()
}

function writeGraph(writer: BinaryWriter, graph: OnnxGraph): void {
  for (const node of graph.nodes) {
    message(writer, 1, () => {
      writeNode(writer, node)
    })
  }
  writer.tag(2, WireType.LengthDelimited).string(graph.name)
  for (const initializer of graph.initializers) {
    message(writer, 5, () => {
      writeInitializer(writer, initializer)
    })
  }
  for (const value of graph.inputs) {
    message(writer, 11, () => {
      writeValue(writer, value)
    })
  }
  for (const value of graph.outputs) {
    message(writer, 12, () => {
      writeValue(writer, value)
    })
  }
}

function writeNode(writer: BinaryWriter, node: OnnxNode): void {
  for (const input of node.inputs) writer.tag(1, WireType.LengthDelimited).string(input)
  for (const output of node.outputs) writer.tag(2, WireType.LengthDelimited).string(output)
  writer.tag(3, WireType.LengthDelimited).string(node.outputs[0] ?? '')
  writer.tag(4, WireType.LengthDelimited).string(node.operator)
  for (const [name, value] of Object.entries(node.attributes)) {
    message(writer, 5, () => {
      writeAttribute(writer, name, value)
    })
  }
  if (node.domain !== '') writer.tag(7, WireType.LengthDelimited).string(node.domain)
}

function writeAttribute(writer: BinaryWriter, name: string, value: AttributeValue): void {
  writer.tag(1, WireType.LengthDelimited).string(name)
  const type = (code: number): void => {
    writer.tag(20, WireType.Varint).int32(code)
  }
  if ('float' in value) {
    writer.tag(2, WireType.Bit32).float(value.float)
    type(1)
  } else if ('int' in value) {
    writer.tag(3, WireType.Varint).int64(value.int)
    type(2)
  } else if ('text' in value) {
    writer.tag(4, WireType.LengthDelimited).string(value.text)
    type(3)
  } else if ('graph' in value) {
    message(writer, 6, () => {
      writeGraph(writer, value.graph)
    })
    type(5)
  } else if ('floats' in value) {
    for (const item of value.floats) writer.tag(7, WireType.Bit32).float(item)
    type(6)
  } else {
    for (const item of value.ints) writer.tag(8, WireType.Varint).int64(item)
    type(7)
  }
}

function writeInitializer(writer: BinaryWriter, initializer: OnnxInitializer): void {
  for (const extent of initializer.shape) writer.tag(1, WireType.Varint).int64(extent)
  writer.tag(2, WireType.Varint).int32(elementTypes[initializer.type])
  writer.tag(8, WireType.LengthDelimited).string(initializer.name)
  const { buffer, byteOffset, byteLength } = initializer.data
  // Typed arrays are little-endian on every machine that Node runs on, as raw_data wants.
  writer.tag(9, WireType.LengthDelimited).bytes(new Uint8Array(buffer, byteOffset, byteLength))
}

function writeValue(writer: BinaryWriter, value: OnnxValue): void {
  writer.tag(1, WireType.LengthDelimited).string(value.name)
  message(writer, 2, () => {
    message(writer, 1, () => {
      writer.tag(1, WireType.Varint).int32(elementTypes[value.type])
      message(writer, 2, () => {
        for (const extent of value.shape) {
          message(writer, 1, () => {
            if (typeof extent === 'number') writer.tag(1, WireType.Varint).int64(extent)
            else writer.tag(2, WireType.LengthDelimited).string(extent)
          })
        }
      })
    })
  })
}
