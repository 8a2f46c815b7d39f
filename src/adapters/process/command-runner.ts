import { access, constants, mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { delimiter, isAbsolute, join } from 'node:path'
import type { CommandKind } from '../../core/model/config.ts'
import type { CommandRunner } from '../../core/ports.ts'
import { buildEnvironment } from '../sandbox/build-profile.ts'
import type { CageDoor } from '../sandbox/door.ts'
import { holdBehind } from '../sandbox/hold.ts'
import type { Bounds } from './bounds.ts'
import { agentEnvironment } from './environment.ts'
import { type ProcessEnd, type ProcessSpec, runProcess } from './run-process.ts'

const TAIL_BYTES = 64 * 1024
/** Long enough for a shell on a busy machine to look a name up. */
const LOOKUP_MS = 10_000

/** For paths `command -v` of some shells is content with a file that cannot be run. */
const LOOKUP = 'case "$1" in */*) test -f "$1" && test -x "$1" ;; *) command -v -- "$1" ;; esac'

/** Where builds and tests are held, where they are. */
export interface HeldCommands {
  door: CageDoor
  /** The HOME that builds of this project share, absolute; made when it is needed. */
  home: string
  /** Hosts that they may reach. */
  hosts: readonly string[]
  /** What a command may use of the machine. */
  bounds: Bounds
  /** Kinds of commands that run outside. */
  uncaged: readonly CommandKind[]
}

/** Runs build and test commands by `sh -c`, in the allow-listed environment of `parent`; in a cage where there is one. */
export function createCommandRunner(
  parent: Readonly<Record<string, string | undefined>>,
  held?: HeldCommands,
): CommandRunner {
  return {
    async run(command, { cwd, wallMs, signal, env = {}, kind }) {
      const spec: ProcessSpec = {
        file: 'sh',
        args: ['-c', command],
        cwd,
        env: agentEnvironment(parent, env),
        limits: { wallMs },
        signal,
        tailBytes: TAIL_BYTES,
        ...(held === undefined ? {} : { bounds: { use: held.bounds, dirs: [cwd] } }),
      }
      const free = held === undefined || (kind !== undefined && held.uncaged.includes(kind))
      const end = free ? await runProcess(spec) : await runHeld(spec, parent, env, held)
      return { outcome: end.outcome, tail: end.tail, durationMs: end.durationMs }
    },
    exists: (command, cwd) => commandExists(command, cwd, agentEnvironment(parent)),
  }
}

async function runHeld(
  spec: ProcessSpec,
  parent: Readonly<Record<string, string | undefined>>,
  extra: Readonly<Record<string, string>>,
  { door, home, hosts, bounds }: HeldCommands,
): Promise<ProcessEnd> {
  const { cage, tmpDir } = await door.open()
  const hold = holdBehind(door, hosts, bounds)
  if (cage === undefined) return (await hold(spec, [])) ?? (await runProcess(spec))
  await mkdir(home, { recursive: true, mode: 0o700 })
  const tmp = await mkdtemp(join(tmpDir, 'build-'))
  try {
    const env = buildEnvironment(parent, { home, tmp }, extra)
    return (await hold({ ...spec, env }, [spec.cwd, tmp, home])) ?? (await runProcess(spec))
  } finally {
    await rm(tmp, { recursive: true, force: true, maxRetries: 3 })
  }
}

/**
 * Whether the shell would find the first word of `command`. A first word that only the shell can work out (a variable, a
 * substitution) counts as found: running it will tell.
 */
export async function commandExists(
  command: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<boolean> {
  const word = firstWord(command)
  if (word === '') return false
  if (/[$`*?[]/.test(word)) return true
  if (!word.includes('/') && (await isOnPath(word, env['PATH'] ?? ''))) return true
  const { outcome } = await runProcess({
    file: 'sh',
    args: ['-c', LOOKUP, 'sh', word],
    cwd,
    env,
    limits: { wallMs: LOOKUP_MS },
    signal: new AbortController().signal,
  })
  return outcome.kind === 'exit' && outcome.code === 0
}

/** Most are programs: found without a process. What is not may be a builtin, which only the shell knows. */
async function isOnPath(word: string, path: string): Promise<boolean> {
  for (const folder of path.split(delimiter)) {
    // An empty or relative entry counts from where the shell is.
    if (!isAbsolute(folder)) continue
    const file = join(folder, word)
    const found = await access(file, constants.X_OK)
      .then(() => stat(file))
      .catch(() => undefined)
    if (found?.isFile() === true) return true
  }
  return false
}

/** The word a shell would run: after `(`, `{`, `!` and assignments, without quotes. */
export function firstWord(command: string): string {
  const rest = command
    .replace(/^[\s({!]+/, '')
    .replace(/^(?:[A-Za-z_]\w*=(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^\s"'])*\s+)+/, '')
  const [word = ''] = /^(?:"(?:[^"\\]|\\.)*"|'[^']*'|\\.|[^\s;&|<>()"'\\])+/.exec(rest) ?? []
  return word.replace(/"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/g, (_, double, single, escaped) =>
    String(double ?? single ?? escaped),
  )
}
