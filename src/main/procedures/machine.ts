import { examineMachine, machineFacts, machineProblems } from '../services/machine.ts'
import { procedures } from './implementer.ts'

export const machine = procedures.machine.router({
  get: procedures.machine.get.handler(async () => {
    const examined = await examineMachine()
    return { facts: machineFacts(examined), problems: machineProblems(examined) }
  }),
})
