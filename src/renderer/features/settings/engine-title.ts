const titles: Readonly<Record<string, string>> = { onnxruntime: 'ONNX Runtime', tensorflow: 'TensorFlow' }

/** What an engine is called outside of our code. */
export function engineTitle(name: string): string {
  return titles[name] ?? name
}
