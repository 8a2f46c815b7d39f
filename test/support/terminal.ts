import { execa } from 'execa'
import { stripVTControlCharacters } from 'node:util'
import { binary } from './cli.ts'

export interface TerminalOptions {
  cwd: string
  columns?: number
  rows?: number
}

/**
 * The built command line in a real terminal: `script` (bsdutils, on every Debian and Ubuntu; macOS has its own) opens a
 * pseudo-terminal and stands between it and our pipes. What is typed goes through the terminal's line discipline, so that
 * Ctrl-C is the signal or the key that it would be for a person.
 */
export class Terminal {
  /** Everything that was written, with its control sequences. */
  raw = ''
  readonly #child
  #changed: () => void = () => {}

  constructor(args: readonly string[], { cwd, columns = 100, rows = 40 }: TerminalOptions) {
    const line = [process.execPath, binary, ...args]
      .map((word) => `'${word.replaceAll("'", `'\\''`)}'`)
      .join(' ')
    const command = `stty cols ${columns} rows ${rows}; exec ${line}`
    const inTerminal =
      process.platform === 'darwin'
        ? ['-q', '/dev/null', 'sh', '-c', command]
        : ['--quiet', '--flush', '--return', '--command', command, '/dev/null']
    this.#child = execa('script', inTerminal, {
      cwd,
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: cwd,
        TERM: 'xterm-256color',
        SHELL: '/bin/sh',
        GIT_CONFIG_NOSYSTEM: '1',
      },
      extendEnv: false,
      reject: false,
    })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.raw += text
        this.#changed()
      })
    }
  }

  /** What was written, as text. */
  get text(): string {
    return stripVTControlCharacters(this.raw).replaceAll('\r', '')
  }

  /** Whether the cursor can be seen: the last word about it counts. */
  get cursor(): boolean {
    return this.raw.lastIndexOf('\u001b[?25h') >= this.raw.lastIndexOf('\u001b[?25l')
  }

  type(keys: string): void {
    this.#child.stdin.write(keys)
  }

  /** Resolves once `pattern` stands in the text; rejects where the program ends without it. */
  async until(pattern: RegExp): Promise<void> {
    let over = false
    void this.#child.then(() => {
      over = true
      this.#changed()
    })
    while (!pattern.test(this.text)) {
      if (over) throw new Error(`It ended without ${String(pattern)}:\n${this.text}`)
      await new Promise<void>((resolve) => (this.#changed = resolve))
    }
  }

  /** Ends what a failed test left running. */
  close(): void {
    this.#child.kill('SIGKILL')
  }

  /** The exit code. */
  async ended(): Promise<number | undefined> {
    const { exitCode } = await this.#child
    return exitCode
  }
}

export const ENTER = '\r'
export const DOWN = '\u001b[B'
export const CTRL_C = '\u0003'
