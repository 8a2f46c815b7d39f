/** The execution contract of `workflow.md`, with our defaults filled in. */
export interface Contract {
  project: {
    name?: string
    type?: 'greenfield' | 'brownfield' | 'prototype'
    buildCmd?: string
    testCmd?: string
  }
  execution: {
    phaseRunner: 'subagent' | 'subprocess'
    /** How often a phase that stopped is tried again before a person is asked. */
    maxPhaseRetries: number
    /** Whether a retry gets the continuation prompt (else the phase prompt again). */
    continuationPrompt: boolean
    progressEnforcement: 'strict' | 'warn' | 'none'
    gates: { betweenPhases: 'auto' | 'manual' | 'review'; onFailure: 'retry' | 'stop' | 'ask' }
  }
  handoff: { file: string; maxLines: number }
  progress: { file: string; mode: 'append_only' }
  /** Liquid template of `## Phase Prompt`; undefined where workflow.md has none. */
  phasePrompt?: string
  /** Liquid template of `## Continuation Prompt`. */
  continuationTemplate?: string
  /** True where the plan has a workflow.md. */
  stated: boolean
}

/** Defaults of the reference pipeline; `onFailure: ask` where no contract says otherwise, since a retry costs money. */
export const DEFAULT_CONTRACT: Contract = {
  project: {},
  execution: {
    phaseRunner: 'subprocess',
    maxPhaseRetries: 2,
    continuationPrompt: true,
    progressEnforcement: 'warn',
    gates: { betweenPhases: 'auto', onFailure: 'ask' },
  },
  handoff: { file: '.claude/handoff.md', maxLines: 150 },
  progress: { file: '.claude/progress-log.md', mode: 'append_only' },
  stated: false,
}
