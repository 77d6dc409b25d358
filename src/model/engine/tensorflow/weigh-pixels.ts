/**
 * What the loss needs of each pixel. Weights are shares of their sum, so that the sum of weight * loss is PyTorch's `CrossEntropyLoss`
 * with `weight` and `ignore_index`: sum(weight * loss) / sum(weight). Without a labelled pixel all are 0.
 * @param labels 8-bit; a value that is no class (255) is not labelled
 * @returns the class of each pixel (0 where it is not labelled), its weight, and 1 where it is labelled
 */
export function weighPixels(
  labels: Uint8Array,
  classWeights: readonly number[],
): { classes: Int32Array; weights: Float32Array; labelled: Float32Array } {
  let total = 0
  for (const label of labels) total += classWeights[label] ?? 0
  const shares = classWeights.map((weight) => (total === 0 ? 0 : weight / total))
  const classes = new Int32Array(labels.length)
  const weights = new Float32Array(labels.length)
  const labelled = new Float32Array(labels.length)
  for (let pixel = 0; pixel < labels.length; pixel++) {
    const label = labels[pixel] as number
    const share = shares[label]
    if (share === undefined) continue
    classes[pixel] = label
    weights[pixel] = share
    labelled[pixel] = 1
  }
  return { classes, weights, labelled }
}
