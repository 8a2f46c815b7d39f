/** Runs the steps of a job or of a composite action, one after the other. */
import { randomUUID } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve as resolvePath } from 'node:path'
import { execute } from './execute.ts'
import { holds, resolve, resolveText, resolveTexts, text } from './expressions.ts'
import { stepScope, type Frame, type JobState, type StepResult, type StepRun } from './job-state.ts'
import { runAction } from './uses.ts'
import type { StepFile } from './workflow-file.ts'

export interface StepsOptions {
  /** Raised by the time limit of the step that called this composite action. */
  stop?: AbortSignal
  onStep?: (name: string, result: StepResult) => void
}

export async function runSteps(
  job: JobState,
  frame: Frame,
  steps: readonly StepFile[],
  options: StepsOptions = {},
): Promise<void> {
  for (const step of steps) {
    if (job.lost.aborted) return
    if (options.stop?.aborted && !job.cancel.aborted) {
      frame.failed = true
      return
    }
    if (frame.inputs === undefined) job.log.beginStep()
    const { name, result } = await runStep(job, frame, step, options.stop)
    frame.steps[step.id] = result
    if (result.conclusion === 'failure') frame.failed = true
    options.onStep?.(name, result)
  }
}

async function runStep(
  job: JobState,
  frame: Frame,
  step: StepFile,
  parentStop: AbortSignal | undefined,
): Promise<{ name: string; result: StepResult }> {
  let name = step.uses ?? step.id
  const outputs: Record<string, string> = {}
  // A step that begins in a job that is already being cancelled (`always()`) runs to its own end.
  const wasCancelled = job.cancel.aborted
  const limit = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let ok = false
  try {
    if (!holds(step.if, stepScope(job, frame)))
      return { name, result: { outcome: 'skipped', conclusion: 'skipped', outputs } }
    const env = resolveTexts(step.env, stepScope(job, frame))
    const scope = stepScope(job, frame, env)
    name = step.name
      ? resolveText(step.name, scope)
      : `Run ${step.uses ?? resolveText(step.run, scope).trimStart().split('\n', 1)[0]}`
    job.log.say(`##[group]${name}`)
    job.log.say('##[endgroup]')
    if (step.timeout) timer = setTimeout(() => limit.abort(), Number(resolve(step.timeout, scope)) * 60_000)
    const outer = wasCancelled ? [] : parentStop ? [job.cancel, parentStop] : [job.cancel]
    const run: StepRun = { job, frame, step, env, outputs, stop: AbortSignal.any([limit.signal, ...outer]) }
    ok = step.uses === undefined ? await runScript(run) : await runAction(run, step.uses, runSteps)
  } catch (error) {
    job.log.annotate('error', error instanceof Error ? error.message : String(error))
  } finally {
    clearTimeout(timer)
  }
  if (limit.signal.aborted) job.log.annotate('error', `The action '${name}' has timed out.`)
  const stopped = job.cancel.aborted && !wasCancelled && !limit.signal.aborted
  const outcome = ok && !limit.signal.aborted ? 'success' : stopped ? 'cancelled' : 'failure'
  const forgiven = outcome === 'failure' && isForgiven(job, frame, step)
  return { name, result: { outcome, conclusion: forgiven ? 'success' : outcome, outputs } }
}

function isForgiven(job: JobState, frame: Frame, step: StepFile): boolean {
  return step.continueOnError !== undefined && resolve(step.continueOnError, stepScope(job, frame)) === true
}

/** Shells by name: https://docs.github.com/actions/reference/workflow-syntax-for-github-actions#jobsjob_idstepsshell */
const SHELLS: Readonly<Record<string, string>> = {
  '': 'bash -e {0}',
  bash: 'bash --noprofile --norc -eo pipefail {0}',
  sh: 'sh -e {0}',
  python: 'python3 {0}',
}

async function runScript(run: StepRun): Promise<boolean> {
  const { job, frame, step, env } = run
  if (!step.run)
    throw new Error(`This runner knows steps with 'run' or 'uses' only; '${step.id}' has neither.`)
  const scope = stepScope(job, frame, env)
  const shell = resolveText(step.shell, scope) || text(job.defaults['shell'])
  const [command = '', ...args] = (SHELLS[shell] ?? shell).split(/\s+/).filter((word) => word !== '')
  if (!args.includes('{0}')) throw new Error(`Invalid shell option '${shell}': it needs a program and '{0}'.`)

  const script = join(job.dirs.temp, `${randomUUID()}.sh`)
  await writeFile(script, resolveText(step.run, scope))
  const dir = resolveText(step.workingDirectory, scope) || text(job.defaults['working-directory'])
  const cwd = resolvePath(job.dirs.workspace, dir)
  await mkdir(job.dirs.workspace, { recursive: true })
  return execute(run, { command, args: args.map((word) => (word === '{0}' ? script : word)), cwd })
}
