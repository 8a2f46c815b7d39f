import type { AgentName, LandPolicy } from './config.ts'
import type { PhaseId } from './ids.ts'

/** What an approval may set for its run: never a shell command. Only what was given. */
export interface GateFlags {
  /** Phases as written: an id, or two ids with a dash between ("1-3"). `selectPhases` makes ids of them. */
  phases?: string[]
  parallel?: true
  /** Tasks that the plan leaves to whoever approves are done too. */
  withOptional?: true
  /** What catalogues offer for a phase is used in the run. */
  installSkills?: true
  /** US dollars. */
  maxCostUsd?: number
  model?: string
  agent?: AgentName
  maxParallel?: number
  maxParallelPhases?: number
  land?: LandPolicy
  dispatch?: 'team' | 'classic'
  subprocess?: boolean
}

/** What resuming may change: a run that stopped at its budget goes on with another. */
export type ResumeFlags = Pick<GateFlags, 'maxCostUsd' | 'model'>

/** A command of the gate: from a comment, a review, a button, a workflow input or the command line. */
export type GateCommand =
  /** Review (again). `dir` chooses between several plans; from the repository's root, "." for the root itself. */
  | { name: 'orchestrate'; dir?: string; flags: GateFlags }
  /** Offer what the review would change in the plan, as suggestions. */
  | { name: 'adjust' }
  /** `head`: the commit that is meant, 7 to 64 hex digits, lower case. */
  | { name: 'approve'; head?: string; flags: GateFlags }
  | { name: 'retry'; phase: PhaseId; flags: ResumeFlags }
  | { name: 'resume'; phase?: PhaseId; flags: ResumeFlags }
  | { name: 'skip'; phase: PhaseId }
  /**
   * `text`: a person's finding, one line, nothing hidden in it. Without a phase, and then without a text, it stands in a review:
   * what that says at lines is found wrong in the phases that wrote them.
   */
  | { name: 'fix'; phase?: PhaseId; text: string; flags: ResumeFlags }
  | { name: 'continue'; flags: ResumeFlags }
  | { name: 'land' }
  | { name: 'abort' }
  | { name: 'status' }
  | { name: 'why-not'; phase?: PhaseId }

export type CommandName = GateCommand['name']

export const COMMAND_NAMES = [
  'orchestrate',
  'adjust',
  'approve',
  'retry',
  'resume',
  'skip',
  'fix',
  'continue',
  'land',
  'abort',
  'status',
  'why-not',
] as const satisfies readonly CommandName[]
