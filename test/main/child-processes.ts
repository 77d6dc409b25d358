import { execFileSync } from 'node:child_process'

/** The numbers of this test's own child processes that were started with `module`. */
export function childProcesses(module: string): number[] {
  const listed = execFileSync('ps', ['-A', '-o', 'ppid=,pid=,args='], { encoding: 'utf8' })
  return listed.split('\n').flatMap((line) => {
    const [parent, own] = line.trim().split(/\s+/)
    return Number(parent) === process.pid && line.includes(module) ? [Number(own)] : []
  })
}
