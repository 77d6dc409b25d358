import { describe } from 'vitest'
import { loadEngine } from '../../../../src/model/engine/engines.ts'
import { testPredictor } from '../predictor-contract.ts'
import { testTrainer } from '../trainer-contract.ts'
import { testTrainingAgainstPyTorch } from '../training-contract.ts'
import { hasRuntime } from './runtime.ts'

describe.runIf(hasRuntime)('TensorFlow', async () => {
  if (!hasRuntime) return
  const engine = await loadEngine('tensorflow')
  testPredictor(engine)
  testTrainer(engine)
  testTrainingAgainstPyTorch(engine)
})
