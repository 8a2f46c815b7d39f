import { mkdir } from 'node:fs/promises'
import type { Bounds } from '../process/bounds.ts'
import { type ProcessEnd, type ProcessSpec, runProcess } from '../process/run-process.ts'
import { cachesIn, toolsBelow } from './build-profile.ts'
import type { CageDoor } from './door.ts'

/**
 * Runs processes in the cage behind `door`, where there is one; undefined where there is none and none is asked for. With a `home`
 * they have that for theirs: hook managers keep there what they install.
 */
export const holdBehind =
  (door: CageDoor, hosts: readonly string[], use: Bounds, home?: string) =>
  async (asked: ProcessSpec, below: readonly string[]): Promise<ProcessEnd | undefined> => {
    const { cage, problems } = await door.open()
    const [problem] = problems
    if (problem !== undefined) return notRun(`${problem.message} ${problem.hint}`)
    if (cage === undefined) return undefined
    if (home !== undefined) await mkdir(home, { recursive: true, mode: 0o700 })
    const spec =
      home === undefined
        ? asked
        : { ...asked, env: { ...toolsBelow(asked.env['HOME']), ...asked.env, ...cachesIn(home) } }
    const write = home === undefined ? below : [...below, home]
    const bounded = { ...spec, bounds: { use, dirs: write } }
    const caged = await cage.wrap(bounded, { write, reach: { hosts, loopback: [] } })
    const end = await runProcess(caged.spec)
    const stopped = await caged.end()
    return stopped.length === 0 ? end : { ...end, tail: `${end.tail}\n${told(stopped)}` }
  }

const notRun = (message: string): ProcessEnd => ({
  outcome: { kind: 'spawn-failed', message, notFound: false },
  tail: message,
  durationMs: 0,
  leftBehind: 0,
})

/** Said where a person, or the agent that mends it, reads why a command failed. */
const told = (stopped: readonly string[]): string =>
  [
    'Stopped by the cage (sandbox_network in .github/orchestrate.yml lists further hosts):',
    ...stopped.slice(0, 20),
  ].join('\n')
