import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { projectOf } from '../../../src/main/desktop-door/command-line.ts'
import { placeOnDisplays } from '../../../src/main/desktop-door/place-on-displays.ts'
import { createProject } from '../../../src/main/services/project.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { connectByPort, startApplication } from '../procedures/connections.ts'

test('a window opens where it was only if it can be reached there', () => {
  const laptop = { x: 0, y: 25, width: 1440, height: 875 }
  const left = { x: -1920, y: 0, width: 1920, height: 1080 }
  const window = { x: 100, y: 50, width: 1000, height: 700 }
  expect(placeOnDisplays(window, [laptop])).toEqual(window)
  expect(placeOnDisplays({ ...window, x: -1500 }, [laptop, left])).toEqual({ ...window, x: -1500 })
  expect(placeOnDisplays({ ...window, x: -1500 }, [laptop])).toBeUndefined()
  expect(placeOnDisplays({ ...window, x: 1400 }, [laptop])).toBeUndefined()
  expect(placeOnDisplays({ ...window, x: -880 }, [laptop])).toEqual({ ...window, x: -880 })
  expect(placeOnDisplays({ ...window, x: -881 }, [laptop])).toBeUndefined()
  // Its title bar is above the display, or below it.
  expect(placeOnDisplays({ ...window, y: 0 }, [laptop])).toBeUndefined()
  expect(placeOnDisplays({ ...window, y: 890 }, [laptop])).toBeUndefined()
  expect(placeOnDisplays({ x: 0, y: 25, width: 2560, height: 1440 }, [laptop])).toEqual(laptop)
})

test('a project is found on the command line, among switches and the application itself', async () => {
  const folder = temporaryFolder()
  const project = await createProject(join(folder, 'Yeast'), { door: 'command line' })
  project.close()
  expect(projectOf(['--project', 'A'], folder)).toBe(join(folder, 'A'))
  expect(projectOf([folder, '--project=A', '--allow-file-access-from-files'], '/')).toBe('/A')
  expect(projectOf([folder, '--enable-features=X', 'Yeast'], folder)).toBe(join(folder, 'Yeast'))
  expect(projectOf([folder, '--project'], folder)).toBeUndefined()
  expect(projectOf([], folder)).toBeUndefined()
})

test('quitting waits for the page’s answer, but not for ever, and not for a page that is not there', async () => {
  const application = await startApplication()
  const { commands } = application
  expect(await commands.askUnfinished(10_000)).toEqual([])

  const { client, disconnect } = connectByPort(application)
  onTestFinished(disconnect)
  const asked: string[] = []
  const answers = [['a training']]
  const listening = (async () => {
    for await (const { kind } of await client.session.commands()) {
      asked.push(kind)
      const unfinished = kind === 'may-quit' ? answers.shift() : undefined
      if (unfinished !== undefined) await client.session.answerQuit({ unfinished })
    }
  })()
  listening.catch(() => undefined)
  await expect
    .poll(() => {
      commands.send({ kind: 'undo' })
      return asked
    })
    .toContain('undo')
  expect(await commands.askUnfinished(10_000)).toEqual(['a training'])
  expect(await commands.askUnfinished(50)).toBeUndefined()

  disconnect()
  await expect.poll(() => commands.askUnfinished(50)).toEqual([])
})
