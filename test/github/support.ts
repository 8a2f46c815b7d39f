/** What end-to-end tests on the local GitHub share: small plans that the scripted agent carries out, and what people see. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startWorld, type GateWorld, type WorldOptions } from '../../local-github/world.ts'
import type { ActionsJob, ActionsRun } from '../../local-github/types.ts'
import { taskPlan, workflow } from '../support/plans.ts'

const execute = promisify(execFile)

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))
export const PLAN_DIR = 'plans/thing'
const SCRIPT = `${PLAN_DIR}/scripted.json`

export interface Sketch {
  id: string
  after?: string[]
}
/** An entry of scripted.json. */
export type ScriptStep = Readonly<Record<string, unknown>> & { step: string }

/** A plan whose phases each write a file, with the script for it. `first`: entries that come before the plain ones. */
export function planFiles(
  phases: Sketch[],
  more: { first?: ScriptStep[]; contract?: Parameters<typeof workflow>[0] } = {},
): Record<string, string> {
  const plain = phases.map(({ id }) => ({
    step: 'implement',
    phase: id,
    edits: [{ write: `part-${id}.txt`, content: `part ${id}\n` }],
    summary: `Part ${id} is there.`,
  }))
  return {
    [`${PLAN_DIR}/task_plan.md`]: taskPlan(phases),
    [`${PLAN_DIR}/workflow.md`]: workflow(more.contract),
    [SCRIPT]: `${JSON.stringify({ steps: [...(more.first ?? []), ...plain] }, null, 2)}\n`,
  }
}

export const DIAMOND: Sketch[] = [
  { id: '1' },
  { id: '2', after: ['1'] },
  { id: '3', after: ['1'] },
  { id: '4', after: ['2', '3'] },
]

const agent = path.join(ROOT, 'build', 'scripted-agent.js')

/** A world with the scripted agent as the project's `command` agent: a program like any other. */
export async function thingWorld(
  options: Partial<WorldOptions> & { settings?: string; agent?: HeldAgent; command?: string } = {},
): Promise<GateWorld> {
  const { settings = '', agent: held, command: other, ...rest } = options
  const command = other ?? held?.command ?? `ORCHESTRATE_SCRIPT=${SCRIPT} node ${agent}`
  return await startWorld({
    root: ROOT,
    app: true,
    action: true,
    files: { 'README.md': '# Thing\n' },
    // What is held leaves marks outside of any cage.
    config: `agent: command\nagent_command: ${command}\n${held === undefined ? '' : 'sandbox: "off"\n'}${settings}`,
    ...rest,
  })
}

/** A pull request with the plan, labelled and settled. */
export async function openPlan(
  world: GateWorld,
  files: Record<string, string>,
  branch = 'plan',
): Promise<{ pull: number; head: string }> {
  const head = await world.push('author', branch, files, 'Plan the thing')
  const pull = await world.openPull('author', branch, 'A plan for the thing')
  await world.label('maintainer', pull)
  await world.settled()
  return { pull, head }
}

export interface SeenCheck {
  id: number
  name: string
  status: string
  conclusion: string | null
  title: string
  summary: string
}

/** The check runs on a commit, the newest of each name. */
export async function checksOn(world: GateWorld, sha: string): Promise<SeenCheck[]> {
  const answer = (await world.api('reader', 'GET', `/commits/${sha}/check-runs?per_page=100`)) as {
    check_runs: (Omit<SeenCheck, 'title' | 'summary'> & {
      output: { title: string | null; summary: string | null }
    })[]
  }
  return answer.check_runs.map(({ id, name, status, conclusion, output }) => ({
    ...{ id, name, status, conclusion },
    title: output.title ?? '',
    summary: output.summary ?? '',
  }))
}

export interface SeenComment {
  id: number
  author: string
  body: string
}

export async function commentsOn(world: GateWorld, pull: number): Promise<SeenComment[]> {
  const answer = (await world.api('reader', 'GET', `/issues/${pull}/comments?per_page=100`)) as {
    id: number
    user: { login: string }
    body: string
  }[]
  return answer.map(({ id, user, body }) => ({ id, author: user.login, body }))
}

/** Names of the runs that have a ledger. */
export async function runsOf(world: GateWorld): Promise<string[]> {
  const refs = await world.git('for-each-ref', '--format=%(refname)', 'refs/orchestrate/')
  return [...new Set([...refs.matchAll(/^refs\/orchestrate\/([^/]+)\/run$/gm)].map(([, run = '']) => run))]
}

/** Types of the run's events, oldest first, with the phase that they are about. */
export async function eventsOf(world: GateWorld, run: string): Promise<string[]> {
  const log = await world.git(
    'log',
    '--reverse',
    '--first-parent',
    '--format=%b%x00',
    `refs/orchestrate/${run}/run`,
  )
  return log
    .split('\0')
    .map((body) => body.trim())
    .filter((body) => body !== '')
    .map((body) => {
      const { type, phase, decision } = JSON.parse(body) as {
        type: string
        phase?: string
        decision?: string
      }
      return [type, phase, decision].filter((part) => part !== undefined).join(' ')
    })
}

/** The scripted agent behind a gate: tests hold a step, wait until it has begun, and let it go on. */
export interface HeldAgent {
  dir: string
  /** For `agent_command`. */
  command: string
  hold(phase: string, step: string): Promise<void>
  /** Resolves when the held step has begun. */
  begun(phase: string, step: string): Promise<void>
  letGo(phase: string, step: string): Promise<void>
  /** From now on each call leaves what it can see in `dir`, in files that begin with `seen-`. */
  dump(): Promise<void>
  remove(): Promise<void>
}

/** `held`: another program than the scripted agent. */
export async function heldAgent(held = agent): Promise<HeldAgent> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'held-agent-'))
  const program = path.join(ROOT, 'test', 'github', 'held-agent.mjs')
  const at = (kind: string, phase: string, step: string): string => path.join(dir, `${kind}-${phase}-${step}`)
  return {
    dir,
    command: `HELD_DIR=${dir} HELD_AGENT=${held} ORCHESTRATE_SCRIPT=${SCRIPT} node ${program}`,
    hold: (phase, step) => writeFile(at('hold', phase, step), ''),
    begun: (phase, step) => appears(at('here', phase, step)),
    async letGo(phase, step) {
      await rm(at('hold', phase, step), { force: true })
      await rm(at('here', phase, step), { force: true })
    },
    dump: () => writeFile(path.join(dir, 'dump'), ''),
    remove: () => rm(dir, { recursive: true, force: true }),
  }
}

const appears = (file: string): Promise<void> =>
  comes(path.basename(file), () => (existsSync(file) ? true : undefined)).then(() => undefined)

/** What takes longer than this on a busy machine does not come. Milliseconds. */
const COMES_MS = 150_000

/** Looks every 50 ms until there is something. */
export async function comes<T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const until = Date.now() + COMES_MS
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (Date.now() > until) throw new Error(`${what}: did not come`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Workflow runs of a dispatch, oldest first, each with its jobs. */
export function dispatches(world: GateWorld): (ActionsRun & { jobs: ActionsJob[] })[] {
  return workflowRuns(world).filter(({ event }) => event === 'workflow_dispatch')
}

export function workflowRuns(world: GateWorld): (ActionsRun & { jobs: ActionsJob[] })[] {
  const { actions } = world.github
  return [...actions.runs(world.repository)]
    .sort((a, b) => a.id - b.id)
    .map((run) => ({ ...run, jobs: actions.jobs(run.id) }))
}

/** Jobs of phases that really ran, `phase 1`, in the order of their names. */
export const phaseJobs = (run: { jobs: ActionsJob[] }): string[] =>
  run.jobs
    .filter(({ name, conclusion }) => name.startsWith('phase ') && conclusion !== 'skipped')
    .map(({ name }) => name.replace(/ \(#\d+\)$/, ''))
    .sort()

/** The one comment of ours, whatever people wrote. */
export async function ourComment(world: GateWorld, pull: number): Promise<SeenComment> {
  const ours = (await commentsOn(world, pull)).filter(({ author }) => author.endsWith('[bot]'))
  const [only] = ours
  if (only === undefined || ours.length > 1) throw new Error(`${ours.length} comments of ours`)
  return only
}

/** The checks on a commit by name: the conclusion, or the status of what is not completed. Of one name there is one. */
export async function conclusionsOn(world: GateWorld, sha: string): Promise<Record<string, string>> {
  const ours = (await checksOn(world, sha)).filter(({ name }) => name.startsWith('Orchestrate'))
  const names = ours.map(({ name }) => name)
  if (new Set(names).size < names.length) throw new Error(`checks twice: ${names.join(', ')}`)
  return Object.fromEntries(ours.map(({ name, conclusion, status }) => [name, conclusion ?? status]))
}

/** Writes a command and waits until nothing moves any more. */
export async function say(
  world: GateWorld,
  as: Parameters<GateWorld['comment']>[0],
  pull: number,
  text: string,
): Promise<number> {
  const id = await world.comment(as, pull, text)
  await world.settled()
  return id
}

/** Asks for changes in a review of the first lines of files, and waits until nothing moves any more. */
export async function review(
  world: GateWorld,
  as: Parameters<GateWorld['comment']>[0],
  pull: number,
  remarks: { path: string; body: string }[],
): Promise<void> {
  const comments = remarks.map((one) => ({ ...one, line: 1, side: 'RIGHT' }))
  const event = { event: 'REQUEST_CHANGES', body: 'Please mend it.' }
  await world.api(as, 'POST', `/pulls/${pull}/reviews`, { ...event, comments })
  await world.settled()
}

export async function onlyRun(world: GateWorld): Promise<string> {
  const runs = await runsOf(world)
  const [run] = runs
  if (run === undefined || runs.length > 1) throw new Error(`runs: ${runs.join(', ') || 'none'}`)
  return run
}

/** What the CLI's `verify` says of a run in a clone of its own that has the ledger's refs. */
export async function verifyInClone(
  world: GateWorld,
  run: string,
): Promise<{ code: number; output: string }> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'verify-'))
  try {
    const url = world.github.cloneUrl(world.repository, world.tokens.reader)
    await execute('git', ['clone', '--quiet', url, dir])
    await execute('git', ['-C', dir, 'fetch', '--quiet', 'origin', '+refs/orchestrate/*:refs/orchestrate/*'])
    const program = path.join(ROOT, 'build', 'orchestrate.js')
    return await execute(process.execPath, [program, 'verify', run], { cwd: dir }).then(
      ({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }),
      (error: { code?: number; stdout?: string; stderr?: string }) => ({
        code: error.code ?? -1,
        output: `${error.stdout ?? ''}${error.stderr ?? ''}`,
      }),
    )
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** What jobs asked of GitHub since: pushes, and calls of its API. What the runner fetches for them is not theirs. */
export function requestsOf(world: GateWorld, since: number): { pushes: number; calls: string[] } {
  const jobs = world.github.requests.slice(since).filter(({ as }) => as === 'github-actions[bot]')
  return {
    pushes: jobs.filter(({ path }) => path.endsWith('/git-receive-pack')).length,
    calls: jobs
      .filter(({ path }) => !path.includes('.git/'))
      .map(({ method, path, operation }) => `${method} ${operation ?? path}`),
  }
}

type Git = (...args: string[]) => Promise<string>

/** What a person does in a clone of their own: checks a branch out, works, pushes. Its new head. */
export async function pushByHand(
  world: GateWorld,
  as: Parameters<GateWorld['comment']>[0],
  branch: string,
  work: (git: Git, write: (file: string, text: string) => Promise<void>) => Promise<void>,
  repository = world.repository,
): Promise<string> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'by-hand-'))
  const git: Git = async (...args) => {
    const who = ['-c', `user.name=${as}`, '-c', `user.email=${as}@users.noreply.github.com`]
    return (await execute('git', ['-C', dir, ...who, ...args])).stdout.trim()
  }
  try {
    await execute('git', ['clone', '--quiet', world.github.cloneUrl(repository, world.tokens[as]), dir])
    await git('checkout', '--quiet', branch)
    await work(git, async (file, text) => {
      await mkdir(path.dirname(path.join(dir, file)), { recursive: true })
      await writeFile(path.join(dir, file), text)
    })
    await git('push', '--quiet', 'origin', 'HEAD')
    return await git('rev-parse', 'HEAD')
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
