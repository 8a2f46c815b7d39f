/**
 * What tests, the demo and the workflow runner use of the GitHub on this machine. `start.ts` makes one:
 * `startLocalGitHub(options): Promise<LocalGitHub>`.
 */

export type RoleName = 'none' | 'read' | 'triage' | 'write' | 'maintain' | 'admin'
export type TokenPermissions = Readonly<Record<string, 'read' | 'write'>>

export interface LocalGitHubOptions {
  /** 0 or nothing: any free port of 127.0.0.1. */
  port?: number
  /** Where bare repositories lie; a temporary directory, removed by `close`, where nothing is said. */
  dir?: string
  /** How many webhooks are under way to one App at the same time; 1, which keeps their order, where nothing is said. */
  deliveriesAtOnce?: number
  /** Told every answer that is JSON or empty, before it is sent; GraphQL and git among them. */
  onAnswer?: (answer: SentAnswer) => void
}

export interface SentAnswer {
  method: string
  /** With the query. */
  path: string
  status: number
  /** Undefined where there is none. */
  body: unknown
}

export interface LocalApp {
  id: number
  slug: string
  /** PEM. */
  privateKey: string
  webhookSecret: string
  /** The login of its bot: `<slug>[bot]`. */
  bot: string
}

export interface RecordedRequest {
  method: string
  /** With the query; a GraphQL request is `POST /graphql` with its operation's name in `operation`. */
  path: string
  operation?: string
  status: number
  /** Whose token: a login, `<app>[bot]`, `github-actions[bot]`, `jwt:<app>` or `anonymous`. */
  as: string
  /** Milliseconds since the start of the server, when it came and when it was answered. */
  from: number
  to: number
}

export interface Delivery {
  id: string
  event: string
  action?: string
  repository: string
  payload: Record<string, unknown>
  attempts: { status: number; ms: number }[]
}

/** What a workflow can be started by. Sent to the runner for every event, whoever caused it. */
export interface WorkflowEvent {
  event: string
  action?: string
  repository: string
  payload: Record<string, unknown>
  /** False for what a GITHUB_TOKEN did: such events start nothing, but for the two dispatch events. */
  startsWorkflows: boolean
  /** The id of the run that it starts, where the server has promised one already (`return_run_details`). */
  runId?: number
}

/** Each is asked for every request (or delivery); undefined lets it pass. */
export interface Faults {
  /** Answers instead of the server (`after: false`), or after it did its work (`after: true`: a 502 that came too late). */
  respond?: (request: {
    method: string
    path: string
    operation?: string
    as: string
  }) => { status: number; headers?: Record<string, string>; body?: unknown; after?: boolean } | undefined
  /**
   * What a caller may ask in an hour before it is refused with 403, until the hour is over. Where nothing is said GitHub's own
   * limits stand in the headers, and nobody is refused.
   */
  requestsPerHour?: number
  /** Milliseconds that every answer waits. */
  latencyMs?: number
  dropDelivery?: (delivery: Delivery) => boolean
  duplicateDelivery?: (delivery: Delivery) => boolean
  /** Holds deliveries back until `releaseDeliveries`, which sends them in the order that it is given. */
  holdDeliveries?: boolean
}

export interface LocalGitHub {
  /** Root of the REST API and of the web: `http://127.0.0.1:PORT`. GraphQL is `<url>/graphql`. */
  readonly url: string
  readonly requests: RecordedRequest[]
  readonly deliveries: Delivery[]
  readonly faults: Faults

  /** A person; returns a personal token. */
  addUser(login: string): Promise<{ login: string; id: number; token: string }>
  /** A repository with one commit of `files` on its default branch. `owner` is a user or an organisation made on the way. */
  createRepository(input: {
    owner: string
    name: string
    private?: boolean
    defaultBranch?: string
    files?: Readonly<Record<string, string>>
  }): Promise<{ fullName: string; defaultBranch: string; gitDir: string }>
  /** Where the bare repository lies: the runner reads workflow files there without a clone. */
  gitDir?(fullName: string): string
  setRole(fullName: string, login: string, role: RoleName): void
  /** Address to clone and push with `token` in it. */
  cloneUrl(fullName: string, token?: string): string

  createApp(input: {
    name: string
    permissions: TokenPermissions
    events: string[]
    webhookUrl?: string
  }): Promise<LocalApp>
  setWebhookUrl(appId: number, url: string): void
  installApp(appId: number, fullName: string): Promise<{ installationId: number }>

  /** A GITHUB_TOKEN of a job: what it may do is `permissions`, and what it does starts no workflow. */
  jobToken(fullName: string, permissions: TokenPermissions): string
  revokeToken(token: string): void

  /** Required status checks and refusals for a branch. */
  protectBranch(
    fullName: string,
    branch: string,
    rules: {
      requiredChecks?: { context: string; appId?: number }[]
      requirePullRequest?: boolean
      /** Approving reviews that a merge needs, of people who may write; the author's own does not count. */
      requiredApprovals?: number
    },
  ): void

  /** Presses a button of a check run as `login`: raises `check_run.requested_action`. */
  pressButton(fullName: string, checkRunId: number, identifier: string, login: string): Promise<void>
  /** Sends a delivery again under its old id. */
  redeliver(id: string): Promise<void>
  releaseDeliveries(order?: (held: Delivery[]) => Delivery[]): Promise<void>
  /** A webhook that the server itself does not raise yet (e.g. `merge_group`), as GitHub would send it. */
  raise(fullName: string, event: string, payload: Record<string, unknown>): Promise<void>

  /** The workflow runner listens here; returns how to stop. */
  onWorkflowEvent(listener: (event: WorkflowEvent) => void): () => void
  /** Where the runner keeps its runs and jobs, so that the REST API can serve `actions/runs` and `actions/jobs`. */
  readonly actions: ActionsStore

  /** Resolves when no delivery is under way and every listener's work is done. */
  idle(): Promise<void>
  close(): Promise<void>
}

export interface ActionsRun {
  id: number
  repository: string
  workflow: { id: number; name: string; path: string }
  event: string
  displayTitle: string
  headBranch: string
  headSha: string
  actor: string
  status: 'queued' | 'in_progress' | 'completed'
  conclusion: string | null
  attempt: number
  createdAt: string
  updatedAt: string
}

export interface ActionsJob {
  id: number
  runId: number
  name: string
  status: 'queued' | 'in_progress' | 'completed'
  conclusion: string | null
  startedAt: string
  completedAt: string | null
  log: string
  /** What workflow commands said, as GitHub puts it on the job's check run. */
  annotations?: ActionsAnnotation[]
  steps?: { number: number; name: string; conclusion: string }[]
  /** Markdown of all step summaries. */
  summary?: string
}

export interface ActionsAnnotation {
  level: 'failure' | 'warning' | 'notice'
  path: string
  startLine: number
  endLine: number
  title: string
  message: string
}

export interface ActionsStore {
  /**
   * Stores a run or job as it is now; the server raises `workflow_run` and `workflow_job` webhooks when its status changes. Each
   * job is also a check run of the app `github-actions`, with the job's id, on its run's `headSha`: the head of the pull request
   * for the events of one, the default branch's commit for a dispatch, which is why that never shows on a pull request.
   */
  putRun(run: ActionsRun): void
  putJob(job: ActionsJob): void
  run(id: number): ActionsRun | undefined
  runs(repository: string): ActionsRun[]
  jobs(runId: number): ActionsJob[]
  /** Asked by `POST actions/runs/{id}/cancel`; the runner sets it. */
  onCancel?: (runId: number) => void
  /** Asked by `POST actions/runs/{id}/rerun` and `…/rerun-failed-jobs`; the runner sets it. */
  onRerun?: (runId: number, onlyFailed: boolean) => void
  nextId(): number
}
