import type { Config } from './model/config.ts'
import type { Failure } from './model/failure.ts'
import type { PlanWords } from './model/plan.ts'
import type { PhaseResult } from './model/phase-result.ts'
import type { Usage } from './model/step.ts'
import type { Style } from './text/style.ts'
import type {
  Agent,
  Clock,
  CommandRunner,
  LedgerStore,
  Person,
  PlanSource,
  ProjectFiles,
  Random,
  Reporter,
  Repository,
  RunLock,
  SharedLedger,
  SheetCache,
  Sweeper,
  Web,
  SpendJournal,
  Transcripts,
} from './ports.ts'

/** Everything a run needs from outside. A shell builds it, core only uses it. */
export interface Ports {
  repository: Repository
  ledger: LedgerStore
  /** The same as `ledger`, where jobs share the run by a remote. */
  shared?: SharedLedger
  lock: RunLock
  sweeper: Sweeper
  files: ProjectFiles
  /** Left out where nobody may ask the network. */
  web?: Web
  /** Left out where nothing outlives the process. */
  sheets?: SheetCache
  /** GitHub's API, for catalogues; left out is github.com's. */
  githubApi?: string
  /** A service that answers like Context7, and the key for it. */
  context7?: { url: string; key?: string }
  agent: Agent
  commands: CommandRunner
  /** Left out: nothing is kept of what agents say on the way. */
  transcripts?: Transcripts
  /** Left out: what a call has cost that nobody let end is known to nobody. */
  spent?: SpendJournal
  reporter: Reporter
  person: Person
  clock: Clock
  random: Random
  /** Ends all steps when it fires (Ctrl-C, SIGTERM); the run can be resumed. */
  signal: AbortSignal
}

export interface RunRequest {
  source: PlanSource
  config: Config
  /** Who approves with `yes`, for the record: a name and e-mail from git, or a login. */
  actor: string
  /** Pass the gate without asking. */
  yes: boolean
  /** Stop at the gate. */
  dryRun: boolean
  /** Go on with the unfinished run of this plan, if there is one. */
  resume?: boolean
  /** How wide and in which colours the gate is drawn; 100 columns without colour where nothing is said. */
  columns?: number
  style?: Style
}

export type RunState = 'reviewed' | 'approved' | 'merged' | 'landed' | 'aborted'

export interface PhaseView {
  id: string
  title: string
  after: string[]
  state: 'pending' | 'running' | 'needs-input' | 'lost' | 'merged' | 'skipped' | 'excluded'
  attempt: number
  branch: string
  /** While it runs: what it waits for, and until when; `since` is when that was written. Milliseconds since the epoch. */
  waiting?: { until: number; why: string; since: number }
  /** Why it stopped and what to do, while it needs input. */
  stopped?: { reason: string; message: string; hint: string }
  result?: PhaseResult
  merge?: string
}

/** What `status --json` prints, and what reporters draw the end from. */
export interface RunView {
  run: string
  state: RunState
  planDir: string
  /** What the plan's format calls its parts; ours where it is left out. */
  words?: PlanWords
  branch: string
  base: string
  planTip: string
  landed?: string
  phases: PhaseView[]
  usage: Usage
  /** P2/P3 findings that were put off, over all phases. */
  deferred: { phase: string; id: string; severity: string; file: string; line: number; title: string }[]
  startedAt: number
  updatedAt: number
  /** The process that works on the run, as this machine sees it: null where there is none, left out where nobody looked. */
  process?: { pid: number; host: string } | null
  /** Further runs, newest first, where none was named and this one was taken. */
  others?: string[]
}

/** How a command ended. The exit code follows from it. */
export interface Ended {
  exit: 0 | 1 | 2 | 3
  failures: Failure[]
  view?: RunView
}
