/**
 * A process of its own for the tests: says that it is ready, opens the project named on its command line when told
 * to, reports, and stays until it is killed or its parent disconnects.
 */
import { once } from 'node:events'
import { openOrCreateProject } from '../../../src/main/services/project.ts'

const [folder] = process.argv.slice(2)
process.send?.('ready')
await once(process, 'message')
try {
  const project = await openOrCreateProject(folder as string, { door: 'command line', name: 'Yeast' })
  project.jobs.start('segmentation', { out: 'masks' }, ['a.tif'])
  process.send?.('open')
  process.on('disconnect', () => process.exit())
} catch (thrown) {
  process.send?.((thrown as { code?: string }).code ?? String(thrown))
  process.disconnect()
}
