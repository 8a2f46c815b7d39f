/**
 * A cage around a process: what it may write, what it cannot see, whom it may reach. Agents, and the project's builds and tests,
 * run in one; our own git, the ledger and the tokens stay outside.
 */
import type { ProcessSpec } from '../process/run-process.ts'

export interface CageRules {
  /** Directories that it may write to, absolute. Everything else is read-only. */
  write: readonly string[]
  /** Files and directories that are not to be read, absolute, besides those that the cage hides from everybody. */
  hide?: readonly string[]
  /** Hosts that it may reach, as names or `*.name`; "" stands for none. Loopback ports of ours are named one by one. */
  reach: { hosts: readonly string[]; loopback: readonly number[] }
}

export interface Caged {
  /** The same program, to be started inside. */
  spec: ProcessSpec
  /** What it was stopped from doing, as far as that was seen; for the log of the step. Call it when the process has ended. */
  end(): Promise<string[]>
}

export interface Cage {
  wrap(spec: ProcessSpec, rules: CageRules): Promise<Caged>
  close(): Promise<void>
}
