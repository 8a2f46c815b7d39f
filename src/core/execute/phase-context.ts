import type { Budgets, Config } from '../model/config.ts'
import type { Contract } from '../model/contract.ts'
import type { Problem } from '../model/event.ts'
import type { PhaseId, Sha } from '../model/ids.ts'
import type { PhaseResult } from '../model/phase-result.ts'
import type { Criterion, Phase, Unit } from '../model/plan.ts'
import type { Usage } from '../model/step.ts'
import type {
  Agent,
  Clock,
  CommandRunner,
  LedgerStore,
  Random,
  Reporter,
  Repository,
  SpendJournal,
  Transcripts,
  Workspace,
} from '../ports.ts'
import type { PhaseBook } from './phase-book.ts'
import type { TeamBoard } from './team/board.ts'

/** One phase of an approved run: everything that its steps need, none of it read from a branch that may move. */
export interface PhaseInput {
  run: string
  phase: Phase
  attempt: number
  mode: 'fresh' | 'continue'
  /** A person said that it goes on as it stands: what they committed on its branch since it stopped is theirs, not foreign. */
  handed: boolean
  /** The plan branch's tip at the claim. */
  base: Sha
  branch: string
  units: Unit[]
  criteria: Criterion[]
  config: Config
  contract: Contract
  /** Where a team does the phase: who leads it, and whether plans are approved first. */
  team?: { by: 'lead' | 'loop'; plans: boolean }
  /** From the repository's root. */
  planDir: string
  /** Paths from the root of the files that the plan was read from: only we write them. */
  planFiles: string[]
  /** Globs from the plan directory of files that the plan may gain. */
  planOwn: readonly string[]
  commands: { setup?: string; build?: string; test?: string }
  documents: string[]
  sheets: { tech: string; version?: string; text: string }[]
  skills: { name: string; text: string }[]
  /** What those who edit work as; left out for general-purpose. */
  agent?: { name: string; text?: string }
  /** What merged phases decided. */
  decisions: string[]
  handoff: string | undefined
  personFindings: { by: string; text: string }[]
}

export interface PhasePorts {
  repository: Repository
  ledger: LedgerStore
  agent: Agent
  commands: CommandRunner
  transcripts?: Transcripts
  spent?: SpendJournal
  reporter: Reporter
  clock: Clock
  random: Random
  signal: AbortSignal
}

/** What a phase needs of the run around it. */
export interface RunAround {
  /** The plan branch's tip now, as the run's ledger says. */
  planTip(): Promise<Sha>
  /** What a step that starts now may cost before the next is not started, US dollars; undefined is no limit. */
  moneyLeft(): number | undefined
  /** What run and phase may still spend, steps under way included: passed by no call. US dollars. */
  budgetsLeft(): Budgets
  onCost(usd: number): void
  /** Texts of plan files, hand-off and log after this phase, by path from the root. */
  record(
    result: PhaseResult,
    at: { tree: Sha; files: string[] },
  ): Promise<ReadonlyMap<string, string | undefined>>
  /** Makes `merge` the plan branch's tip if it still is `from`; false: it moved. */
  merge(input: { from: Sha; merge: Sha; head: Sha; result: PhaseResult; usage: Usage }): Promise<boolean>
  /**
   * Resolves true when the model's service may be asked again, or false where this process does not stay for so long. The run
   * shows that the phase waits. `since`: when the step was first told that there is none.
   */
  waitForRoom(limit: { until: number; why: string; since: number }): Promise<boolean>
  /** Asked before what costs money and before the merge: why the phase has to stop now, where anything outside says so. */
  halt?(before: 'step' | 'merge'): Promise<Problem | undefined>
  /** The phase works on a machine that nobody gets at, and that is gone afterwards: people have its branch alone. */
  elsewhere?: boolean
  /** Work up to here goes to the remote, where there is one. */
  checkpoint(refs: { ref: string; sha: Sha }[]): Promise<void>
}

/** What the performers of a phase's actions share. */
export interface PhaseContext {
  input: PhaseInput
  ports: PhasePorts
  around: RunAround
  book: PhaseBook
  workspace: Workspace
  /** Tree of `workspace` as we know it: every step that may change it says so here. */
  directory: { tree: Sha }
  /** What the members of a team share. */
  board?: TeamBoard
  /** Directories of units that are in the making, by unit. */
  ahead: Map<string, Promise<Workspace>>
}

export type PhaseEnd =
  | { kind: 'merged'; result: PhaseResult; usage: Usage }
  | {
      kind: 'stopped'
      problem: { reason: string; message: string; hint: string }
      result: PhaseResult
      usage: Usage
    }
  /** Paused where it was asked to; the attempt stays open and goes on from its last record. */
  | { kind: 'paused'; result: PhaseResult; usage: Usage }
  /** The model's service has no room before `until`, and this process does not stay: the attempt stays open as well. */
  | { kind: 'waiting'; until: number; why: string; usage: Usage }
  /** The process is to end: the attempt stays open and goes on from its last record. */
  | { kind: 'interrupted' }

export const savedRef = (run: string, phase: PhaseId, attempt: number): string =>
  `refs/orchestrate/${run}/saved/${encodeSegment(phase)}-${attempt}`

const encodeSegment = (text: string): string =>
  encodeURIComponent(text).replace(/%/g, '_').replace(/\.\.+/g, '.')
