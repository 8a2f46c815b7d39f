import { chmod, mkdir, rm } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Config } from '../../core/model/config.ts'
import type { Failure } from '../../core/model/failure.ts'
import type { CageStanding } from '../../core/ports.ts'
import type { Cage } from './cage.ts'
import type { Load } from './runtime.ts'

export interface DoorOptions {
  mode: Config['sandbox']
  env: Readonly<Record<string, string | undefined>>
  /** What nothing inside is to read besides what is hidden from everybody: where other runs and their worktrees lie. Absolute. */
  hide: readonly string[]
  /** The `.git` of the main checkout, absolute: its configuration may hold an address with a password. */
  gitDir?: string
  /** Where the sandbox runtime is installed, as `npm install --prefix` does; the package's own dependency where nothing is said. */
  runtime?: string
  /** How it is imported, where a plain `import()` does not do. */
  load?: Load
}

export interface Opened {
  /** Undefined where nothing is held. */
  cage: Cage | undefined
  standing: CageStanding
  /** Why nothing may run here. */
  problems: Failure[]
  /** Where throw-away files of calls go. No call sees those of another. */
  tmpDir: string
}

/** The way into the cage, which is looked for when somebody is to work: commands that only show something do without. */
export interface CageDoor {
  open(): Promise<Opened>
  close(): Promise<void>
}

export function cageDoor(options: DoorOptions): CageDoor {
  let opened: Promise<Opened> | undefined
  return {
    open: () => (opened ??= open(options)),
    async close() {
      const found = await opened
      if (found === undefined) return
      await found.cage?.close()
      if (found.tmpDir !== tmpdir()) await rm(found.tmpDir, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

async function open({ mode, env, hide, gitDir, runtime: from, load }: DoorOptions): Promise<Opened> {
  const none = (why: string, problems: Failure[]): Opened => {
    return { cage: undefined, standing: { held: false, why }, problems, tmpDir: tmpdir() }
  }
  if (mode === 'off') return none('switched off', [])
  // The runtime is large: who does not need it does not wait for it.
  const [{ loadRuntime }, { cageProblems }, { openCage }, { gitSecrets }] = await Promise.all([
    import('./runtime.ts'),
    import('./problems.ts'),
    import('./open-cage.ts'),
    import('./hidden.ts'),
  ])
  const runtime = await loadRuntime(from, load)
  const problems = await cageProblems(runtime, env)
  if (runtime === undefined || problems.length > 0)
    return none(problems[0]?.message ?? '', mode === 'required' ? problems : [])
  const tmpDir = join(tmpdir(), `orchestrate-${randomBytes(6).toString('hex')}`)
  await mkdir(tmpDir, { mode: 0o700 })
  await chmod(tmpDir, 0o700)
  const secrets = gitDir === undefined ? { hide: [], mask: [] } : await gitSecrets(gitDir)
  const cage = openCage({ runtime, env, hide: [...hide, tmpDir, ...secrets.hide], mask: secrets.mask })
  return { cage, standing: { held: true }, problems: [], tmpDir }
}
