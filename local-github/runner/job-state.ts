/** What one job knows while it runs, and the frames that its steps stand in. */
import type { Scope, Status } from './expressions.ts'
import type { JobLog } from './job-log.ts'
import type { JobProcesses } from './process.ts'
import type { Masks } from './masks.ts'
import type { StepFile } from './workflow-file.ts'

export interface StepResult {
  /** Before `continue-on-error`. */
  outcome: 'success' | 'failure' | 'cancelled' | 'skipped'
  conclusion: 'success' | 'failure' | 'cancelled' | 'skipped'
  outputs: Record<string, string>
}

/** The steps of a job, or of a composite action: each has its own `steps`, its own success. */
export interface Frame {
  steps: Record<string, StepResult>
  failed: boolean
  /** Of the composite action; undefined for the job itself, whose inputs are the run's. */
  inputs?: Record<string, string>
  /** `env` of the step that called the composite action, which its steps inherit. */
  env: Record<string, string>
  /** `action_path`, `action_ref`, `action_repository`. */
  action: Record<string, string>
}

export interface JobDirs {
  workspace: string
  temp: string
  home: string
  tools: string
}

/** Where steps of a job find what they need. Mutable where it says so. */
export interface JobState {
  id: number
  dirs: JobDirs
  log: JobLog
  masks: Masks
  processes: JobProcesses
  /** `github`, `needs`, `matrix`, … without those that change from step to step. */
  contexts: Readonly<Record<string, unknown>>
  github: Record<string, unknown>
  /** `defaults.run` of workflow and job. */
  defaults: Record<string, unknown>
  /** Of the runner's own making: what every process starts with. */
  baseEnv: Readonly<Record<string, string>>
  /** Grows by `GITHUB_ENV`. */
  env: Record<string, string>
  /** Grows by `GITHUB_PATH`; the newest first. */
  paths: string[]
  /** Clean-up of actions, the newest first. Each answers whether it went well. */
  posts: { name: string; if: string; run: (stop: AbortSignal) => Promise<boolean> }[]
  /** What `pre` of an action saved, by the step that uses it. */
  states: Map<StepFile, Record<string, string>>
  /** Raised by a cancelled run, by `fail-fast`, by the time limit. */
  cancel: AbortSignal
  /** Raised when the runner is lost: nothing more runs, not even clean-up. */
  lost: AbortSignal
  /** Where the action `owner/repo[/path]` lies; undefined where this runner has none. */
  actionDir: (name: string) => string | undefined
  /** The program that runs `node20`, `node24`, … */
  node: (version: string) => string
}

/** One step under way. */
export interface StepRun {
  job: JobState
  frame: Frame
  step: StepFile
  /** The step's own `env`. */
  env: Record<string, string>
  /** Filled as the step goes on. */
  outputs: Record<string, string>
  /** Ends the step's processes. */
  stop: AbortSignal
}

export function statusOf(job: JobState, frame: Frame): Status {
  const cancelled = job.cancel.aborted
  return { success: !frame.failed && !cancelled, failure: frame.failed && !cancelled, cancelled }
}

/** What an expression of a step sees. `env` is that of the step on top of the job's. */
export function stepScope(job: JobState, frame: Frame, env: Readonly<Record<string, string>> = {}): Scope {
  const inner = frame.inputs !== undefined
  return {
    contexts: {
      ...job.contexts,
      github: { ...job.github, ...frame.action },
      env: { ...job.env, ...frame.env, ...env },
      job: { status: job.cancel.aborted ? 'cancelled' : frame.failed ? 'failure' : 'success' },
      steps: frame.steps,
      ...(inner ? { inputs: frame.inputs, secrets: undefined, needs: undefined } : {}),
    },
    status: statusOf(job, frame),
    workspace: job.dirs.workspace,
  }
}
