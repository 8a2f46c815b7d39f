import { quietOnClosedPipe } from './closed-pipe.ts'
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
