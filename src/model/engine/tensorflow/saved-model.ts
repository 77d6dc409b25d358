import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'

/** TensorFlow's element types that the graphs use (`tensorflow/core/framework/types.proto`). */
export const elementTypes = { float: 1, int32: 3, resource: 20 } as const
export type ElementType = keyof typeof elementTypes

/** A constant's value. */
export interface TensorValue {
  type: ElementType
  shape: readonly number[]
  data: Float32Array | Int32Array
}

/** Attribute values: whole numbers and floats are told apart by their wrapper, as JavaScript has one number type. */
export type AttributeValue =
  | { int: number }
  | { ints: readonly number[] }
  | { float: number }
  | { boolean: boolean }
  | { text: string }
  | { type: ElementType }
  /** -1: this extent is free. */
  | { shape: readonly number[] }
  | { tensor: TensorValue }

export interface GraphNode {
  name: string
  operator: string
  /** `name`, `name:2` for a further output, `^name` for what must only have run before. */
  inputs: readonly string[]
  attributes: Readonly<Record<string, AttributeValue>>
}

/** The tag under which the one graph of the file is found. */
export const savedModelTag = 'serve'
/** TensorFlow 2.9's: the operators used here have not changed since. */
const PRODUCER = 1087

/**
 * Serialises a graph as TensorFlow's `saved_model.pb`.
 * Field numbers: saved_model.proto, meta_graph.proto, graph.proto, node_def.proto, attr_value.proto, tensor.proto and
 * tensor_shape.proto of TensorFlow.
 */
export function serialiseSavedModel(nodes: readonly GraphNode[]): Uint8Array {
  const writer = new BinaryWriter()
  writer.tag(1, WireType.Varint).int64(1)
  message(writer, 2, () => {
    message(writer, 1, () => {
      writer.tag(4, WireType.LengthDelimited).string(savedModelTag)
    })
    message(writer, 2, () => {
      for (const node of nodes) {
        message(writer, 1, () => {
          writeNode(writer, node)
        })
      }
      message(writer, 4, () => {
        writer.tag(1, WireType.Varint).int32(PRODUCER)
      })
    })
  })
  return writer.finish()
}

function message(writer: BinaryWriter, field: number, write: () => void): void {
  writer.tag(field, WireType.LengthDelimited).fork()
  write()
  writer.join()
}

function writeNode(writer: BinaryWriter, node: GraphNode): void {
  writer.tag(1, WireType.LengthDelimited).string(node.name)
  writer.tag(2, WireType.LengthDelimited).string(node.operator)
  for (const input of node.inputs) writer.tag(3, WireType.LengthDelimited).string(input)
  for (const [name, value] of Object.entries(node.attributes)) {
    message(writer, 5, () => {
      writer.tag(1, WireType.LengthDelimited).string(name)
      message(writer, 2, () => {
        writeAttribute(writer, value)
      })
    })
  }
}

function writeAttribute(writer: BinaryWriter, value: AttributeValue): void {
  if ('text' in value) writer.tag(2, WireType.LengthDelimited).string(value.text)
  else if ('int' in value) writer.tag(3, WireType.Varint).int64(value.int)
  else if ('float' in value) writer.tag(4, WireType.Bit32).float(value.float)
  else if ('boolean' in value) writer.tag(5, WireType.Varint).bool(value.boolean)
  else if ('type' in value) writer.tag(6, WireType.Varint).int32(elementTypes[value.type])
  else if ('shape' in value) {
    message(writer, 7, () => {
      writeShape(writer, value.shape)
    })
  } else if ('tensor' in value) {
    message(writer, 8, () => {
      writeTensor(writer, value.tensor)
    })
  } else {
    message(writer, 1, () => {
      for (const item of value.ints) writer.tag(3, WireType.Varint).int64(item)
    })
  }
}

function writeShape(writer: BinaryWriter, shape: readonly number[]): void {
  for (const extent of shape) {
    message(writer, 2, () => {
      writer.tag(1, WireType.Varint).int64(extent)
    })
  }
}

function writeTensor(writer: BinaryWriter, { type, shape, data }: TensorValue): void {
  writer.tag(1, WireType.Varint).int32(elementTypes[type])
  message(writer, 2, () => {
    writeShape(writer, shape)
  })
  // Typed arrays are little-endian on every machine that Node runs on, as tensor_content wants.
  writer.tag(4, WireType.LengthDelimited).bytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
}
