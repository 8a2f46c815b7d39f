import { access, constants, stat } from 'node:fs/promises'
import { delimiter, isAbsolute, join } from 'node:path'
import type { CommandRunner } from '../../core/ports.ts'
import { agentEnvironment } from './environment.ts'
import { runProcess } from './run-process.ts'

const TAIL_BYTES = 64 * 1024
/** Long enough for a shell on a busy machine to look a name up. */
const LOOKUP_MS = 10_000

/** For paths `command -v` of some shells is content with a file that cannot be run. */
const LOOKUP = 'case "$1" in */*) test -f "$1" && test -x "$1" ;; *) command -v -- "$1" ;; esac'

/** Runs build and test commands by `sh -c`, in the allow-listed environment of `parent`. */
export function createCommandRunner(parent: Readonly<Record<string, string | undefined>>): CommandRunner {
  return {
    async run(command, { cwd, wallMs, signal, env }) {
      const end = await runProcess({
        file: 'sh',
        args: ['-c', command],
        cwd,
        env: agentEnvironment(parent, env),
        limits: { wallMs },
        signal,
        tailBytes: TAIL_BYTES,
      })
      return { outcome: end.outcome, tail: end.tail, durationMs: end.durationMs }
    },
    exists: (command, cwd) => commandExists(command, cwd, agentEnvironment(parent)),
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
