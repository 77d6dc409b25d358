import { type GraphBuilder, MICROSOFT, type Value } from '../graph-builder.ts'
import { imageTaps } from './columns.ts'
import { type Activation, asImages, leadingRows, pixelCount } from './operator.ts'

/** What two neighbouring pixels are multiplied as: the first, the second, their sum. */
const PARTS = [
  [1, 0],
  [0, 1],
  [1, 1],
] as const
const PRODUCTS = PARTS.length ** 2
/** Places of the 4x4 kernel that a part in two directions meets. */
const MEETS = 4
const TAPS = 16

/**
 * The gradients of a transposed convolution (4x4, stride 2, padding 1) with 36 multiplications for 64, by Karatsuba's product in
 * both directions, which is Winograd's minimal filtering (Lavin and Gray 2016) for this case.
 *
 * In one direction a pair of input pixels a, b reaches six output pixels, from one before its own four to one behind them:
 * a k0, a k1, a k2 + b k0, a k3 + b k1, b k2, b k3. The two in the middle are (a + b)(k0 + k2) - a k0 - b k2 and
 * (a + b)(k1 + k3) - a k1 - b k3: six products for eight, of the three parts a, b and a + b with two kernel places each.
 *
 * The gradients are the transpose of that. Each product's upstream gradient is a difference of two output pixels' at most;
 * what is left is one matrix product for each of the nine parts that two directions have.
 * @param input of even height and width
 * @param upstream the gradient of the output
 * @param leading as in `Operation.backward`
 */
export function minimalGradients(
  builder: GraphBuilder,
  input: Activation,
  kernel: Value,
  upstream: Activation,
  leading: number,
): { kernel: Value; input: Value | undefined } {
  const { channels } = upstream
  const tiles = pixelCount(input) / 4
  const products = upstreamOfProducts(builder, upstream, tiles)
  const kernelGradients = builder.node(
    'FusedMatMul',
    [partsOfInput(builder, input, tiles), products],
    [PRODUCTS, input.channels, MEETS * channels],
    { transB: { int: 1 } },
    { domain: MICROSOFT },
  )
  return {
    kernel: toKernel(builder, kernelGradients, input.channels, channels),
    input: leading > 0 ? inputGradient() : undefined,
  }

  function inputGradient(): Value {
    const { batch, height, width } = input
    const kernels = partsOfKernel(builder, kernel, input.channels, leading, channels)
    const parts = builder.node('MatMul', [kernels, products], [PRODUCTS, leading, tiles])
    const pixels = builder.node(
      'MatMul',
      [partsMatrix(builder, true), builder.reshape(parts, [PRODUCTS, leading * tiles])],
      [4, leading * tiles],
    )
    return builder.node(
      'DepthToSpace',
      [builder.reshape(pixels, [1, 4 * leading * batch, height / 2, width / 2])],
      [1, leading * batch, height, width],
      { blocksize: { int: 2 } },
    )
  }
}

/** Of each product the upstream gradient, `[parts, kernel places * channels, tiles]`. */
function upstreamOfProducts(builder: GraphBuilder, upstream: Activation, tiles: number): Value {
  const row = [1, upstream.channels * tiles]
  const less = (left: Value, right: Value): Value => builder.node('Sub', [left, right], row)
  /** From the six output pixels of a pair: of a k0, a k1, b k2, b k3, (a + b)(k0 + k2), (a + b)(k1 + k3). */
  const ofProducts = (pixels: readonly Value[]): Value[] => {
    const [first, second, third, fourth, fifth, sixth] = pixels as [Value, Value, Value, Value, Value, Value]
    return [less(first, third), less(second, fourth), less(fifth, third), less(sixth, fourth), third, fourth]
  }
  const pixels = imageTaps(builder, upstream, { kernelSize: 6, stride: 4, padding: [1, 1] })
  const rows = pixels.map((pixel) => builder.reshape(pixel, row))
  const places = [0, 1, 2, 3, 4, 5]
  const vertical = places.map((x) => ofProducts(places.map((y) => rows[6 * y + x] as Value)))
  const both = places.map((y) => ofProducts(vertical.map((column) => column[y] as Value)))
  const ordered = [0, 1, 2].flatMap((partY) =>
    [0, 1, 2].flatMap((partX) =>
      [0, 1].flatMap((y) => [0, 1].map((x) => both[2 * partY + y]?.[2 * partX + x] as Value)),
    ),
  )
  const products = builder.node('Concat', ordered, [ordered.length, row[1] as number], { axis: { int: 0 } })
  return builder.reshape(products, [PRODUCTS, MEETS * upstream.channels, tiles])
}

/** `[parts, channels, tiles]` */
function partsOfInput(builder: GraphBuilder, input: Activation, tiles: number): Value {
  const { channels, batch, height, width } = input
  const planes = builder.reshape(asImages(builder, input), [1, channels * batch, height, width])
  const pixels = builder.node('SpaceToDepth', [planes], [1, 4 * channels * batch, height / 2, width / 2], {
    blocksize: { int: 2 },
  })
  const parts = builder.node(
    'MatMul',
    [partsMatrix(builder, false), builder.reshape(pixels, [4, channels * tiles])],
    [PRODUCTS, channels * tiles],
  )
  return builder.reshape(parts, [PRODUCTS, channels, tiles])
}

/** From the four pixels of two pairs to their nine parts; transposed, the way back of a gradient. */
function partsMatrix(builder: GraphBuilder, transposed: boolean): Value {
  const pixels = [0, 1].flatMap((y) => [0, 1].map((x) => [y, x] as const))
  const parts = PARTS.flatMap((vertical) => PARTS.map((horizontal) => [vertical, horizontal] as const))
  const weight = (part: (typeof parts)[number], [y, x]: readonly [number, number]): number =>
    (part[0][y] as number) * (part[1][x] as number)
  return transposed
    ? builder.constant(
        pixels.flatMap((pixel) => parts.map((part) => weight(part, pixel))),
        [4, PRODUCTS],
      )
    : builder.constant(
        parts.flatMap((part) => pixels.map((pixel) => weight(part, pixel))),
        [PRODUCTS, 4],
      )
}

/** From the kernel's 16 places to what each part is multiplied by: `[parts * kernel places, 16]`. */
function kernelMatrix(builder: GraphBuilder): Value {
  const values: number[] = []
  /** Part p meets the places k(m) and k(2 + m), each where p has the first or the second pixel. */
  const weight = (part: number, met: number, place: number): number =>
    place % 2 === met ? (PARTS[part]?.[Math.floor(place / 2)] as number) : 0
  for (let product = 0; product < PRODUCTS * MEETS; product++) {
    const [partY, partX] = [Math.floor(product / 12), Math.floor(product / MEETS) % 3]
    const [metY, metX] = [Math.floor(product / 2) % 2, product % 2]
    for (let place = 0; place < TAPS; place++) {
      values.push(weight(partY, metY, Math.floor(place / 4)) * weight(partX, metX, place % 4))
    }
  }
  return builder.constant(values, [PRODUCTS * MEETS, TAPS])
}

/** `[parts, input channels, kernel places * channels]` of the leading input channels. */
function partsOfKernel(
  builder: GraphBuilder,
  kernel: Value,
  inputChannels: number,
  leading: number,
  channels: number,
): Value {
  const kernels = leadingRows(builder, builder.reshape(kernel, [inputChannels, channels, TAPS]), leading)
  const parts = builder.node(
    'FusedMatMul',
    [kernelMatrix(builder), kernels],
    [leading, PRODUCTS * MEETS, channels],
    { transB: { int: 1 } },
    { domain: MICROSOFT },
  )
  return swapLeading(builder, builder.reshape(parts, [leading, PRODUCTS, MEETS * channels]))
}

/** The kernel's gradient, `[input channels, channels * 16]`, from those of what the parts are multiplied by. */
function toKernel(builder: GraphBuilder, gradients: Value, inputChannels: number, channels: number): Value {
  const byChannel = builder.reshape(swapLeading(builder, gradients), [
    inputChannels,
    PRODUCTS * MEETS,
    channels,
  ])
  const places = builder.node(
    'FusedMatMul',
    [byChannel, kernelMatrix(builder)],
    [inputChannels, channels, TAPS],
    { transA: { int: 1 } },
    { domain: MICROSOFT },
  )
  return builder.reshape(places, [inputChannels, channels * TAPS])
}

function swapLeading(builder: GraphBuilder, value: Value): Value {
  const [first, second, third] = value.shape as [number, number, number]
  return builder.node('Transpose', [value], [second, first, third], { perm: { ints: [1, 0, 2] } })
}
