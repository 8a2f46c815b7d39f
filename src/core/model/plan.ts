import type { Contract } from './contract.ts'
import type { Diagnostic, Place } from './diagnostic.ts'
import type { Digest, PhaseId } from './ids.ts'

export const STATUSES = [
  'draft',
  'pending',
  'in_progress',
  'completed',
  'blocked',
  'skipped',
  'failed',
] as const
export type Status = (typeof STATUSES)[number]

/** The format that was read, as `ingest --json` names it. `invalid` is what a directory that is no plan gives. */
export const PLAN_MODES = [
  'task-based',
  'spec-driven',
  'spec-kit',
  'openspec',
  'kiro',
  'superpowers',
  'task-master',
  'gsd',
  'bmad',
  'plan-md',
] as const
export type PlanMode = (typeof PLAN_MODES)[number]

/**
 * A piece of a document beside the plan that the agents of a phase or task need: a requirement, a design, a story. It stands in a
 * file of the plan, so that it counts into the digest.
 */
export interface ContextPiece {
  /** Relative to the plan directory; may begin with `../`. */
  path: string
  /** What it is, for people and prompts: "Requirement 1.2", "design.md". */
  title: string
  /** First and last line of the piece, from 1; undefined is the whole file. */
  lines?: readonly [number, number]
  /** As written. */
  text: string
}

/** What a format calls its parts, in messages: "story 2.3", "task T014". */
export interface PlanWords {
  phase: string
  task: string
}
export const OUR_WORDS: PlanWords = { phase: 'phase', task: 'task' }

export interface Task {
  /** "1.2": the phase's id and the task's own number, or the id that is written. Unique in the plan. */
  id: string
  title: string
  done: boolean
  /** Paths from the repository's root that the task names. */
  files: string[]
  place: Place
  /** The plan leaves it to whoever approves whether it is done. */
  optional?: boolean
  /** Ids of tasks of this phase that come before it; undefined where the format says nothing about order. */
  after?: readonly string[]
  /** What it needs besides the phase's own text. */
  context?: readonly ContextPiece[]
}

/** An acceptance criterion (`AC-n`) or requirement (`REQ-n`). */
export interface Criterion {
  id: string
  text: string
  place: Place
}

export interface FileTarget {
  path: string
  /** What the Files table says; undefined where it says nothing. */
  action?: 'create' | 'modify' | 'delete'
  purpose?: string
  place: Place
}

export interface Spec {
  name: string
  sprint: number | undefined
  status: Status
  /** Names of other specs, as stated. */
  dependsOn: string[]
  /** Relative to the plan directory. Undefined where the manifest names a spec that has no file. */
  file: string | undefined
  /** First sentence of the overview, for commit messages; empty where there is none. */
  overview: string
  requirements: Criterion[]
  criteria: Criterion[]
  files: FileTarget[]
  tasks: Task[]
  needsFrom: { spec: string; what: string; place: Place }[]
  providesTo: { spec: string; what: string; place: Place }[]
  openQuestions: { text: string; place: Place }[]
  /** The names of the sections that are there, as written. */
  sections: { title: string; place: Place }[]
  /** The whole text, for prompts. */
  text: string
  /** Row of the manifest. */
  place: Place
}

export interface Phase {
  id: PhaseId
  title: string
  status: Status
  /** The text under the heading as written, tasks included, for prompts. Empty in spec-driven plans. */
  text: string
  tasks: Task[]
  specs: Spec[]
  /** Every path the phase names, its tasks' and specs' included; sorted, without duplicates. */
  files: string[]
  targets: FileTarget[]
  criteria: Criterion[]
  /** What is stated for the phase itself, each once, in the order written. Ids of other phases. */
  dependsOn: PhaseId[]
  /** Stated dependencies that name no phase of this plan. */
  unknownDependencies: { text: string; place: Place }[]
  /**
   * What the scheduler waits for: the stated ones and those that follow from specs; in a plan that states none anywhere,
   * the phase written before this one.
   */
  after: PhaseId[]
  place: Place
  /** What its agents need from the documents beside the plan, most specific first. */
  context?: readonly ContextPiece[]
}

/** A document of the project or plan that agents may need: CLAUDE.md, AGENTS.md, README, docs/**. */
export interface ProjectDocument {
  /** From the repository's root. */
  path: string
  kind: 'agent-instructions' | 'codebase-map' | 'readme' | 'doc'
  bytes: number
}

export interface Findings {
  goal?: string
  priority?: string
  approach?: string
  requirements: string[]
  decisions: { decision: string; rationale: string }[]
  text: string
}

export interface PlanFile {
  /** Relative to the plan directory, forward slashes; `../` where a document lies beside it. */
  path: string
  text: string
}

/** What stands in the files, every node with its place. Nothing is resolved or judged yet. */
export interface WrittenPlan {
  mode: PlanMode
  /** Heading of the index file; empty where there is none. */
  title: string
  phases: Omit<Phase, 'after'>[]
  diagnostics: Diagnostic[]
  /** What every phase's agents need. */
  context?: readonly ContextPiece[]
  /** Where a phase that states nothing comes after the one before it even though others state something; but for these. */
  inOrder?: { free: ReadonlySet<string> }
}

/** A plan that was understood: what the stages after ingest work with. */
export interface Plan {
  mode: PlanMode
  title: string
  /** The plan directory from the repository's root, forward slashes; "" is the root itself. */
  dir: string
  /** The plan's name among those of the repository: `dir`, or the path of its one file. From the repository's root. */
  path: string
  /** The file that makes it a plan, relative to `dir`: `manifest.md`, `tasks.md`, `PLAN.md`. */
  index: string
  words: PlanWords
  /** Documents that every phase's agents need. */
  context: readonly ContextPiece[]
  phases: Phase[]
  /** True where at least one dependency is stated anywhere. */
  dependenciesStated: boolean
  contract: Contract
  findings: Findings | undefined
  documents: ProjectDocument[]
  /** SHA-256 over the plan's input files, statuses and progress normalised away. */
  digest: Digest
  /** The files that were read, for prompts and for write-back. */
  files: PlanFile[]
  diagnostics: Diagnostic[]
}

/** One piece of a phase that an agent implements: a spec, a task, or the whole phase where it lists neither. */
export interface Unit {
  /** Spec name or task id; "" is the whole phase. */
  id: string
  title: string
  kind: 'spec' | 'task' | 'phase'
  files: string[]
  /** Ids of units of this phase that must be committed before. */
  after: string[]
  /** Where a spec is too large for one agent: the n-th of several parts of it, and the ids of tasks or requirements in it. */
  part?: { spec: string; n: number; of: number; items: string[] } | undefined
}
