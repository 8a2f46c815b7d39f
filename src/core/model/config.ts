import type { PhaseId } from './ids.ts'
import type { NamedRegistry } from './registries.ts'
import type { RuleSeverities } from './rules.ts'
import type { StepRole } from './step.ts'

export const AGENT_NAMES = [
  'claude',
  'codex',
  'gemini',
  'opencode',
  'copilot',
  'command',
  'scripted',
] as const
export type AgentName = (typeof AGENT_NAMES)[number]
export const LAND_POLICIES = ['end', 'each', 'none'] as const
export type LandPolicy = (typeof LAND_POLICIES)[number]
export const SANDBOX_MODES = ['required', 'auto', 'off'] as const
export const RESEARCH_AGENT = ['never', 'missing', 'always'] as const
/** Commands of the project that we run ourselves. */
export const COMMAND_KINDS = ['setup', 'build', 'test'] as const
export type CommandKind = (typeof COMMAND_KINDS)[number]

/** The variable of a repository by which its administrators accept jobs without a cage, set to `accept`. */
export const UNCAGED_VARIABLE = 'ORCHESTRATE_UNCAGED'

/** An agent and, for `command`, its program. */
export interface AgentChoice {
  agent: AgentName
  agentCommand?: string
}

/** Asked before each call of a model. US dollars; what is left out has no limit. */
export interface Budgets {
  run?: number
  phase?: number
  step?: number
}

/** US dollars for a million tokens. */
export interface Price {
  input: number
  output: number
  cacheRead: number
  cacheWrite: number
}
export type Prices = Readonly<Record<string, Price>>

/** What a run runs with: flags over `.github/orchestrate.yml` (from HEAD) over the contract over these defaults. */
export interface Config {
  agent: AgentName
  /** Shell command of the `command` agent. */
  agentCommand?: string
  model?: string
  /** Models of single kinds of steps, over `model`: see `modelFor`. */
  models?: Partial<Record<StepRole, string>>
  /** Another agent for single kinds of steps: a second one may review what the first wrote. */
  agents?: Partial<Record<StepRole, AgentChoice>>
  /** Agents at one time in a phase. */
  maxParallel: number
  /** Phases at one time. */
  maxParallelPhases: number
  /** A plan that states no dependency runs side by side where files allow, not in written order. */
  parallel: boolean
  land: LandPolicy
  /** Stops new steps once the run has cost this much. */
  maxCostUsd?: number
  /** What may not be passed, also in the middle of a step. US dollars. */
  budgets?: Budgets
  /** Prices of models that our table does not know, or has wrong: by name, `*` stands for any rest. */
  prices?: Prices
  /** Whether agents, builds and tests run in a cage. A job takes `auto` for `required` unless its repository says otherwise. */
  sandbox: (typeof SANDBOX_MODES)[number]
  /** Hosts that they may reach from there besides the model and the package registries: names or `*.name`. */
  sandboxNetwork: string[]
  /** Registries that the project's own files name, as they were at the commit that the run starts from. */
  registries?: readonly NamedRegistry[]
  /** Commands that run outside of it. */
  uncaged: CommandKind[]
  dispatch: 'auto' | 'team' | 'classic'
  /** Catalogues of skills and agents: `./directory`, `~/directory` or `owner/repository[@ref]`. */
  catalogues: string[]
  /** Consent: what catalogues offer for a phase is used, in this run alone. */
  installSkills: boolean
  /** Matching and research may ask the network. Off: what is here has to do. */
  online: boolean
  /** Documentation by technology or package: addresses of `llms.txt` or other text. */
  researchSources: Record<string, string>
  /** A coding agent writes cheat sheets, before the gate: those that are missing, or all that the project has not written itself. */
  researchAgent: (typeof RESEARCH_AGENT)[number]
  /** False: one agent does a whole phase, its artifacts are checked afterwards. */
  subprocess: boolean
  /** Makes a fresh worktree ready, e.g. `npm ci`; detected where it is not given. */
  setupCmd?: string
  buildCmd?: string
  testCmd?: string
  /** Tasks that the plan leaves to whoever approves are done too; else they are left out and stay open. */
  withOptional?: boolean
  /** Phases that may run; undefined is all. */
  phases?: PhaseId[]
  limits: {
    /** A step's wall time; extended once by `extraMs` where it was active in the last minute. Milliseconds. */
    wallMs: number
    extraMs: number
    /** No output and no file activity for so long ends a step. Milliseconds. */
    idleMs: number
    /** Wall time of one build or test command. Milliseconds. */
    checkMs: number
    /** So long a process stays where a model's service has no room; after that the run is resumed by somebody. Milliseconds. */
    waitMs?: number
    /** What one process with all that it starts may use; `boundsOf` says what holds where nothing is said. */
    diskMb?: number
    files?: number
    processes?: number
    memoryMb?: number
    /** With less free on a disk nothing is started; 0: nobody looks. */
    freeMb?: number
  }
  /** Globs that no agent may change, besides `.git`, `.github/**`, CODEOWNERS and our own configuration. */
  protectedPaths: string[]
  /** A coding agent reads the plan too, before the gate. */
  reviewAgent: boolean
  /** What the review's rules weigh where that is not what they say themselves. */
  rules: RuleSeverities
}

/** Step timeout 600 s, once +300 s with progress: the reference's figures. */
export const DEFAULT_CONFIG: Config = {
  agent: 'claude',
  maxParallel: 3,
  maxParallelPhases: 3,
  parallel: false,
  land: 'end',
  sandbox: 'auto',
  sandboxNetwork: [],
  uncaged: [],
  dispatch: 'auto',
  catalogues: [],
  installSkills: false,
  online: false,
  researchSources: {},
  researchAgent: 'never',
  subprocess: true,
  limits: { wallMs: 600_000, extraMs: 300_000, idleMs: 300_000, checkMs: 900_000 },
  protectedPaths: [],
  reviewAgent: false,
  rules: {},
}

/** Usage limits of subscriptions last 5 hours at most: this outlasts them. Milliseconds. */
export const WAIT_MS = 21_600_000
