import type { Disposition, Finding } from '../../model/finding.ts'
import type { Unit } from '../../model/plan.ts'
import type { FixPass, ReviewStep } from '../../model/step.ts'

/** The steps that have a prompt here; plan review and research have theirs in their own stages. */
export type PromptStep =
  'implement' | 'fix-build' | 'fix-test' | ReviewStep | FixPass | 'verify' | 'resolve-docs' | 'lead' | 'phase'

/**
 * What a prompt is made of. Everything optional is left out of the prompt where it is missing or empty; every part is bounded,
 * cleaned and said once, so a caller passes whole texts.
 */
export interface PromptContext {
  step: PromptStep
  run: string
  /** `text` is the phase as written in the plan; "" where the unit's text says it all. */
  phase: { id: string; title: string; text: string }
  /** Counts from 1. */
  attempt: number
  /** Has to stand in the artifact. */
  nonce: string
  /** What this call implements; undefined is the whole phase. `text` is the spec, or "" for a task that the phase's text holds. */
  unit?:
    | (Pick<Unit, 'id' | 'title' | 'kind' | 'files'> & {
        text: string
        /** The n-th part of a spec that is too large for one agent, and the tasks or requirements in it. */
        part?: { n: number; of: number; items: readonly { id: string; text: string }[] }
      })
    | undefined
  /** Acceptance criteria and requirements. A reviewer that gets some has to judge each. */
  criteria?: readonly { id: string; text: string }[] | undefined
  /** Tasks of the phase, for the contract's templates and where the texts do not name them. */
  tasks?: readonly { id: string; title: string }[] | undefined
  /** Specs of the phase, for the contract's templates. */
  specs?: readonly { name: string; overview?: string }[] | undefined
  /** Paths of CLAUDE.md, AGENTS.md and the like: the agent reads them itself. */
  documents?: readonly string[] | undefined
  /** Cheat sheets of the technologies that the phase uses. */
  sheets?: readonly { tech: string; version?: string | undefined; text: string }[] | undefined
  /** Matched skills: from the base ref, the user's own, or from a catalogue with consent. */
  skills?: readonly { name: string; text: string }[] | undefined
  /** What whoever edits works as; `text` is the definition of that agent, where there is one. */
  agent?: { name: string; text?: string | undefined } | undefined
  /** What earlier phases and units decided. */
  decisions?: readonly string[] | undefined
  /** Paths that the phase names. */
  phaseFiles?: readonly string[] | undefined
  /** Titles of units that other agents do. */
  otherUnits?: readonly string[] | undefined
  /** Findings to fix; for verify with what the fixer said about each. */
  findings?: readonly PromptFinding[] | undefined
  /** The command that is red. `outcome` in words ("exit 1"), `tail` is the end of its output. */
  failing?: { command: string; outcome: string; tail: string } | undefined
  /** Unified diff: what the phase changed (reviews, docs) or what the fix passes changed (verify). */
  diff?: string | undefined
  /** Paths that the phase has changed. */
  changedFiles?: readonly string[] | undefined
  /** Why there is another attempt. */
  continuation?: { reason: string; message: string } | undefined
  /** Liquid templates of `workflow.md`, for implement and phase. */
  templates?: { phasePrompt?: string | undefined; continuation?: string | undefined } | undefined
  /** Text of the hand-off file, for the templates. */
  handoff?: string | undefined
  /** What a person asks for with `/fix`. */
  person?: string | undefined
  /** What a member of a team gets to know of it. */
  team?: TeamPart | undefined
  /** Why the artifact of the last call was refused, for the call that does it again. */
  refused?: readonly { message: string; hint: string }[] | undefined
  /** What the gates found missing after the last call, which this call is to make up for. */
  skipped?: readonly { message: string; hint: string }[] | undefined
}

/** A step `lead` has a role: a worker's plan, the lead's verdict on plans, or a lead with workers of its own. */
export interface TeamPart {
  role?: 'plan' | 'approve' | 'lead'
  /** What others found out, a sentence each. */
  discoveries: readonly string[]
  /** The plan that the lead approved, and what it said about it. */
  approved?: { plan: string; note: string }
  /** The plan that the lead sent back. */
  rejected?: { plan: string; note: string }
  /** Why the worker before was replaced. */
  stuck?: string | undefined
  /** Plans to judge. */
  plans?: readonly { unit: string; title: string; text: string }[]
  /** Pieces for a lead's own workers. */
  pieces?: readonly { id: string; title: string; files: readonly string[]; after: readonly string[] }[]
  maxParallel?: number
  /** Whether such a lead has plans approved first. */
  approval?: boolean
}

export interface PromptFinding extends Finding {
  disposition?: Disposition | undefined
  note?: string | undefined
}

export interface RenderedPrompt {
  /** Byte-identical for all calls of a role. */
  system: string
  user: string
  /** Sizes in bytes (UTF-8) by what it is: static, plan, sheets, skills, findings, log, diff, … `bytes` add up to system + user. */
  parts: { name: string; bytes: number }[]
}
