/** Steps that use an action: composite actions in a frame of their own, node actions as `pre`, `main` and `post` processes. */
import { join, resolve as resolvePath } from 'node:path'
import { readAction, type ActionFile } from './action-file.ts'
import { execute } from './execute.ts'
import { resolveText, resolveTexts } from './expressions.ts'
import { stepScope, type Frame, type JobState, type StepRun } from './job-state.ts'
import type { StepsOptions } from './steps.ts'
import type { StepFile } from './workflow-file.ts'

export type RunSteps = (
  job: JobState,
  frame: Frame,
  steps: readonly StepFile[],
  options?: StepsOptions,
) => Promise<void>

export interface Reference {
  local: boolean
  /** `owner/repo[/path]`, or the path from the workspace. */
  name: string
  ref: string
}

/** Reads `./path` and `owner/repo[/path]@ref`. Throws for anything else. */
export function parseUses(uses: string): Reference {
  if (/^\.\.?\//.test(uses)) return { local: true, name: uses, ref: '' }
  if (uses.startsWith('docker://'))
    throw new Error(`'${uses}': container actions are not run on this machine`)
  const match = /^([^/@]+\/[^@]+)@(.+)$/.exec(uses)
  if (!match) throw new Error(`Expected format {owner}/{repo}[/path]@ref. Actual '${uses}'`)
  const [, name = '', ref = ''] = match
  return { local: false, name, ref }
}

export async function loadAction(job: JobState, uses: string): Promise<ActionFile> {
  const reference = parseUses(uses)
  const dir = reference.local ? resolvePath(job.dirs.workspace, uses) : job.actionDir(reference.name)
  if (dir === undefined)
    throw new Error(`Unable to resolve action \`${uses}\`: this runner has no action ${reference.name}`)
  return readAction(dir, uses)
}

/** Whether the action went well. */
export async function runAction(run: StepRun, uses: string, runSteps: RunSteps): Promise<boolean> {
  const action = await loadAction(run.job, uses)
  const inputs = readInputs(run, action)
  if (action.runs.kind === 'composite') return runComposite(run, uses, action, inputs, runSteps)

  const { job, frame } = run
  const { pre, main, post, version } = action.runs
  const state = job.states.get(run.step) ?? {}
  if (pre && !job.states.has(run.step)) {
    if (parseUses(uses).local) job.log.annotate('warning', `'pre' of the local action ${uses} is not run`)
    else await runNode(run, uses, action, pre.file, inputs, state)
  }
  if (post) {
    job.posts.unshift({
      name: `Post ${run.step.name ? resolveText(run.step.name, stepScope(job, frame, run.env)) : uses}`,
      if: post.if,
      run: (stop) => runNode({ ...run, outputs: {}, stop }, uses, action, post.file, inputs, state),
    })
  }
  job.log.say(`${uses} runs on ${version}`)
  return runNode(run, uses, action, main, inputs, state)
}

/** Runs `pre` of a step's action, before any step of the job. */
export async function runPre(run: StepRun, uses: string): Promise<boolean> {
  if (parseUses(uses).local) return true
  const action = await loadAction(run.job, uses)
  if (action.runs.kind !== 'node' || !action.runs.pre) return true
  const state: Record<string, string> = {}
  run.job.states.set(run.step, state)
  return runNode(run, uses, action, action.runs.pre.file, readInputs(run, action), state)
}

function readInputs(run: StepRun, action: ActionFile): Record<string, string> {
  const { job, frame, step, env } = run
  const scope = stepScope(job, frame, env)
  const given = new Map(
    Object.entries(resolveTexts(step.with, scope)).map(([name, value]) => [name.toLowerCase(), value]),
  )
  const inputs: Record<string, string> = {}
  for (const input of action.inputs) {
    // Defaults see the `github` context only, as an action must not depend on who calls it.
    const fallback = { ...scope, contexts: { github: scope.contexts['github'] } }
    inputs[input.id] = given.get(input.id.toLowerCase()) ?? resolveText(input.default, fallback)
    given.delete(input.id.toLowerCase())
  }
  if (given.size > 0) {
    const list = (names: Iterable<string>) => [...names].map((name) => `'${name}'`).join(', ')
    const valid = list(action.inputs.map((input) => input.id))
    job.log.annotate('warning', `Unexpected input(s) ${list(given.keys())}, valid inputs are [${valid}]`)
  }
  return { ...inputs, ...Object.fromEntries(given) }
}

async function runComposite(
  run: StepRun,
  uses: string,
  action: ActionFile,
  inputs: Record<string, string>,
  runSteps: RunSteps,
): Promise<boolean> {
  if (action.runs.kind !== 'composite') return false
  const { job } = run
  const inner: Frame = {
    steps: {},
    failed: false,
    inputs,
    env: { ...run.frame.env, ...run.env },
    action: { ...origin(uses), action_path: action.dir },
  }
  await runSteps(job, inner, action.runs.steps, { stop: run.stop })
  for (const output of action.runs.outputs)
    run.outputs[output.id] = resolveText(output.value, stepScope(job, inner))
  return !inner.failed && !run.stop.aborted
}

function origin(uses: string): Record<string, string> {
  const { local, name, ref } = parseUses(uses)
  return local ? {} : { action_repository: name.split('/').slice(0, 2).join('/'), action_ref: ref }
}

function runNode(
  run: StepRun,
  uses: string,
  action: ActionFile,
  file: string,
  inputs: Readonly<Record<string, string>>,
  state: Record<string, string>,
): Promise<boolean> {
  if (action.runs.kind !== 'node') return Promise.resolve(false)
  const variables = [
    ...Object.entries(inputs).map(([name, value]) => [
      `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`,
      value,
    ]),
    ...Object.entries(state).map(([name, value]) => [`STATE_${name}`, value]),
    ...Object.entries(origin(uses)).map(([name, value]) => [`GITHUB_${name.toUpperCase()}`, value]),
  ]
  return execute(run, {
    command: run.job.node(action.runs.version),
    args: [join(action.dir, file)],
    cwd: run.job.dirs.workspace,
    extra: Object.fromEntries(variables),
    onState: (saved) => Object.assign(state, Object.fromEntries(saved)),
  })
}
