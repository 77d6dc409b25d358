/**
 * ONNX Runtime, without what its official builds of Linux and macOS do since 1.29 where nobody forbids it: they write models' and files'
 * names and figures of the machine into a database in the user's folder, and send them to Microsoft. The variable is read when the
 * first session is made, once a process. Everything of the library is taken from here.
 * Source: https://github.com/microsoft/onnxruntime/pull/27379
 */
process.env['ORT_DISABLE_TELEMETRY'] = '1'

export { env, InferenceSession, listSupportedBackends, Tensor } from 'onnxruntime-node'
