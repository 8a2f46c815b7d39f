import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmTableFromMarkdown } from 'mdast-util-gfm-table'
import { gfmTable } from 'micromark-extension-gfm-table'
import { ingest } from '../src/core/ingest/ingest.ts'
import type { PlanSource } from '../src/core/ports.ts'
import { reviewPlan } from '../src/core/review/review.ts'
import type { Files } from './review/edit.ts'
import { atMost, type Bench, type Row, told } from './support/bench.ts'
import { interleaved, median, ms } from './support/measure.ts'

const SIZES = [10, 30, 100, 300, 1_000, 3_000, 10_000]
const TASKS_PER_PHASE = 10

/** One file with so many tasks, ten to a phase. Short lines: a plan file is read up to 500,000 characters. */
function taskPlan(tasks: number): Files {
  const phases = Math.max(1, tasks / TASKS_PER_PHASE)
  const text = Array.from({ length: phases }, (_, at) => {
    const n = at + 1
    const items = Array.from(
      { length: Math.min(tasks, TASKS_PER_PHASE) },
      (_, k) => `- [ ] Add item ${k} to src/m${n}/f${k}.ts`,
    )
    return [`## Phase ${n}: Part ${n}`, ...(n > 1 ? [`Depends on: Phase ${n - 1}`] : []), '', ...items, '']
  })
  return { 'task_plan.md': ['# Plan', '', ...text.flat()].join('\n') }
}

/** A manifest with a spec for every ten tasks, ten specs to a phase. */
function specPlan(tasks: number): Files {
  const specs = Math.max(1, tasks / 10)
  const rows = Array.from(
    { length: specs },
    (_, n) => `| ${Math.floor(n / 10) + 1} | 1 | s${n} | draft | ${n < 10 ? '—' : `s${n - 10}`} |`,
  )
  const files: Record<string, string> = {
    'manifest.md': [
      '# Plan',
      '',
      '| Phase | Sprint | Spec | Status | Depends On |',
      '| --- | --- | --- | --- | --- |',
      ...rows,
      '',
    ].join('\n'),
  }
  for (let n = 0; n < specs; n++) {
    const items = Array.from(
      { length: Math.min(tasks, 10) },
      (_, k) => `${k + 1}. Add item ${k} to src/m${n}/f${k}.ts (REQ-${k + 1})`,
    )
    const requirements = Array.from({ length: 3 }, (_, k) => `- REQ-${k + 1}: item ${k} of part ${n} is kept`)
    files[`specs/s${n}-spec.md`] = [
      `# Part ${n}`,
      '',
      '## Requirements',
      '',
      ...requirements,
      '',
      '## Acceptance Criteria',
      '',
      '- AC-1: it gives 3',
      '',
      '## Tasks',
      '',
      ...items,
      '',
    ].join('\n')
  }
  return files
}

const sourceOf = (files: Files): PlanSource => ({
  shown: 'plan',
  dir: 'plan',
  read: (path) =>
    Promise.resolve(files[path] === undefined ? undefined : { text: files[path], invalidUtf8: false }),
  list: () => Promise.resolve(Object.keys(files)),
  documents: () => Promise.resolve([]),
})

async function readAndReview(files: Files): Promise<number> {
  const start = performance.now()
  const { plan } = await ingest(sourceOf(files))
  if (plan === undefined) throw new Error('the plan was not read')
  reviewPlan(plan)
  return performance.now() - start
}

/** The parser that ingest uses, by itself, with the one extension that plans need. */
function parseOnly(files: Files): number {
  const start = performance.now()
  for (const text of Object.values(files))
    fromMarkdown(text, { extensions: [gfmTable()], mdastExtensions: [gfmTableFromMarkdown()] })
  return performance.now() - start
}

/** The slope of a line through the logarithms: 1 is linear, 2 quadratic. */
function exponent(points: readonly (readonly [number, number])[]): number {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)] as const)
  const mean = (at: 0 | 1) => logs.reduce((sum, point) => sum + point[at], 0) / logs.length
  const [mx, my] = [mean(0), mean(1)]
  const above = logs.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0)
  return above / logs.reduce((sum, [x]) => sum + (x - mx) ** 2, 0)
}

async function measure(
  name: string,
  plan: (tasks: number) => Files,
  say: (text: string) => void,
): Promise<Row[]> {
  for (let warm = 0; warm < 5; warm++) await readAndReview(plan(300))
  const points: [number, number][] = []
  for (const size of SIZES) {
    const files = plan(size)
    const taken: number[] = []
    for (let round = 0; round < (size > 1_000 ? 2 : 5); round++) taken.push(await readAndReview(files))
    const bytes = Object.values(files).reduce((sum, text) => sum + text.length, 0)
    points.push([bytes, median(taken)])
    say(`${name}, ${size} tasks, ${Math.round(bytes / 1_000)} kB: ${ms(median(taken))}`)
  }
  const largest = plan(SIZES.at(-1) ?? 0)
  const compared = await interleaved(
    3,
    () => readAndReview(largest),
    () => parseOnly(largest),
  )
  // Small plans cost what every call costs, so the line is fitted where size decides.
  const fitted = exponent(points.slice(2))
  return [
    atMost(`${name}: growth over 100 to 10,000 tasks, fitted exponent over bytes`, 1.1, fitted),
    atMost(
      `${name}: 10,000 tasks read and reviewed, against the Markdown parser alone`,
      2,
      compared.ratio,
      `  (${ms(compared.ours)} against ${ms(compared.theirs)})`,
    ),
  ]
}

export const reviewSpeed: Bench = {
  name: 'review',
  about: 'plans of 10 to 10,000 tasks, read and reviewed',
  async run({ say }) {
    const rows = [
      ...(await measure('one file, ten tasks a phase (10,000 tasks: 1,000 phases)', taskPlan, say)),
      ...(await measure(
        'a manifest, ten tasks a spec, ten specs a phase (10,000 tasks: 1,000 specs)',
        specPlan,
        say,
      )),
    ]
    return [
      ...rows,
      told(
        'peak memory of this process after that',
        `${Math.round(process.resourceUsage().maxRSS / 1024)} MB`,
      ),
    ]
  },
}
