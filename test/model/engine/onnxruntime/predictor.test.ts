import { onnxRuntimeEngine } from '../../../../src/model/engine/onnxruntime/index.ts'
import { testPredictor } from '../predictor-contract.ts'

testPredictor(onnxRuntimeEngine)
