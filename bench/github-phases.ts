import { mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { RecordedRequest } from '../local-github/types.ts'
import { startWorld, type GateWorld } from '../local-github/world.ts'
import { WORKFLOW } from '../src/core/model/forge-names.ts'
import { atMost, type Bench, type BenchOptions, type Row, told } from './support/bench.ts'
import { median } from './support/measure.ts'
import { inTemp, root } from './support/place.ts'
import { projectFiles, taskPlan } from './support/plan.ts'
import { byRoute, counted } from './support/requests.ts'

interface Graph {
  name: string
  phases: { id: string; after: string[] }[]
}

const chain = (length: number): Graph => ({
  name: `chain of ${length}`,
  phases: Array.from({ length }, (_, i) => ({ id: `${i + 1}`, after: i === 0 ? [] : [`${i}`] })),
})
const DIAMOND: Graph = {
  name: 'diamond',
  phases: [
    { id: '1', after: [] },
    { id: '2', after: ['1'] },
    { id: '3', after: ['1'] },
    { id: '4', after: ['2', '3'] },
  ],
}
const SHORT = chain(2)

/** What a run of a whole plan asked and when its phases got going. */
interface Ran {
  api: readonly RecordedRequest[]
  pushes: number
  fetches: number
  jobs: number
  /** Of each phase, seconds: from the start of its job, or the merge before it in the same job, to its first agent. */
  setUp: number[]
  /** Of each phase that waited for others, seconds: from the last of their merges to its first agent. */
  waited: number[]
}

/** What a phase costs on GitHub besides the work of its agents: the App, the workflow and the Action's bundle are real. */
export const githubPhases: Bench = {
  name: 'github-phases',
  about: 'GitHub requests, pushes and seconds of set-up for each phase of a plan on GitHub',
  async run(options) {
    const long = chain(options.full ? 10 : 4)
    const rows: Row[] = []
    for (const goOn of [true, false]) {
      const how = goOn ? 'one job goes on' : 'a job each'
      const short = await runPlan(SHORT, goOn, options)
      const whole = await runPlan(long, goOn, options)
      rows.push(...costRows(how, long, { short, whole }, options))
      rows.push(...setUpRows(`${long.name}, ${how}`, whole))
      rows.push(...setUpRows(`diamond, ${how}`, await runPlan(DIAMOND, goOn, options)))
    }
    return rows
  },
}

/** What one more phase costs: two chains, their difference over the phases that they differ by. */
function costRows(how: string, long: Graph, ran: { short: Ran; whole: Ran }, { say }: BenchOptions): Row[] {
  const { short, whole } = ran
  const more = long.phases.length - SHORT.phases.length
  const each = (of: (ran: Ran) => number): number => (of(whole) - of(short)) / more
  const [before, after] = [byRoute(short.api), byRoute(whole.api)]
  say(`each further phase of a ${long.name}, ${how}:`)
  for (const [route, count] of after) {
    const share = (count - (before.get(route) ?? 0)) / more
    if (share !== 0) say(`  ${share.toFixed(1).padStart(5)}  ${route}`)
  }
  return [
    atMost(
      `GitHub requests per phase, App and job, ${how}`,
      14,
      each(({ api }) => api.length),
    ),
    atMost(
      `… pushes per phase, ${how}`,
      6,
      each(({ pushes }) => pushes),
      `  (${each(({ fetches }) => fetches).toFixed(1)} fetches, ${each(({ jobs }) => jobs).toFixed(1)} jobs)`,
    ),
  ]
}

function setUpRows(what: string, { setUp, waited }: Ran): Row[] {
  const seconds = (values: readonly number[]): string =>
    `${median(values).toFixed(1)} s  (at most ${Math.max(...values).toFixed(1)} s)`
  return [
    told(
      `set-up per phase, its job's start or the merge before it to its first agent, ${what}`,
      seconds(setUp),
    ),
    told(`… from the last merge that it waited for, ${what}`, seconds(waited)),
  ]
}

async function runPlan(graph: Graph, goOn: boolean, { say }: BenchOptions): Promise<Ran> {
  return await inTemp(async (dir) => {
    const stamps = join(dir, 'stamps')
    mkdirSync(stamps)
    const merged = new Map<string, { job: string; at: number }>()
    const world = await startWorld({
      root,
      app: true,
      action: true,
      files: projectFiles(),
      config: `agent: command\nsandbox: off\nagent_command: ${agentThatStamps(stamps)}\n`,
      log(line) {
        const [, job = '', phase = ''] = /^(.+?) \| phase (\S+) · merged/.exec(line) ?? []
        if (phase !== '') merged.set(phase, { job, at: Date.now() })
      },
    })
    try {
      if (!goOn) await aJobEach(world)
      await world.push('author', 'plan', planOf(graph))
      const pull = await world.openPull('author', 'plan', 'A plan')
      await world.label('maintainer', pull)
      await world.settled()
      const [before, began] = [world.github.requests.length, Date.now()]
      await world.comment('maintainer', pull, '/approve')
      await world.settled()
      if (merged.size !== graph.phases.length)
        throw new Error(`of the ${graph.name} only ${[...merged.keys()].join(', ')} merged`)
      const taken = ((Date.now() - began) / 1_000).toFixed(0)
      say(`${graph.name}, ${goOn ? 'jobs go on' : 'a job each'}: from /approve to landed in ${taken} s`)
      return {
        ...counted(world.github.requests.slice(before)),
        ...times(graph, stamps, merged, jobsOf(world)),
      }
    } finally {
      await world.close()
    }
  })
}

/** The scripted agent; the first that starts for a phase leaves a file, whose time says when. */
function agentThatStamps(dir: string): string {
  const program = join(root, 'build', 'scripted-agent.js')
  const stamp = `${dir}/$ORCHESTRATE_PHASE`
  return `test -e ${stamp} || touch ${stamp}; ORCHESTRATE_SCRIPT=plan/scripted.json node ${program}`
}

const planOf = ({ phases }: Graph): Record<string, string> => ({
  ...taskPlan(phases.map((phase) => ({ ...phase, tasks: 1 }))),
  'plan/scripted.json': JSON.stringify({
    steps: phases.map(({ id }) => ({
      step: 'implement',
      phase: id,
      edits: [{ write: `src/part-${id}.ts`, content: `export const part${id} = 1\n` }],
      summary: 'It is there.',
    })),
  }),
})

/** The workflow with jobs that take on no phase besides their own. */
async function aJobEach(world: GateWorld): Promise<void> {
  const file = `.github/workflows/${WORKFLOW}`
  const text = readFileSync(join(root, file), 'utf8')
  const changed = text.replace(/^( +)mode: phase$/m, '$1mode: phase\n$1minutes: 0')
  if (changed === text) throw new Error(`${file} has no step with mode: phase`)
  await world.push('owner', world.defaultBranch, { [file]: changed })
}

interface Started {
  name: string
  at: number
}

const jobsOf = ({ github, repository }: GateWorld): Started[] =>
  github.actions
    .runs(repository)
    .flatMap(({ id }) => github.actions.jobs(id))
    .filter(({ name }) => name.startsWith('phase '))
    .map(({ name, startedAt }) => ({ name, at: Date.parse(startedAt) }))

function times(
  { phases }: Graph,
  stamps: string,
  merged: ReadonlyMap<string, { job: string; at: number }>,
  jobs: readonly Started[],
): Pick<Ran, 'jobs' | 'setUp' | 'waited'> {
  const first = (id: string): number => statSync(join(stamps, id)).mtimeMs
  const latest = (moments: readonly number[]): number => Math.max(...moments)
  return {
    jobs: jobs.length,
    setUp: phases.map(({ id }) => {
      const job = merged.get(id)?.job
      const starts = jobs.filter(({ name }) => name === job).map(({ at }) => at)
      const merges = [...merged.values()].filter((one) => one.job === job).map(({ at }) => at)
      return (first(id) - latest([...starts, ...merges].filter((at) => at <= first(id)))) / 1_000
    }),
    waited: phases
      .filter(({ after }) => after.length > 0)
      .map(({ id, after }) => (first(id) - latest(after.map((one) => merged.get(one)?.at ?? NaN))) / 1_000),
  }
}
