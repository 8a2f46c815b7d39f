/** Runs one job, from its directories to the end of its last clean-up. */
import { randomUUID } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ActionsJob } from '../types.ts'
import { holds, resolveTexts, text } from './expressions.ts'
import { createJobLog } from './job-log.ts'
import { stepScope, type Frame, type JobState, type StepRun } from './job-state.ts'
import { createMasks } from './masks.ts'
import { createJobProcesses, type JobProcesses } from './process.ts'
import { runSteps } from './steps.ts'
import { runPre } from './uses.ts'
import type { JobFile, WorkflowFile } from './workflow-file.ts'

export interface JobSpec {
  id: number
  job: JobFile
  workflow: WorkflowFile
  /** An empty directory of the job's own; removed at its end. */
  dir: string
  repository: string
  /** `github` without what only a job knows, `needs`, `matrix`, `strategy`, `vars`, `inputs`, `secrets`. */
  contexts: Readonly<Record<string, unknown>>
  payload: unknown
  secrets: Readonly<Record<string, string>>
  token: string
  /** `defaults.run`, of the workflow and over it of the job. */
  defaults: Record<string, unknown>
  minutes: number
  /** What every process of the runner starts with, PATH among it. */
  baseEnv: Readonly<Record<string, string>>
  cancel: AbortSignal
  lost: AbortSignal
  actionDir: JobState['actionDir']
  node: JobState['node']
  onLine?: (line: string) => void
}

export interface JobEnd {
  conclusion: 'success' | 'failure' | 'cancelled'
  outputs: Record<string, string>
  shown: Pick<ActionsJob, 'log'> & Required<Pick<ActionsJob, 'annotations' | 'steps' | 'summary'>>
}

/** GitHub's own bound, counted in UTF-16. */
export const OUTPUT_BYTES = 1024 * 1024

export async function runJob(spec: JobSpec): Promise<JobEnd> {
  const masks = createMasks([...Object.values(spec.secrets), spec.token])
  const log = createJobLog(masks, spec.onLine)
  const processes = createJobProcesses(`github_${randomUUID()}`)
  const limit = new AbortController()
  const timer = setTimeout(() => {
    log.annotate('error', `The job has exceeded the maximum execution time of ${spec.minutes} minutes.`)
    limit.abort()
  }, spec.minutes * 60_000)
  const kill = () => void processes.kill()
  spec.lost.addEventListener('abort', kill, { once: true })

  const frame: Frame = { steps: {}, failed: false, env: {}, action: {} }
  const steps: JobEnd['shown']['steps'] = []
  const done = (name: string, result: { conclusion: string }) =>
    steps.push({ number: steps.length + 1, name: masks.apply(name), conclusion: result.conclusion })
  let outputs: Record<string, string> = {}
  try {
    const job = await prepare(spec, log, masks, processes, AbortSignal.any([spec.cancel, limit.signal]))
    await runAllPre(job, frame, spec.job)
    await runSteps(job, frame, spec.job.steps, { onStep: done })
    await runPosts(job, frame, done)
    outputs = jobOutputs(job, frame, spec.job)
  } catch (error) {
    frame.failed = true
    log.annotate('error', error instanceof Error ? error.message : String(error))
  } finally {
    clearTimeout(timer)
    spec.lost.removeEventListener('abort', kill)
    await (spec.lost.aborted ? processes.kill() : processes.sweep())
    await rm(spec.dir, { recursive: true, force: true, maxRetries: 5 })
  }

  const lost = spec.lost.aborted
  if (lost) log.annotate('error', 'The runner lost communication with the server: its job was ended.')
  const cancelled = spec.cancel.aborted || limit.signal.aborted
  return {
    conclusion: lost ? 'failure' : cancelled ? 'cancelled' : frame.failed ? 'failure' : 'success',
    outputs: lost ? {} : outputs,
    shown: { log: log.text, annotations: log.annotations, steps, summary: log.summary },
  }
}

async function prepare(
  spec: JobSpec,
  log: JobState['log'],
  masks: JobState['masks'],
  processes: JobProcesses,
  cancel: AbortSignal,
): Promise<JobState> {
  const name = spec.repository.split('/')[1] ?? 'work'
  const dirs = {
    workspace: join(spec.dir, 'work', name, name),
    temp: join(spec.dir, 'temp'),
    home: join(spec.dir, 'home'),
    tools: spec.baseEnv['RUNNER_TOOL_CACHE'] ?? join(spec.dir, 'tools'),
  }
  for (const dir of Object.values(dirs)) await mkdir(dir, { recursive: true })
  const eventPath = join(dirs.temp, 'event.json')
  await writeFile(eventPath, JSON.stringify(spec.payload))

  const runner = {
    name: `local-${spec.id}`,
    os: process.platform === 'darwin' ? 'macOS' : 'Linux',
    arch: process.arch === 'arm64' ? 'ARM64' : 'X64',
    environment: 'github-hosted',
    temp: dirs.temp,
    tool_cache: dirs.tools,
  }
  const github = {
    ...(spec.contexts['github'] as Record<string, unknown>),
    job: spec.job.id,
    workspace: dirs.workspace,
    event_path: eventPath,
    token: spec.token,
  }
  const contexts = { ...spec.contexts, runner, secrets: { ...spec.secrets, GITHUB_TOKEN: spec.token } }
  const state: JobState = {
    id: spec.id,
    dirs,
    log,
    masks,
    processes,
    contexts,
    github,
    defaults: spec.defaults,
    baseEnv: {
      ...spec.baseEnv,
      HOME: dirs.home,
      ...Object.fromEntries(
        Object.entries(runner).map(([key, value]) => [`RUNNER_${key.toUpperCase()}`, value]),
      ),
      RUNNER_WORKSPACE: join(spec.dir, 'work', name),
    },
    env: {},
    paths: [],
    posts: [],
    states: new Map(),
    cancel,
    lost: spec.lost,
    actionDir: spec.actionDir,
    node: spec.node,
  }
  const empty: Frame = { steps: {}, failed: false, env: {}, action: {} }
  for (const env of [spec.workflow.env, spec.job.env])
    Object.assign(state.env, resolveTexts(env, stepScope(state, empty)))
  return state
}

/** `pre` of every action that a step names. An action that this runner has not fails the job before its first step. */
async function runAllPre(job: JobState, frame: Frame, file: JobFile): Promise<void> {
  for (const step of file.steps) {
    if (step.uses === undefined || job.cancel.aborted || job.lost.aborted) continue
    const env = resolveTexts(step.env, stepScope(job, frame))
    const run: StepRun = { job, frame, step, env, outputs: {}, stop: job.cancel }
    if (!(await runPre(run, step.uses))) frame.failed = true
  }
}

async function runPosts(
  job: JobState,
  frame: Frame,
  done: (name: string, result: { conclusion: string }) => void,
): Promise<void> {
  for (const post of job.posts) {
    if (job.lost.aborted) return
    job.log.beginStep()
    if (!holds(post.if, stepScope(job, frame))) {
      done(post.name, { conclusion: 'skipped' })
      continue
    }
    job.log.say(`##[group]${post.name}`)
    job.log.say('##[endgroup]')
    const ok = await post.run(job.cancel.aborted ? new AbortController().signal : job.cancel)
    if (!ok) frame.failed = true
    done(post.name, { conclusion: ok ? 'success' : 'failure' })
  }
}

/** The job's `outputs`, without those that hold a secret. */
function jobOutputs(job: JobState, frame: Frame, file: JobFile): Record<string, string> {
  if (job.lost.aborted) return {}
  const outputs: Record<string, string> = {}
  for (const [name, value] of Object.entries(resolveTexts(file.outputs, stepScope(job, frame)))) {
    if (value === '') continue
    if (job.masks.apply(value) !== value)
      job.log.annotate('warning', `Skip output '${name}' since it may contain secret.`)
    else outputs[name] = value
  }
  const bytes = text(Object.values(outputs).join('')).length * 2
  if (bytes > OUTPUT_BYTES)
    throw new Error(`The outputs of the job have ${bytes} bytes; at most ${OUTPUT_BYTES} are allowed.`)
  return outputs
}
