import { type GraphBuilder, MICROSOFT, type Value } from '../graph-builder.ts'
import { type Activation, asImages, pixelCount } from './operator.ts'
import { windowTransform } from './window-transform.ts'

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
/** What a k0, a k1, b k2, b k3, (a + b)(k0 + k2) and (a + b)(k1 + k3) each add to the six output pixels of a pair a, b. */
const PIXELS_OF_PRODUCTS = [
  [1, 0, -1, 0, 0, 0],
  [0, 1, 0, -1, 0, 0],
  [0, 0, -1, 0, 1, 0],
  [0, 0, 0, -1, 0, 1],
  [0, 0, 1, 0, 0, 0],
  [0, 0, 0, 1, 0, 0],
]

/** A transposed convolution as a matrix product, and its gradients. */
export interface TransposedProduct {
  /** Without bias, `[channels, batch, 2 * height, 2 * width]`. */
  output: Value
  /** @param leading as in `Operation.backward` */
  gradients(upstream: Activation, leading: number): { kernel: Value; input: Value | undefined }
}

/**
 * A transposed convolution (4x4, stride 2, padding 1) with 36 multiplications for 64, by Karatsuba's product in both directions,
 * which is Winograd's minimal filtering (Lavin and Gray 2016) for this case.
 *
 * In one direction a pair of input pixels a, b reaches six output pixels, from one before its own four to one behind them:
 * a k0, a k1, a k2 + b k0, a k3 + b k1, b k2, b k3. The two in the middle are (a + b)(k0 + k2) - a k0 - b k2 and
 * (a + b)(k1 + k3) - a k1 - b k3: six products for eight, of the three parts a, b and a + b with two kernel places each.
 * So there is one matrix product for each of the nine parts that two directions have.
 *
 * The gradients are the transpose of that: each product's upstream gradient is a difference of two output pixels' at most.
 * @param input of even height and width
 */
export function minimalProduct(
  builder: GraphBuilder,
  input: Activation,
  kernel: Value,
  channels: number,
): TransposedProduct {
  const { batch, height, width } = input
  const pairs = { batch, height: height / 2, width: width / 2 }
  const tiles = pixelCount(pairs)
  const parts = partsOfInput(builder, input, tiles)
  const windows = windowTransform(builder, pairs, channels, PIXELS_OF_PRODUCTS)
  const kernels = partsOfKernel(builder, kernel, input.channels, channels)
  return { output: output(), gradients }

  function output(): Value {
    const products = builder.node(
      'FusedMatMul',
      [kernels, parts],
      [PRODUCTS, MEETS * channels, tiles],
      { transA: { int: 1 } },
      { domain: MICROSOFT },
    )
    const ordered = builder.node(
      'Transpose',
      [builder.reshape(products, [3, 3, 2, 2, channels, batch, pairs.height, pairs.width])],
      [channels, batch, 3, 2, pairs.height, 3, 2, pairs.width],
      { perm: { ints: [4, 5, 0, 2, 6, 1, 3, 7] } },
    )
    return windows.toImages(ordered)
  }

  /** Of each product the upstream gradient, `[parts, kernel places * channels, tiles]`. */
  function upstreamOfProducts(upstream: Activation): Value {
    const values = builder.reshape(windows.fromImages(upstream.value), [
      channels,
      batch,
      3,
      2,
      pairs.height,
      3,
      2,
      pairs.width,
    ])
    const ordered = builder.node(
      'Transpose',
      [values],
      [3, 3, 2, 2, channels, batch, pairs.height, pairs.width],
      { perm: { ints: [2, 5, 3, 6, 0, 1, 4, 7] } },
    )
    return builder.reshape(ordered, [PRODUCTS, MEETS * channels, tiles])
  }

  function gradients(upstream: Activation, leading: number): { kernel: Value; input: Value | undefined } {
    const products = upstreamOfProducts(upstream)
    const kernelGradients = builder.node(
      'FusedMatMul',
      [parts, products],
      [PRODUCTS, input.channels, MEETS * channels],
      { transB: { int: 1 } },
      { domain: MICROSOFT },
    )
    return {
      kernel: toKernel(builder, kernelGradients, input.channels, channels),
      input: leading > 0 ? inputGradient(products, leading) : undefined,
    }
  }

  function inputGradient(products: Value, leading: number): Value {
    const bounds = [[0], [leading], [1]].map((bound) => builder.integers(bound))
    const needed =
      leading === input.channels
        ? kernels
        : builder.node('Slice', [kernels, ...bounds], [PRODUCTS, leading, MEETS * channels])
    const ofParts = builder.node('MatMul', [needed, products], [PRODUCTS, leading, tiles])
    const pixels = builder.node(
      'MatMul',
      [partsMatrix(builder, true), builder.reshape(ofParts, [PRODUCTS, leading * tiles])],
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

/** `[parts, input channels, kernel places * channels]` */
function partsOfKernel(builder: GraphBuilder, kernel: Value, inputChannels: number, channels: number): Value {
  const parts = builder.node(
    'FusedMatMul',
    [kernelMatrix(builder), builder.reshape(kernel, [inputChannels, channels, TAPS])],
    [inputChannels, PRODUCTS * MEETS, channels],
    { transB: { int: 1 } },
    { domain: MICROSOFT },
  )
  return swapLeading(builder, builder.reshape(parts, [inputChannels, PRODUCTS, MEETS * channels]))
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
