import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createDemoRepository } from '../../src/adapters/files/demo-repository.ts'
import { TEAM_LOG } from '../../src/core/execute/team/team-progress.ts'
import { LineReader } from '../../src/adapters/process/line-reader.ts'
import { phaseEvent, type PhaseEvent } from '../../src/core/model/event.ts'
import { binary, orchestrate, packageRoot } from './cli.ts'
import { atRepo, tempDir, tempRepo, testEnv, type TempRepo } from './git.ts'
import { taskPlan, workflow } from './plans.ts'

/** An event of `--json`. */
export interface Line {
  type: string
  [key: string]: unknown
}

/** Who gets SIGKILL: everything that the run started, or only our own process, so that its agents live on. */
export type Victims = 'everything' | 'only us'

/** A project and its plan in a repository of its own, with an agent that notes every call. */
export interface KillRig {
  repo: TempRepo
  /** Calls of the agent so far: "phase step unit attempt". */
  invocations(): string[]
  /** `orchestrate run`, or `resume` once there is a run; killed when `when` says so. */
  start(kill?: { when: (line: Line, index: number) => boolean; who: Victims }): Promise<Ended>
}

export interface Ended {
  killed: boolean
  code: number | null
  lines: Line[]
  stderr: string
}

/** What is run: where it is made, and the shell command of its agent. */
export interface Killed {
  make(): Promise<{ repo: TempRepo; agent: string }>
  flags?: readonly string[]
}

/** The demo. `delayMs`: how long an agent takes, so that a kill finds some at work. */
export const theDemo = (delayMs: number): Killed => ({
  async make() {
    const from = tempDir('demo-')
    cpSync(join(packageRoot, 'demo'), from, { recursive: true })
    const script = join(from, 'plan', 'scripted.json')
    writeFileSync(script, readFileSync(script, 'utf8').replace(/"delayMs": \d+/g, `"delayMs": ${delayMs}`))
    const made = await createDemoRepository({ from, dir: undefined, tmpDir: tempDir(), env: testEnv() })
    if (!made.ok) throw new Error(made.error[0]?.message)
    const repo = atRepo(made.value)
    const program = join(packageRoot, 'build', 'scripted-agent.js')
    return {
      repo,
      agent: `ORCHESTRATE_SCRIPT="${repo.path}/plan/scripted.json" exec "${process.execPath}" "${program}"`,
    }
  },
})

/** Three pieces that a team does, two of which write one file that neither names, and a phase of two after it. */
export const aTeam = (delayMs: number): Killed => ({
  make() {
    const repo = tempRepo()
    // Without criteria the confidence in it is medium: plans are approved first.
    const plan = taskPlan([
      { id: '1', tasks: ['store', 'routes', 'page'].map((name) => `Write the ${name} in \`${name}.txt\``) },
      { id: '2', after: ['1'], tasks: ['login', 'logout'].map((name) => `Write ${name} in \`${name}.txt\``) },
    ]).replace(/### Acceptance Criteria\n.*\n/g, '')
    repo.commit({ 'plan/task_plan.md': plan, 'plan/workflow.md': workflow({ retries: 0 }) }, 'Write the plan')
    const program = join(packageRoot, 'test', 'support', 'team-agent.mjs')
    return Promise.resolve({
      repo,
      agent: `TEAM_DELAY_MS=${delayMs} exec "${process.execPath}" "${program}"`,
    })
  },
  flags: ['--team'],
})

export async function killRig(killed: Killed): Promise<KillRig> {
  const { repo, agent: command } = await killed.make()
  const dir = tempDir('log-')
  const log = join(dir, 'invocations')
  writeFileSync(log, '')
  const agent = join(dir, 'agent.sh')
  writeFileSync(
    agent,
    `#!/bin/sh
echo "$ORCHESTRATE_PHASE $ORCHESTRATE_STEP $ORCHESTRATE_UNIT $ORCHESTRATE_ATTEMPT" >>"${log}"
${command}
`,
  )
  chmodSync(agent, 0o755)
  const flags = ['--json', '--agent', 'command', '--agent-command', `"${agent}"`, '--sandbox', 'off']
  flags.push(...(killed.flags ?? []))

  return {
    repo,
    invocations: () =>
      readFileSync(log, 'utf8')
        .split('\n')
        .filter((line) => line !== ''),
    async start(kill) {
      const going = repo.git('for-each-ref', '--count=1', 'refs/orchestrate/') !== ''
      const args = going ? ['resume', '--json'] : ['run', 'plan', '--yes', ...flags]
      const child = spawn(process.execPath, [binary, ...args], {
        cwd: repo.path,
        env: { PATH: process.env['PATH'] ?? '', HOME: repo.path, GIT_CONFIG_NOSYSTEM: '1' },
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      })
      return await watch(child, kill)
    },
  }
}

async function watch(
  child: ChildProcess,
  kill: { when: (line: Line, index: number) => boolean; who: Victims } | undefined,
): Promise<Ended> {
  const lines: Line[] = []
  let killed = false
  let stderr = ''
  const reader = new LineReader(64 * 1024 * 1024, (text) => {
    if (killed) return
    const line = JSON.parse(text) as Line
    lines.push(line)
    if (kill?.when(line, lines.length - 1) !== true) return
    killed = true
    killTree(child.pid ?? 0, kill.who)
  })
  child.stdout?.on('data', (chunk: Buffer) => reader.write(chunk))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const [code] = (await once(child, 'exit')) as [number | null]
  // Agents that live on hold our pipes.
  child.stdout?.destroy()
  child.stderr?.destroy()
  return { killed, code, lines, stderr }
}

/** SIGKILL to a process, and to everything below it. It is stopped first, so that it starts nothing meanwhile. */
function killTree(pid: number, who: Victims): void {
  process.kill(pid, 'SIGSTOP')
  const below = who === 'everything' ? descendants(pid) : []
  for (const each of [pid, ...below]) {
    try {
      process.kill(each, 'SIGKILL')
    } catch {
      // It ended by itself meanwhile.
    }
  }
}

function descendants(pid: number): number[] {
  const children = new Map<number, number[]>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const stat = statOf(Number(name))
    if (stat) children.set(stat.parent, [...(children.get(stat.parent) ?? []), Number(name)])
  }
  const found: number[] = []
  const queue = [pid]
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    const own = children.get(at) ?? []
    found.push(...own)
    queue.push(...own)
  }
  return found
}

function statOf(pid: number): { state: string; parent: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const [state = '', parent = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { state, parent: Number(parent) }
  } catch {
    return undefined
  }
}

/** Processes that carry this run's name and are not dead. */
export function processesOf(run: string): number[] {
  return readdirSync('/proc')
    .filter((name) => {
      if (!/^\d+$/.test(name) || statOf(Number(name))?.state === 'Z') return false
      try {
        return readFileSync(`/proc/${name}/environ`, 'latin1').split('\0').includes(`ORCHESTRATE_RUN=${run}`)
      } catch {
        return false
      }
    })
    .map(Number)
}

/** What a run came to, without what differs from run to run: names, times, ids. */
export interface Outcome {
  run: string
  state: string
  /** Blobs of main by path, without the files that tell dates and durations. */
  files: string[]
  /** Those files, masked, their lines sorted: phases that ran side by side may be told in either order. */
  told: Record<string, string[]>
  /** Subjects of all commits but merges, sorted. */
  subjects: string[]
  /** Merges on main, sorted. */
  merges: string[]
  /** `phase step unit` of every step-passed in the ledger, sorted. */
  passed: string[]
  /** The same of every step-started: those that were cut off stand here and not in `passed`. */
  begun: string[]
  /** `phase step unit reason` of every step-failed, sorted. */
  failed: string[]
  /** How often each phase was attempted. */
  attempts: string[]
  /** What teams decided, by phase and attempt, without times, sorted. */
  teams: Record<string, string[]>
}

const TELLS_TIMES = /(^|\/)(progress\.md|handoff\.md|progress-log\.md)$/

export async function outcomeOf(repo: TempRepo): Promise<Outcome> {
  const status = await orchestrate(repo.path, ['status', '--json'])
  const view = JSON.parse(status.stdout) as { run: string; state: string }
  const tree = repo.git('ls-tree', '-r', 'main').split('\n')
  const pathOf = (line: string): string => line.split('\t')[1] ?? ''
  const told = tree.map(pathOf).filter((path) => TELLS_TIMES.test(path))
  const refs = repo
    .git('for-each-ref', '--format=%(refname)', `refs/orchestrate/${view.run}/phase/`)
    .split('\n')
  const events = refs.flatMap((ref) =>
    eventsOf(repo, ref).map((event) => ({ phase: ref.split('/')[4] ?? '', event })),
  )
  const steps = (type: PhaseEvent['type']): string[] =>
    events
      .flatMap(({ phase, event }) =>
        event.type === type && 'step' in event ? [`${phase} ${event.step} ${event.unit}`] : [],
      )
      .sort()
  return {
    run: view.run,
    state: view.state,
    files: tree.filter((line) => !TELLS_TIMES.test(pathOf(line))),
    told: Object.fromEntries(told.map((path) => [path, masked(repo.git('show', `main:${path}`), view.run)])),
    subjects: repo.git('log', '--no-merges', '--format=%s', 'main').split('\n').sort(),
    merges: repo.git('log', '--merges', '--first-parent', '--format=%s', 'main').split('\n').sort(),
    passed: steps('step-passed'),
    begun: steps('step-started'),
    failed: events
      .flatMap(({ phase, event }) =>
        event.type === 'step-failed' ? [`${phase} ${event.step} ${event.unit} ${event.problem.reason}`] : [],
      )
      .sort(),
    attempts: refs.map((ref) => ref.split('/').slice(4).join('/')).sort(),
    teams: Object.fromEntries(
      refs
        .filter((ref) => repo.git('ls-tree', '--name-only', ref, TEAM_LOG) !== '')
        .map((ref) => [ref.split('/').slice(4).join('/'), teamLog(repo, ref)]),
    ),
  }
}

const teamLog = (repo: TempRepo, ref: string): string[] =>
  repo
    .git('show', `${ref}:${TEAM_LOG}`)
    .split('\n')
    .map((line) => line.replace(/^- \S+Z /, ''))
    .sort()

function eventsOf(repo: TempRepo, ref: string): PhaseEvent[] {
  const bodies = repo.git('log', '--first-parent', '--format=%B%x00', ref).split('\0')
  return bodies.flatMap((body) => {
    const json = body.trim().split('\n').at(-1)
    return json === undefined || json === '' ? [] : [phaseEvent.parse(JSON.parse(json))]
  })
}

const masked = (text: string, run: string): string[] =>
  text
    .replaceAll(run, 'RUN')
    .replace(/\b[0-9a-f]{7,40}\b/g, 'COMMIT')
    .replace(/\b\d{4}-\d{2}-\d{2}\b/g, 'DATE')
    .replace(/\b\d+(\.\d+)?\s*(ms|s|min|m|h)\b/g, 'TIME')
    .split('\n')
    .sort()
