import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AGENT_NAMES } from '../src/core/model/config.ts'
import type { Case, Finding } from './case.ts'

/** By program: its version, and what came of each case. */
export type Results = Map<string, { version: string; caged: boolean; cells: Map<string, Finding> }>

declare const CONFORMANCE_ROOT: string
const FILE = (): string => join(CONFORMANCE_ROOT, 'docs/agents.md')
const RESULTS = (): string => join(CONFORMANCE_ROOT, 'conformance/results.json')
const [BEGIN, END] = ['<!-- conformance: generated -->', '<!-- /conformance -->']
const [GREEN, RED] = ['✔', '✖']

/** The results as they are kept, so that one program can be tried alone. */
interface Kept {
  [cli: string]: { version: string; caged?: boolean; cases: Record<string, Finding> }
}

/** Which cells are green as of now, by program and case. */
export async function readTable(): Promise<Map<string, Map<string, boolean>>> {
  const kept = await readKept()
  return new Map(
    Object.entries(kept).map(([cli, { cases }]) => [
      cli,
      new Map(Object.entries(cases).map(([name, { ok }]) => [name, ok])),
    ]),
  )
}

async function readKept(): Promise<Kept> {
  try {
    return JSON.parse(await readFile(RESULTS(), 'utf8')) as Kept
  } catch {
    return {}
  }
}

/** For the terminal. */
export function shown(results: Results, cases: readonly Case[]): string {
  const head = ['', ...[...results].map(([cli, { version }]) => `${cli} ${version}`)]
  const rows = cases.map(({ name }) => [
    name,
    ...[...results.values()].map(({ cells }) => cell(cells.get(name), 40)),
  ])
  const widths = head.map((_, at) => Math.max(...[head, ...rows].map((row) => (row[at] ?? '').length)))
  const line = (row: string[]): string =>
    row
      .map((text, at) => text.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd()
  return `\n${[head, ...rows].map(line).join('\n')}\n`
}

const cell = (finding: Finding | undefined, length: number): string =>
  finding === undefined
    ? '–'
    : `${finding.ok ? GREEN : RED} ${finding.seen.replaceAll(/\s+/g, ' ').slice(0, length)}`

/** Writes what was found beside what was known of other programs, and the table into docs/agents.md. */
export async function publish(results: Results, cases: readonly Case[]): Promise<void> {
  const kept = await readKept()
  for (const [cli, { version, caged, cells }] of results) {
    const same = kept[cli]?.version === version && kept[cli].caged === caged
    const before = same ? (kept[cli]?.cases ?? {}) : {}
    kept[cli] = { version, caged, cases: { ...before, ...Object.fromEntries([...cells].map(short)) } }
  }
  const names = cases.map(({ name }) => name)
  for (const one of Object.values(kept)) {
    one.cases = Object.fromEntries(
      names.flatMap((name) => (one.cases[name] ? [[name, one.cases[name]]] : [])),
    )
  }
  await writeFile(RESULTS(), `${JSON.stringify(kept, null, 2)}\n`)
  const text = await readFile(FILE(), 'utf8')
  const [head, rest = ''] = text.split(BEGIN)
  const tail = rest.split(END)[1] ?? ''
  await writeFile(FILE(), `${head}${BEGIN}\n\n${markdown(kept, cases)}\n\n${END}${tail}`)
}

const order = (cli: string): number => AGENT_NAMES.findIndex((name) => name === cli)

const short = ([name, { ok, seen }]: [string, Finding]): [string, Finding] => [
  name,
  {
    ok,
    seen: seen
      .replaceAll(/\s+/g, ' ')
      .replaceAll(/\/\S*\/conformance-\S*?\//g, '')
      .slice(0, 60),
  },
]

function markdown(kept: Kept, cases: readonly Case[]): string {
  const clis = Object.entries(kept).toSorted(([a], [b]) => order(a) - order(b))
  const head = [
    'Case',
    'What has to be',
    ...clis.map(([cli, { version, caged }]) => `${cli} ${version}${caged === true ? ', caged' : ''}`),
  ]
  const rows = cases.map(({ name, wanted }) => [
    name,
    wanted,
    ...clis.map(([, one]) => {
      const found = one.cases[name]
      if (found === undefined) return '–'
      return found.ok ? GREEN : `${RED} ${found.seen.replaceAll('|', '/')}`
    }),
  ])
  const widths = head.map((_, at) => Math.max(3, ...[head, ...rows].map((row) => (row[at] ?? '').length)))
  const line = (row: string[]): string =>
    `| ${row.map((text, at) => text.padEnd(widths[at] ?? 0)).join(' | ')} |`
  const dashes = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  return [line(head), dashes, ...rows.map(line)].join('\n')
}
