import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Bounds, boundsOf } from '../../src/adapters/process/bounds.ts'
import { type ProcessEnd, runProcess } from '../../src/adapters/process/run-process.ts'
import { openCage } from '../../src/adapters/sandbox/open-cage.ts'
import type { Runtime } from '../../src/adapters/sandbox/runtime.ts'
import type { HeavyAttempt } from './heavy.ts'

/** Makes attempts in a cage, each in a directory of its own that is gone afterwards. */
export function heavyWorld(runtime: Runtime) {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'heavy-')))
  const cage = openCage({ runtime, env: { HOME: join(root, 'home') }, hide: [] })
  let made = 0
  return {
    async close() {
      await cage.close()
      rmSync(root, { recursive: true, force: true })
    },
    /** Without `bounds` nothing bounds it, and it ends when it has what it wants. */
    async attempt({ script }: HeavyAttempt, size: number, bounds?: Partial<Bounds>): Promise<ProcessEnd> {
      const cwd = join(root, String(made++))
      mkdirSync(cwd)
      const spec = {
        file: 'sh',
        args: ['-c', script],
        cwd,
        env: {
          ...{ PATH: process.env['PATH'] ?? '', NODE: process.execPath, SIZE: String(size) },
          THEN: bounds === undefined ? ':' : 'sleep 90',
        },
        limits: { wallMs: 120_000 },
        signal: new AbortController().signal,
        ...(bounds === undefined ? {} : { bounds: { use: { ...boundsOf(), ...bounds }, dirs: [cwd] } }),
      }
      const { spec: inside, end } = await cage.wrap(spec, {
        write: [cwd],
        reach: { hosts: [], loopback: [] },
      })
      try {
        return await runProcess(inside)
      } finally {
        await end()
        rmSync(cwd, { recursive: true, force: true })
      }
    },
  }
}
