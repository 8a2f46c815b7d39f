import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { atMost, type Bench, type BenchOptions, type Row, told } from './support/bench.ts'
import { bound, type Graph, inWaves, oneByOne, randomGraph } from './support/graphs.ts'
import { median } from './support/measure.ts'
import { cleanEnv, copyRepository, inTemp, makeRepository, orchestrate, root, wall } from './support/place.ts'
import { projectFiles, taskPlan } from './support/plan.ts'
import { simulate } from './support/simulate.ts'

const GRAPHS = 50
const SEED = 2_024
/** A task of the graphs that are run with real processes, in seconds of its agent. */
const TASK_SECONDS = 0.3

/** How close the scheduler comes to what no schedule can beat: max(critical path, work ÷ slots). */
export const makespan: Bench = {
  name: 'makespan',
  about: 'random graphs against max(critical path, work ÷ slots)',
  async run(options) {
    return [...simulated(), ...(await real(options))]
  },
}

function simulated(): Row[] {
  const graphs = Array.from({ length: GRAPHS }, (_, i) => randomGraph(SEED + i))
  const ratios = (time: (graph: Graph) => number): number[] =>
    graphs.map((graph) => time(graph) / bound(graph))
  const ours = ratios(simulate)
  const show = (name: string, values: number[]): Row =>
    told(
      `${GRAPHS} graphs, ${name}: median, worst`,
      `${median(values).toFixed(2)}, ${Math.max(...values).toFixed(2)}`,
    )
  return [
    atMost(`${GRAPHS} graphs of 5–60 phases, 1–8 slots, simulated: median`, 1.05, median(ours)),
    atMost('the same: worst', 1.25, Math.max(...ours)),
    show('in waves', ratios(inWaves)),
    show('one by one', ratios(oneByOne)),
  ]
}

/** Three small graphs through the whole program, with real agents, builds, merges. */
async function real({ say }: BenchOptions): Promise<Row[]> {
  return await inTemp(async (dir) => {
    const runs = [1, 2, 3].map((seed) => {
      say(`graph ${seed} by real processes`)
      return runOnce(join(dir, `${seed}`), randomGraph(SEED - seed, { phases: [6, 8], slots: [2, 3] }))
    })
    const list = (values: number[]): string => values.map((value) => value.toFixed(2)).join(', ')
    return [
      atMost(
        '3 graphs by real processes, against the phases as they ran: worst',
        1.25,
        Math.max(...runs.map((run) => run.ofPhases)),
      ),
      told('the same: each', list(runs.map((run) => run.ofPhases))),
      told('the same, whole wall against the agents alone: each', list(runs.map((run) => run.ofAgents))),
    ]
  })
}

interface ProgressLine {
  type: string
  phase?: string
  at?: number
}

function runOnce(dir: string, { nodes, slots }: Graph): { ofPhases: number; ofAgents: number } {
  const phases = nodes.map(({ id, after, weight }) => ({ id, after, tasks: 1 + (weight % 3) }))
  const home = join(dir, 'home')
  mkdirSync(home, { recursive: true })
  const template = makeRepository(join(dir, 'template'), { ...projectFiles(), ...taskPlan(phases) })
  const repository = copyRepository(template, join(dir, 'repository'))
  const output = join(dir, 'output')
  const args = [orchestrate, 'run', 'plan', '--yes', '--json', '--agent', 'command']
  const agent = `sh '${join(root, 'bench', 'agent.sh')}' ${TASK_SECONDS}`
  const more = ['--agent-command', agent, '--max-parallel-phases', `${slots}`]
  const taken = wall(process.execPath, [...args, ...more], { cwd: repository, env: cleanEnv(home), output })
  const lines = readFileSync(output, 'utf8')
    .split('\n')
    .filter((text) => text !== '')
    .map((text) => JSON.parse(text) as ProgressLine)
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
  const at = (type: string, phase: string): number =>
    lines.find((line) => line.type === type && line.phase === phase)?.at ?? NaN
  const began = phases.map(({ id }) => at('phase-started', id))
  const ended = phases.map(({ id }) => at('phase-merged', id))
  const asRan = nodes.map((node, i) => ({ ...node, takes: (ended[i] ?? NaN) - (began[i] ?? NaN) }))
  // Tasks of a phase share its file and run in order; its three reviews run side by side.
  const agents = nodes.map((node, i) => ({
    ...node,
    takes: ((phases[i]?.tasks ?? NaN) + 1) * TASK_SECONDS * 1_000,
  }))
  return {
    ofPhases: (Math.max(...ended) - Math.min(...began)) / bound({ nodes: asRan, slots }),
    ofAgents: taken / bound({ nodes: agents, slots }),
  }
}
