import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeText } from '../src/adapters/files/plan-limits.ts'
import { ingest } from '../src/core/ingest/ingest.ts'
import { pathFromRoot } from '../src/core/model/plan-path.ts'
import type { PlanSource } from '../src/core/ports.ts'
import { reviewPlan } from '../src/core/review/review.ts'
import { bytesOf, FIRST, JSONS, LEAD, type Shape, SHAPES } from '../test/support/shapes.ts'
import { type Files, planIn } from '../test/formats/memory-plan.ts'
import { atMost, type Bench, type Row, told } from './support/bench.ts'
import { ms } from './support/measure.ts'

declare const BENCH_ROOT: string

const SIZE = 1_000_000
/** Milliseconds of one core. */
const TARGET = 2_000
/** How many of the slowest are measured as a whole command, too. */
const SLOWEST = 8

interface Case {
  name: string
  files: Files
  path: string
  /** The file that gets the shape, from the root, and what stands before it there. */
  at: string
  lead: string
  shapes: readonly Shape[]
}

const ours: Case = {
  name: 'task_plan.md',
  files: {},
  path: 'plan',
  at: 'plan/task_plan.md',
  lead: LEAD,
  shapes: SHAPES,
}

/** Every plan of another planner that the tests run, and its main file. */
async function foreign(): Promise<Case[]> {
  const root = join(BENCH_ROOT, 'test', 'fixtures', 'runs')
  const cases: Case[] = []
  const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  for (const { name } of folders) {
    const { path } = JSON.parse(readFileSync(join(root, name, 'SOURCE.json'), 'utf8')) as { path: string }
    const files = filesBelow(join(root, name, 'repo'))
    const { plan } = await ingest(planIn(files, path))
    if (plan === undefined) throw new Error(`${name} is not read`)
    const at = pathFromRoot(plan.dir, plan.index)
    const isJson = at.endsWith('.json')
    cases.push({
      name,
      files,
      path,
      at,
      lead: isJson ? '' : `${files[at] ?? ''}\n\n`,
      shapes: isJson ? JSONS : SHAPES,
    })
  }
  return cases
}

const filesBelow = (dir: string): Files =>
  Object.fromEntries(
    readdirSync(dir, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path.slice(dir.length + 1), readFileSync(path, 'utf8')]),
  )

/** Processor time of one core, so that what else runs counts little. */
const now = (): number => process.cpuUsage().user / 1_000

async function readAndReview({ files, path, at, lead }: Case, shape: Shape): Promise<number> {
  const bytes = Buffer.concat([Buffer.from(lead), bytesOf(shape.text(SIZE))])
  const start = now()
  const text = decodeText(bytes)
  const source: PlanSource = planIn({ ...files, [at]: text.text }, path)
  const { plan } = await ingest(source)
  if (plan !== undefined) reviewPlan(plan)
  return now() - start
}

/** `orchestrate review FILE`, from its start to its end. */
function wholeCommand({ lead }: Case, shape: Shape): number {
  const dir = mkdtempSync(join(tmpdir(), 'bytes-'))
  try {
    writeFileSync(join(dir, 'task_plan.md'), Buffer.concat([Buffer.from(lead), bytesOf(shape.text(SIZE))]))
    const start = performance.now()
    spawnSync(process.execPath, [join(BENCH_ROOT, 'build', 'orchestrate.js'), 'review', dir], {
      stdio: 'ignore',
    })
    return performance.now() - start
  } finally {
    rmSync(dir, { recursive: true })
  }
}

interface Taken {
  shape: Shape
  time: number
}

async function measured(one: Case, say: (text: string) => void): Promise<Taken[]> {
  const taken: Taken[] = []
  for (const shape of one.shapes) {
    const time = await readAndReview(one, shape)
    taken.push({ shape, time })
    say(`${one.name}, 1 MB of ${shape.name}: ${ms(time)}`)
  }
  return taken.sort((a, b) => b.time - a.time)
}

const worst = (name: string, taken: readonly Taken[]): Row =>
  atMost(
    `${name}: 1 MB of ${taken[0]?.shape.name ?? ''}, the slowest of ${taken.length} kinds, read and reviewed`,
    TARGET,
    taken[0]?.time ?? 0,
    ' ms',
  )

export const reviewBytes: Bench = {
  name: 'review-bytes',
  about: '1 MB of what no plan is made of, as one file of a plan (--full: in every format)',
  async run({ full, say }) {
    const taken = await measured(ours, say)
    const first = await measured({ ...ours, name: 'at its beginning', lead: '', shapes: FIRST }, say)
    const commands = taken
      .slice(0, SLOWEST)
      .map(({ shape }) => ({ shape, time: wholeCommand(ours, shape) }))
      .sort((a, b) => b.time - a.time)
    const rows = [
      worst('task_plan.md', taken),
      worst('its beginning', first),
      atMost(
        `the whole command \`orchestrate review\`: 1 MB of ${commands[0]?.shape.name ?? ''}`,
        TARGET,
        commands[0]?.time ?? 0,
        ' ms',
      ),
      told('median of all kinds', ms(taken[taken.length >> 1]?.time ?? 0)),
    ]
    if (!full) return rows
    for (const one of await foreign()) rows.push(worst(one.name, await measured(one, say)))
    return rows
  },
}
