import type { FirstLook } from '../adapters/git/first-look.ts'

/** Everything of this process that commands may use. Only `main.ts` reads it from `process`. */
export interface Shell {
  cwd: string
  env: Readonly<Record<string, string | undefined>>
  stdin: NodeJS.ReadStream
  stdout: NodeJS.WriteStream
  stderr: NodeJS.WriteStream
  version: string
  nodeVersion: string
  /** Directory of the package itself, for the demo and the agents that come with it. */
  packageRoot: string
  /** How this person calls us, for hints: "orchestrate" or "npm run -s orchestrate --". */
  program: string
  /** Loads a package from where it is installed. The bundle itself cannot: V8 compiled it ahead, without a way to find modules. */
  load?: (specifier: string) => Promise<unknown>
  /** What git was asked while the program was read. */
  look?: FirstLook
}

/** What was typed: the command, its arguments and flags, still as text. */
export interface Input {
  args: readonly (string | undefined)[]
  /** By commander's camel-case names; a flag that was not given is absent. */
  options: Readonly<Record<string, unknown>>
  /** Every flag that was given, as declared ("--team", "--no-team"). */
  given: ReadonlySet<string>
}

/** Runs one command to its end; the answer is the exit code. */
export type Handler = (input: Input, shell: Shell) => Promise<number>
