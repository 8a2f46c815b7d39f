/**
 * npm run bench:review [-- DIRECTORY…]
 *
 * Puts each kind of defect into good plans, one at a time, and prints how many of them the review finds by the rule that is meant:
 * the plans of the rules' pages, what `init` writes, the demo's, and every plan directory below DIRECTORY. Exit code 1 where a defect
 * was missed, or an untouched plan has an error; for plans of others (DIRECTORY) what is beside it is shown and counts for nothing.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { goodPlans, plansIn } from './review/good-plans.ts'
import { runSuite, type SuiteResult } from './review/suite.ts'

declare const BENCH_ROOT: string

const args = process.argv.slice(2)
const directories = args.filter((arg) => !arg.startsWith('--'))
const ours = goodPlans(BENCH_ROOT)
const theirs = directories.flatMap((dir) =>
  readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ name, files: plansIn(join(dir, name)) })),
)
const start = performance.now()
const result = await runSuite([...ours, ...theirs], theirs.length > 0 ? 6 : Infinity)
process.stdout.write(`${table(result)}\n`)
if (args.includes('--verbose')) {
  for (const { rule, missed, beside } of result.rules) {
    for (const one of missed) process.stdout.write(`missed  ${rule}  ${one}\n`)
    for (const one of beside) process.stdout.write(`beside  ${rule}  ${one}\n`)
  }
}
for (const error of result.errors) process.stdout.write(`error on an untouched plan  ${error}\n`)
const complete = result.rules.every(({ missed, planted }) => planted > 0 && missed.length === 0)
process.exitCode = complete && result.errors.length === 0 ? 0 : 1

function table({ rules, plans, errors, warnings, notes }: SuiteResult): string {
  const rows = [
    ['rule', 'planted', 'found', 'other rules too'],
    ...rules.map(({ rule, planted, found, beside }) => [
      rule,
      `${planted}`,
      `${found}`,
      beside.length === 0 ? '' : `${beside.length}`,
    ]),
  ]
  const sum = (of: (one: SuiteResult['rules'][number]) => number) =>
    rules.reduce((all, one) => all + of(one), 0)
  rows.push([
    'all',
    `${sum(({ planted }) => planted)}`,
    `${sum(({ found }) => found)}`,
    `${sum(({ beside }) => beside.length)}`,
  ])
  const [first = 0, ...others] = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  )
  const lines = rows.map(([name = '', ...cells]) =>
    [name.padEnd(first), ...cells.map((cell, at) => cell.padStart(others[at] ?? 0))].join('  ').trimEnd(),
  )
  const recall =
    (100 * sum(({ found }) => found)) /
    Math.max(
      1,
      sum(({ planted }) => planted),
    )
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  return [
    ...lines,
    '',
    `recall ${recall.toFixed(2)} % on ${plans} plans; untouched they have ${errors.length} errors, ${warnings} warnings, ${notes} notes (${seconds} s)`,
  ].join('\n')
}
