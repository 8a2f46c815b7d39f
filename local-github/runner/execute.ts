/** Starts a step's process with the environment that GitHub gives it, and takes in what it wrote. */
import { openCommandFiles } from './command-files.ts'
import type { StepRun } from './job-state.ts'

/** Properties of the `github` context that become `GITHUB_*`; the token and the event are not among them. */
const FROM_CONTEXT = [
  ...['action', 'action_path', 'action_ref', 'action_repository', 'actor', 'actor_id', 'api_url', 'base_ref'],
  ...['event_name', 'event_path', 'graphql_url', 'head_ref', 'job', 'ref', 'ref_name', 'ref_protected'],
  ...['ref_type', 'repository', 'repository_id', 'repository_owner', 'repository_owner_id', 'retention_days'],
  ...[
    'run_attempt',
    'run_id',
    'run_number',
    'server_url',
    'sha',
    'triggering_actor',
    'workflow',
    'workflow_ref',
  ],
  ...['workflow_sha', 'workspace'],
]

export interface Execution {
  command: string
  args: readonly string[]
  cwd: string
  /** `INPUT_*`, `STATE_*`. */
  extra?: Readonly<Record<string, string>>
  /** Takes what the step saved for its `post`. */
  onState?: (state: [string, string][]) => void
}

/** Whether the process ended with 0. */
export async function execute(run: StepRun, execution: Execution): Promise<boolean> {
  const { job } = run
  const files = await openCommandFiles(job.dirs.temp)
  const code = await job.processes.run({
    command: execution.command,
    args: execution.args,
    cwd: execution.cwd,
    env: environment(run, { ...execution.extra, ...files.paths }),
    onLine: (line) => job.log.line(line),
    stop: run.stop,
  })
  if (job.lost.aborted) return false

  const wrote = await files.collect()
  job.log.addSummary(wrote.summary)
  Object.assign(run.outputs, Object.fromEntries(wrote.outputs))
  for (const [name, value] of wrote.env) {
    if (name.toUpperCase() === 'NODE_OPTIONS')
      throw new Error("Can't store NODE_OPTIONS output parameter using '$GITHUB_ENV' command.")
    job.env[name] = value
  }
  job.paths.unshift(...wrote.paths.reverse())
  execution.onState?.([...job.log.takeState(), ...wrote.state])
  if (code !== 0 && !run.stop.aborted) job.log.annotate('error', `Process completed with exit code ${code}.`)
  return code === 0
}

function environment(
  { job, frame, step, env }: StepRun,
  extra: Readonly<Record<string, string>>,
): Record<string, string> {
  const context: Record<string, unknown> = { ...job.github, action: step.id, ...frame.action }
  const github = FROM_CONTEXT.filter((name) => context[name] !== undefined).map((name) => [
    `GITHUB_${name.toUpperCase()}`,
    String(context[name]),
  ])
  const all: Record<string, string> = {
    ...job.baseEnv,
    ...job.env,
    ...frame.env,
    ...env,
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    ...Object.fromEntries(github),
    ...extra,
  }
  return { ...all, PATH: [...job.paths, all['PATH'] ?? ''].join(':') }
}
