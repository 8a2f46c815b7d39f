/**
 * npm run bench [-- NAME…] [-- --full]
 *
 * Every figure of the table is taken in this run: ratios of two things measured in turn, medians. Nothing here is a test: a
 * target that is missed is shown as missed, and the exit code is 0.
 */
import type { Bench, Row } from './support/bench.ts'
import { cage } from './cage.ts'
import { calls } from './calls.ts'
import { githubAction } from './github-action.ts'
import { githubGate } from './github-gate.ts'
import { githubPhases } from './github-phases.ts'
import { githubWebhooks } from './github-webhooks.ts'
import { makespan } from './makespan.ts'
import { memory } from './memory.ts'
import { phase } from './phase.ts'
import { reviewBytes } from './review-bytes.ts'
import { reviewSpeed } from './review-speed.ts'
import { start } from './start.ts'
import { store } from './store.ts'

const BENCHES: Bench[] = [
  phase,
  makespan,
  calls,
  memory,
  start,
  store,
  reviewSpeed,
  reviewBytes,
  githubGate,
  githubPhases,
  githubWebhooks,
  cage,
  githubAction,
]

const args = process.argv.slice(2)
const full = args.includes('--full')
const names = args.filter((arg) => !arg.startsWith('--'))
/** By its name, or by what its name begins with: `github` is all of GitHub's. */
const isMeant = (name: string) => (bench: Bench) =>
  bench.name === name || (!isOne(name) && bench.name.startsWith(`${name}-`))
const isOne = (name: string) => BENCHES.some((bench) => bench.name === name)
const unknown = names.filter((name) => !BENCHES.some(isMeant(name)))
const flags = args.filter((arg) => arg.startsWith('--') && arg !== '--full')
if (unknown.length > 0 || flags.length > 0) {
  const list = BENCHES.map(({ name, about }) => `  ${name.padEnd(17)}${about}`).join('\n')
  process.stderr.write(`error: there is no bench ${[...unknown, ...flags].join(', ')}\n\n${list}\n`)
  process.exit(2)
}

const say = (text: string): void => void process.stderr.write(`${text}\n`)
const table: string[][] = [['bench', 'measured', 'target', 'result', '']]
for (const bench of BENCHES) {
  if (names.length > 0 && !names.some((name) => isMeant(name)(bench))) continue
  say(`${bench.name}: ${bench.about}`)
  const rows = await bench.run({ full, say: (text) => say(`  ${text}`) })
  table.push(...rows.map((row) => line(bench.name, row)))
}
process.stdout.write(`\n${render(table)}\n`)

function line(name: string, { measured, target, result }: Row): string[] {
  return [
    name,
    measured,
    target?.text ?? '',
    result,
    target === undefined ? '' : target.met ? 'ok' : 'MISSED',
  ]
}

function render(rows: string[][]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length))) ?? []
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
