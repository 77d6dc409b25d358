/**
 * The command line in a process that watches its own memory: `measured-segscope.ts REPORT ARGUMENTS...` runs `segscope
 * ARGUMENTS...` and leaves a MemoryReport as JSON in the file REPORT.
 */
import { writeFileSync } from 'node:fs'

export interface MemoryReport {
  peakBytes: number
  /** Resident set, four times a second. */
  samples: number[]
}

const report = process.argv.splice(2, 1)[0] as string
const samples: number[] = []
setInterval(() => samples.push(process.memoryUsage.rss()), 250).unref()
process.on('exit', () => {
  const memory: MemoryReport = { peakBytes: process.resourceUsage().maxRSS * 1024, samples }
  writeFileSync(report, JSON.stringify(memory))
})
await import('../../src/main/cli.ts')
