/**
 * The outside world as core sees it. Adapters implement these; tests use the real ones on temporary directories.
 * Nothing here throws for an expected failure: outcomes are values.
 */
import type { Budgets, CommandKind } from './model/config.ts'
import type { Failure } from './model/failure.ts'
import type { Sha } from './model/ids.ts'
import type { ProjectDocument } from './model/plan.ts'
import type { ProgressEvent } from './model/progress-event.ts'
import type { Result } from './model/result.ts'
import type { AgentStep, Usage } from './model/step.ts'
import type { Transcript, TranscriptEntry, TranscriptLine, TranscriptPlace } from './model/transcript.ts'

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
}

export interface Random {
  /** Hex digits of `bytes` random bytes. */
  hex(bytes: number): string
}

/** Where core tells what happens; one reporter per surface renders it. */
export interface Reporter {
  emit(event: ProgressEvent): void
}

/** A person who can be asked, or nobody (no terminal): then every answer is undefined. */
export interface Person {
  /** Shows `text` and lets one of `choices` be taken. */
  choose<T extends string>(
    question: string,
    text: string,
    choices: { value: T; label: string }[],
  ): Promise<T | undefined>
  /** A line of free text. */
  ask(question: string, initial?: string): Promise<string | undefined>
}

// ── files of the plan and project ────────────────────────────────────────────────────────────────────────────────

/** Read access to the plan directory and the project around it. Paths use forward slashes. */
export interface PlanSource {
  /** The plan directory (or its one file) as the user gave it, absolute, for messages. */
  readonly shown: string
  /** Name of the plan's one file in `dir`, where the plan is a file and not a directory. */
  readonly file?: string
  /** The plan directory from the repository's root; "" for the root itself. */
  readonly dir: string
  /**
   * Text of a file relative to the plan directory (`../` leads to documents beside it, never out of the repository); undefined where
   * there is none. Bytes that are no UTF-8 are replaced and named in `invalid`.
   */
  read(path: string): Promise<{ text: string; invalidUtf8: boolean } | undefined>
  /** Files below the plan directory, at most 5,000 and `depth` folders deep (2 where not given), relative to it, sorted. */
  list(depth?: number): Promise<string[]>
  /** CLAUDE.md, AGENTS.md, README*, docs/**.md of the project, sorted by path. */
  documents(): Promise<ProjectDocument[]>
}

/** Read-only files of the project and the user's home, for matching, research and command detection. */
export interface ProjectFiles {
  /** Text of a file from the repository's root. */
  read(path: string): Promise<string | undefined>
  /** Paths from the root matching a glob, sorted; never below node_modules unless `base` lies there. */
  glob(pattern: string, base?: string): Promise<string[]>
  /** Text of a file below the user's home directory. */
  readHome(path: string): Promise<string | undefined>
  globHome(pattern: string): Promise<string[]>
  /** Time of the last change, milliseconds since the epoch. */
  modified(path: string): Promise<number | undefined>
  /** Writes below the root. Only for what a stage is there to write (cheat sheets). */
  write(path: string, text: string): Promise<void>
}

// ── network ──────────────────────────────────────────────────────────────────────────────────────────────────────

export type WebAnswer =
  { ok: true; /** After redirects. */ url: string; text: string } | { ok: false; why: string }

/** Texts from the network, bounded in time and size; only where the configuration lets matching and research ask it. */
export interface Web {
  get(url: string, headers?: Record<string, string>): Promise<WebAnswer>
}

/** Sheets that were looked up before, by technology and version ("" where none is pinned). */
export interface SheetCache {
  read(tech: string, version: string): Promise<string | undefined>
  write(tech: string, version: string, text: string): Promise<void>
}

// ── processes ────────────────────────────────────────────────────────────────────────────────────────────────────

/** How a subprocess ended. Never an exception. */
export type ProcessOutcome =
  | { kind: 'exit'; code: number }
  | { kind: 'signal'; signal: string }
  | { kind: 'timeout'; afterMs: number }
  | { kind: 'idle'; afterMs: number }
  /** Ended by us for what it used of the machine, or not started for want of it; what that was and which setting bounds it. */
  | { kind: 'over-limit'; limit: 'disk' | 'files' | 'processes' | 'memory' | 'free'; message: string }
  | { kind: 'spawn-failed'; message: string; notFound: boolean }
  | { kind: 'cancelled' }

/** Whether the processes of agents and builds are held by a cage on this machine, and if not, why not. */
export type CageStanding = { held: true } | { held: false; why: string }

/** Runs build and test commands of the project. */
export interface CommandRunner {
  /** Runs `command` by the shell in `cwd`. `tail` is the end of stdout and stderr together, at most 64 KiB. */
  run(
    command: string,
    options: {
      cwd: string
      wallMs: number
      signal: AbortSignal
      env?: Record<string, string>
      /** What it is for: the configuration may let one of them out of the cage. */
      kind?: CommandKind
    },
  ): Promise<{ outcome: ProcessOutcome; tail: string; durationMs: number }>
  /** Whether the shell would find the first word of `command` (program, builtin, or a path from `cwd`). */
  exists(command: string, cwd: string): Promise<boolean>
}

// ── agents ───────────────────────────────────────────────────────────────────────────────────────────────────────

export interface AgentRequest {
  run: string
  phase: string
  attempt: number
  step: AgentStep
  /** Spec name or task id; "" for whole-phase steps. */
  unit: string
  /** The working directory, absolute. */
  cwd: string
  /** `system` is byte-identical for all calls of a role; `user` is what varies. Sent in this order. */
  prompt: { system: string; user: string }
  model?: string
  /** What the agent may do with the working directory. */
  access: 'edit' | 'read-only'
  /** JSON Schema of the artifact that is asked for. */
  schema: object
  nonce: string
  /** `budgets`: what each scope may still spend as of now, kept before every call of its model where there is a gateway. */
  limits: { wallMs: number; extraMs: number; idleMs: number; budgets?: Budgets }
  /** Agents that it may start by itself, by name, where it can. */
  workers?: Readonly<Record<string, { description: string; prompt: string; access: 'edit' | 'read-only' }>>
  /** It is a member of a team: what all of them see, as a file that follows every change. */
  board?: Board
}

/** A team's task list. */
export interface Board {
  text(): string
  /** Told of every change; gives what ends that. */
  onChange(listener: () => void): () => void
}

export type AgentActivity =
  | { kind: 'text'; text: string }
  | { kind: 'tool'; tool: string; target?: string }
  | { kind: 'usage'; usage: Usage }
  /** A member of a team tells the others something while it works. */
  | { kind: 'discovery'; text: string }
  | { kind: 'retry'; attempt: number; delayMs: number; status?: number }
  /** A line that its program printed, for the transcript. */
  | { kind: 'output'; text: string }

/**
 * Why a call brought nothing: `refused` (the model would not), `denied` (a tool that it needed), `over-budget`, `over-limit` (disk, memory, processes), `rate-limited`
 * (429, 529, a usage limit), `auth` (the key), `unavailable` (other failures of the model's service), `timeout`, `idle`,
 * `cancelled` (by us, on purpose), `killed` (by a signal that we did not send), `crashed` (another exit code), `malformed`
 * (it ended well and said nothing that can be read), `not-found` (the program is not there).
 */
export const AGENT_FAILURES = [
  'refused',
  'denied',
  'over-budget',
  'over-limit',
  'rate-limited',
  'auth',
  'unavailable',
  'timeout',
  'idle',
  'cancelled',
  'killed',
  'crashed',
  'malformed',
  'not-found',
] as const

export interface AgentFailure {
  reason: (typeof AGENT_FAILURES)[number]
  message: string
  /** Milliseconds after which the service may be asked again, where it said so. */
  retryAfterMs?: number
  /** What was reached where it has no room, for people: "rate limit of Anthropic". */
  limit?: string
}

export type AgentOutcome = {
  usage: Usage
  durationMs: number
  /** End of its output, at most 16 KiB. */
  tail: string
  /** The artifact's text; undefined where none was written. */
  artifact: string | undefined
  /** Tools that were refused to it on the way. */
  denied?: string[]
} & ({ kind: 'completed' } | ({ kind: 'failed' } & AgentFailure))

export interface Agent {
  readonly name: string
  /** Whether its calls of a model are counted as they are made. Left out: what it cost is known when it has ended. */
  readonly metered?: boolean
  /** Whether it can lead workers of its own. */
  readonly leads?: boolean
  /** Who does this step, where that depends on the step: `name` where it is left out. */
  nameFor?(step: AgentStep): string
  /** Which version is installed, and what to be warned of; nothing of it stops a run. */
  about?(): Promise<{ version?: string; warnings: string[] }>
  /** Problems that would stop every call: binary missing, no key, no cage. Asked before a cent is spent. */
  preflight(): Promise<Failure[]>
  /** What holds its processes. Left out: nothing does, and nobody asked for it. */
  cage?(): Promise<CageStanding>
  run(
    request: AgentRequest,
    signal: AbortSignal,
    onActivity: (activity: AgentActivity) => void,
  ): Promise<AgentOutcome>
}

/** Keeps what agents did, call by call. */
export interface Transcripts {
  /** Begins one. What finds no room in it is counted and left out. */
  open(place: TranscriptPlace): { tell(entry: TranscriptEntry): void; close(): Promise<void> }
  /** All of a run that are here, oldest first. */
  read(run: string): Promise<Transcript[]>
  /** Tells every line of a run's that is here, then every one that comes, each once, with the call that it is of. */
  follow(
    run: string,
    tell: (call: TranscriptPlace & { startedAt: number }, line: TranscriptLine) => void,
  ): Promise<Followed>
}

export interface Followed {
  /** Looks whether something came that nobody was told of. Resolves when that is told. */
  look(): Promise<void>
  close(): void
}

/** What calls under way have cost, kept where no end of this process reaches it, until the ledger has theirs. */
export interface SpendJournal {
  /** Replaces what was told of this call before. Never fails: a disk that takes nothing more costs the entry. */
  tell(call: TranscriptPlace, spent: { usage: Usage; durationMs: number }): void
  /** The last that was told of each call of an attempt. */
  read(
    attempt: Pick<TranscriptPlace, 'run' | 'phase' | 'attempt'>,
  ): Promise<{ call: TranscriptPlace; usage: Usage; durationMs: number }[]>
}

// ── git ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Change {
  path: string
  kind: 'added' | 'modified' | 'deleted' | 'type-changed'
  /** Git's mode of the new side: "100644", "100755", "120000" (symlink), "160000" (submodule), "000000" when deleted. */
  mode: string
  /** Size of the new side in bytes; 0 when deleted. */
  bytes: number
}

export interface CommitInput {
  tree: Sha
  parents: Sha[]
  message: string
  /** Seconds since the epoch: given, so that the same input makes the same commit. */
  at: number
}

export type MergeResult = { ok: true; tree: Sha } | { ok: false; conflicts: string[] }

/** What the checkout looks like before a run, for the checks that come first. */
export interface CheckoutFacts {
  root: string
  bare: boolean
  shallow: boolean
  /** Undefined where HEAD is detached. */
  branch: string | undefined
  /** Undefined in a repository without a commit. */
  head: Sha | undefined
  /** Paths with staged or unstaged changes to tracked files. */
  modified: string[]
  untracked: string[]
  /** Name of the remote that is published to; undefined where there is none. */
  remote: string | undefined
  writable: boolean
}

/** How many commits of a chain carry a signature that git here calls good, bad, or cannot judge. */
export interface Signatures {
  commits: number
  good: number
  bad: number
  unknown: number
}

/** Objects and refs of the user's repository. Never touches its checkout, except in `land`. */
export interface Repository {
  facts(): Promise<CheckoutFacts>
  resolve(rev: string): Promise<Sha | undefined>
  treeOf(commit: Sha): Promise<Sha>
  isAncestor(ancestor: Sha, descendant: Sha): Promise<boolean>
  mergeBase(a: Sha, b: Sha): Promise<Sha | undefined>
  /** Text of a blob at `path` of a commit or tree. */
  readFile(treeish: Sha, path: string): Promise<string | undefined>
  /** Number of lines of a text file at `path`; undefined where there is no such file. */
  lineCount(treeish: Sha, path: string): Promise<number | undefined>
  /** The tree without a file. */
  emptyTree(): Promise<Sha>
  /** A tree like `tree` with these files written; undefined as text removes one. */
  writeFiles(tree: Sha, files: ReadonlyMap<string, string | undefined>): Promise<Sha>
  /** A tree like `tree` with these paths as they are in the tree `from`, mode and all; gone where they are no file there. */
  graft(tree: Sha, from: Sha, paths: readonly string[]): Promise<Sha>
  /** Same input, same commit. Committer is Orchestrate's, author too. */
  commit(input: CommitInput): Promise<Sha>
  changes(from: Sha, to: Sha): Promise<Change[]>
  /** Unified diff, cut at `maxBytes` with a note. `paths` limits it. */
  patch(from: Sha, to: Sha, maxBytes: number, paths?: string[]): Promise<string>
  /** Three-way merge in memory (`git merge-tree`), no checkout. */
  merge(base: Sha, ours: Sha, theirs: Sha): Promise<MergeResult>
  /** Compare-and-swap of refs, all or none. `from: undefined` means "must not exist", `to: undefined` deletes. */
  updateRefs(updates: { ref: string; from: Sha | undefined; to: Sha | undefined }[]): Promise<boolean>
  refs(prefix: string): Promise<{ ref: string; sha: Sha }[]>
  log(
    from: Sha,
    to: Sha,
  ): Promise<{ sha: Sha; parents: Sha[]; subject: string; trailers: Record<string, string> }[]>
  /** The commit that wrote each of these lines of a file, as `commit` has it. Empty where they are not there. */
  blame(commit: Sha, path: string, lines: { from: number; to: number }): Promise<Sha[]>
  /** Commits of `to` that are not in `from` and changed the file, newest first. */
  touching(from: Sha, to: Sha, path: string): Promise<Sha[]>
  /** Of `head` and its first parents. */
  signatures(head: Sha): Promise<Signatures>
  /** Runs the project's hook if there is one. `messageFile` is for commit-msg. */
  runHook(
    name: 'pre-commit' | 'commit-msg',
    workspace: Workspace,
    message?: string,
  ): Promise<
    | { ok: true; /** False where there is no such hook. */ ran: boolean; message?: string }
    | { ok: false; output: string }
  >
  /** Fast-forwards the user's branch and, where it is checked out and clean, its files. */
  land(branch: string, expected: Sha, to: Sha): Promise<Result<void>>
  /** Whether there is a remote that runs are published to, as last seen. */
  publishes(): Promise<boolean>
  /** One atomic push with leases on what the remote was last seen to have. A refusal is a value: work goes on locally. */
  publish(refs: { ref: string; sha: Sha }[]): Promise<{ ok: true } | { ok: false; message: string }>
  /** Brings the remote's runs here where ours are absent or behind. How many refs came; 0 without a remote. */
  fetchRuns(): Promise<number>
  /** Why the last `fetchRuns` brought nothing although there is a remote; undefined after one that worked. */
  fetchProblem(): string | undefined
  workspaces: Workspaces
}

/** Working directories of a run, apart from the user's checkout. */
export interface Workspaces {
  /** Makes or reopens the worktree `name` (ref-safe) of a run at `commit`, detached. */
  open(run: string, name: string, commit: Sha): Promise<Workspace>
  /** Removes it. Refuses (false) when it holds changes that are in no commit; `recorded` is a tree that the ledger keeps. */
  remove(workspace: Workspace, recorded?: Sha): Promise<boolean>
  /** Removes it, in the same way, when there is time: while an agent works, while a branch lands, or at `settle`. */
  removeSoon(workspace: Workspace, recorded?: Sha): void
  /** Resolves when what was to be removed soon is gone, or was kept. */
  settle(): Promise<void>
  /** Worktrees of runs that still exist, for "orphaned worktrees are found and offered". */
  list(run?: string): Promise<{ run: string; name: string; path: string }[]>
}

export interface Workspace {
  readonly path: string
  /** True where it was made just now: nothing that git ignores (dependencies, build output) is in it yet. */
  readonly fresh: boolean
  /** The commit that is checked out: other than what we put there where a person committed in it. */
  head(): Promise<Sha>
  /** Tree of everything in the directory that git does not ignore, written to the object store. */
  snapshot(): Promise<Sha>
  /** Makes index, files and HEAD equal to `commit`; what was there and is in no commit is first saved as a commit under `saveAs`. Returns the saved commit. `recorded` is a tree that the ledger keeps. */
  reset(commit: Sha, saveAs: string, recorded?: Sha): Promise<Sha | undefined>
  /** HEAD and index become `commit`, files stay: what a build left and git does not ignore stays uncommitted. */
  moveHead(commit: Sha): Promise<void>
  /** Makes the files equal to `tree` without moving HEAD (sets aside what an agent may not change). */
  checkoutTree(tree: Sha): Promise<void>
}

// ── ledger ───────────────────────────────────────────────────────────────────────────────────────────────────────

export interface LedgerEntry {
  commit: Sha
  /** The event as it was written, not yet validated. */
  event: unknown
}

/** A ref that follows an event: from where the ledger says that it stands (undefined: nowhere) to where the event puts it. */
export interface RefMove {
  ref: string
  from: Sha | undefined
  to: Sha
}

/** Without a `failure` somebody else was faster: read again and decide again. */
export type Appended = { ok: true; head: Sha } | { ok: false; failure?: Failure }

/** A chain of commits per ref. Appending is a compare-and-swap on the ref. */
export interface LedgerStore {
  /** Oldest first. Follows the chain through `parent`s. An absent ref gives no entries. */
  read(ref: string): Promise<Result<{ head: Sha | undefined; entries: LedgerEntry[] }>>
  /**
   * Appends one event. `files` are written into the tree beside those of the parent (text, or a tree to be kept alive as a
   * subfolder). `parent` may be the head of another chain for a first entry.
   */
  append(input: {
    ref: string
    expected: Sha | undefined
    parent?: Sha
    subject: string
    event: object
    files?: ReadonlyMap<string, string | { tree: Sha }>
    at: number
    /** Where the chain is shared by a remote: refs that go there with this event or not at all. */
    along?: readonly RefMove[]
    /** Where the chain is shared: the next event of the chain takes this one along. */
    hold?: boolean
  }): Promise<Appended>
  /** Text of a file in the tree of a ledger commit. */
  file(commit: Sha, path: string): Promise<string | undefined>
  /** All runs that have a ledger here. */
  runs(): Promise<string[]>
}

/** A ledger that jobs share by a remote: what the remote has is what counts. */
export interface SharedLedger extends LedgerStore {
  /** Brings a run's refs here as the remote has them. Steps that were recorded here and not published yet stay. */
  fetch(run: string): Promise<Result<void>>
  /**
   * Publishes a phase's chain and branch as a checkpoint. `lost`: the remote has something else in them, so another job works
   * on the phase or somebody pushed there. A failure leaves all as it is; the next push takes it along.
   */
  checkpoint(
    refs: { ref: string; sha: Sha }[],
  ): Promise<{ ok: true } | { ok: false; lost: boolean; failure: Failure }>
  /** Pushes that reached for the remote so far. */
  readonly pushes: number
}

/** One holder per run on this machine; a holder that died is noticed. */
export interface RunLock {
  acquire(run: string): Promise<Result<() => Promise<void>>>
  /** Who holds it now; undefined where nobody does, or only a process that died. Changes nothing. */
  holder(run: string): Promise<{ pid: number; host: string } | undefined>
}

/** Ends every process that carries this run's variable in its environment and is not ours. Returns how many. */
export interface Sweeper {
  sweep(run: string): Promise<number>
}
