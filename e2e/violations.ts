import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

/** What axe finds wrong with the page as it is, dark and light: `rule: the first element that breaks it`. */
export async function violations(page: Page): Promise<string[]> {
  const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  const found: string[] = []
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    // Evaluated by the debugger, which the page's policy does not bind.
    await page.evaluate(axe)
    found.push(
      ...(await page.evaluate(async () => {
        const { axe } = globalThis as unknown as {
          axe: {
            run: (where: unknown) => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>
          }
        }
        const results = await axe.run(globalThis.document)
        return results.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`)
      })),
    )
  }
  return found
}
