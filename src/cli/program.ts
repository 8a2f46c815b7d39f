import { parse } from './parse.ts'
import type { Shell } from './shell.ts'

/** Reads the command line and runs the command; the answer is the exit code. */
export async function program(argv: readonly string[], shell: Shell): Promise<number> {
  quietOnClosedPipe(shell)
  const parsed = parse(argv, shell.version, shell.program)
  if (parsed.kind === 'text') {
    shell.stdout.write(parsed.text)
    return 0
  }
  if (parsed.kind === 'failures') {
    const { printFailures } = await import('./output.ts')
    return printFailures(parsed.failures, shell)
  }
  try {
    const run = await parsed.command.load()
    return await run(parsed.input, shell)
  } catch (error) {
    // Expected failures are values, so this is a defect of ours.
    const { printDefect } = await import('./output.ts')
    return printDefect(error, shell)
  }
}

/** `orchestrate status | head` closes our pipe: that is no error, and nobody is left to read more. */
function quietOnClosedPipe({ stdout, stderr }: Shell): void {
  for (const stream of [stdout, stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
  }
}
