import { onnxRuntimeEngine } from '../../../../src/model/engine/onnxruntime/index.ts'
import { testTrainer } from '../trainer-contract.ts'

testTrainer(onnxRuntimeEngine)
