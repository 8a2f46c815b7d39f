import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { atMost, type Bench, type BenchOptions, type Row } from './support/bench.ts'
import { interleaved, ms } from './support/measure.ts'
import {
  cleanEnv,
  copyRepository,
  git,
  inTemp,
  makeRepository,
  orchestrate,
  root,
  wall,
} from './support/place.ts'
import { buildCommand, projectFiles, specPlan, testCommand } from './support/plan.ts'

const SPECS = ['alpha', 'beta'] as const

interface Case {
  name: string
  seconds: number
  limit: number
  rounds: number
}

const CASES: Case[] = [
  { name: 'agents that answer at once', seconds: 0, limit: 2.5, rounds: 15 },
  { name: 'agents of 1 s', seconds: 1, limit: 1.15, rounds: 5 },
]
const FULL: Case[] = [{ name: 'agents of 10 s', seconds: 10, limit: 1.02, rounds: 3 }]

/**
 * Whole-process wall time of one phase with two specs, every gate, commit and record on, against `baseline.sh`: the same
 * agent processes, side by side in the same places, and the bare git work.
 */
export const phase: Bench = {
  name: 'phase',
  about: 'a phase of two specs against a shell script that does the bare work',
  run: (options) => inTemp((dir) => measure(dir, options)),
}

async function measure(dir: string, { full, say }: BenchOptions): Promise<Row[]> {
  const template = makeRepository(join(dir, 'template'), { ...projectFiles(), ...specPlan(SPECS) })
  const home = join(dir, 'home')
  mkdirSync(home)
  const env = cleanEnv(home)
  let count = 0
  const fresh = (): { repository: string; scratch: string } => {
    const place = join(dir, `${++count}`)
    mkdirSync(join(place, 'scratch'), { recursive: true })
    return {
      repository: copyRepository(template, join(place, 'repository')),
      scratch: join(place, 'scratch'),
    }
  }
  const done = ({ repository }: { repository: string }): void => {
    for (const spec of SPECS) readFileSync(join(repository, 'src', `${spec}.ts`))
    if (git(repository, 'log', '--merges', '--format=%s', '-1') === '') throw new Error('nothing was merged')
    rmSync(join(repository, '..'), { recursive: true, force: true, maxRetries: 5 })
  }
  const rows: Row[] = []
  for (const { name, seconds, limit, rounds } of full ? [...CASES, ...FULL] : CASES) {
    say(`${name}, ${rounds} rounds`)
    const agent = `sh '${join(root, 'bench', 'agent.sh')}' ${seconds}`
    const compared = await interleaved(
      rounds,
      () => {
        const place = fresh()
        const args = [
          orchestrate,
          'run',
          'plan',
          '--yes',
          '--agent',
          'command',
          '--agent-command',
          agent,
          // The script has no cage either; what one costs is a bench of its own.
          '--sandbox',
          'off',
          '--json',
        ]
        const output = join(place.scratch, 'output')
        const taken = wall(process.execPath, args, { cwd: place.repository, env, output })
        done(place)
        return taken
      },
      () => {
        const place = fresh()
        const script = join(root, 'bench', 'baseline.sh')
        const args = [script, place.repository, place.scratch, agent, buildCommand, testCommand, ...SPECS]
        const taken = wall('sh', args, { cwd: place.repository, env, output: join(place.scratch, 'output') })
        done(place)
        return taken
      },
    )
    rows.push(
      atMost(
        `${name}, wall ÷ bare script`,
        limit,
        compared.ratio,
        `  (${ms(compared.ours)} ÷ ${ms(compared.theirs)})`,
      ),
    )
  }
  return rows
}
