import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'
import { afterThisTest, tempDir, testEnv } from './git.ts'

export interface Program {
  pid: number
  /** The next line that it prints; throws where it ended without one. */
  line(): Promise<string>
  kill(signal: NodeJS.Signals): void
  /** Its exit code, or the signal that ended it. */
  ended: Promise<number | string>
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Runs TypeScript as a process of its own, for what only a process can show: being killed, ending by itself. */
export function startProgram(source: string, env: Record<string, string> = {}): Program {
  const file = join(tempDir(), 'program.mjs')
  const built = buildSync({
    stdin: { contents: source, resolveDir: ROOT, loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    // Some packages are CommonJS and ask for Node's own modules by it.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    write: false,
    logLevel: 'error',
  })
  writeFileSync(file, built.outputFiles[0]?.text ?? '')
  const child: ChildProcessByStdio<null, Readable, null> = spawn(process.execPath, [file], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...testEnv(), ...env },
  })
  afterThisTest(() => {
    child.kill('SIGKILL')
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ended = once(child, 'exit').then(([code, signal]) => (signal ?? code) as number | string)
  return {
    pid: child.pid ?? 0,
    line: async () => {
      const next = await lines.next()
      if (next.done) throw new Error('the program ended without a line')
      return next.value
    },
    kill: (signal) => child.kill(signal),
    ended,
  }
}
