import { quietOnClosedPipe } from './closed-pipe.ts'
import { parse } from './parse.ts'
import type { Shell } from './shell.ts'

/**
 * Prints help or version where the command line asks for it and says whether it did. A bundle of its own without any command:
 * the whole program takes three times as long to read.
 */
export function printHelp(argv: readonly string[], shell: Shell): boolean {
  const parsed = parse(argv, shell.version, shell.program)
  if (parsed.kind !== 'text') return false
  quietOnClosedPipe(shell)
  shell.stdout.write(parsed.text)
  return true
}
