/** Names that the App, the Action, the workflow and people's settings have in common. Changing one breaks what others built. */

/** The label that makes a pull request with a plan a gate. */
export const LABEL = 'orchestrate'
/** The check of the gate; branch protection may require it. */
export const GATE_CHECK = 'Orchestrate'
/** The check of one phase. */
export const phaseCheck = (id: string): string => `Orchestrate: phase ${id}`
/** Begins the one comment of a pull request: `<!-- orchestrate:comment {…} -->`. */
export const COMMENT_MARKER = '<!-- orchestrate:comment'
export const WORKFLOW = 'orchestrate.yml'
export const CONFIG_FILE = '.github/orchestrate.yml'
/** The environment whose secrets hold the keys of agents. */
export const ENVIRONMENT = 'orchestrate'

/** `pr12-`: all runs of pull request 12 have names that begin so. */
export const runPrefix = (pull: number): string => `pr${pull}-`
export const pullOfRun = (run: string): number | undefined => {
  const match = /^pr(\d+)-/.exec(run)
  return match ? Number(match[1]) : undefined
}

/** Inputs of `workflow_dispatch`, all strings, "" where they do not apply. */
export interface DispatchInputs {
  /** Number of the pull request. */
  pull: string
  /** The run that is meant; "" for an approval, which makes one. */
  run: string
  /** The commit of the pull request that was approved; "" for what comes later. */
  head: string
  /** The plan's directory from the root; "." for the root itself. */
  'plan-dir': string
  /** A command in the gate's grammar, e.g. `/approve --phases 1-3`; "" to go on with `phases`. */
  command: string
  /** Where the command came from, to be read again there: `comment:ID`, `review:ID`, `check:ID`, `dispatch`. */
  source: string
  /**
   * Phases to start, the matrix of the workflow's jobs: `[{"id","agent"}]` as JSON. Also a list of ids; "" lets the job see
   * for itself.
   */
  phases: string
  /** `true` where the App dispatched it and writes comment and checks itself. */
  app: string
}
