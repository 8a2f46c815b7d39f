import type { PhaseResult } from '../model/phase-result.ts'
import type { PhaseView, RunView } from '../pipeline-types.ts'
import { oneLine } from '../text/clean.ts'
import { duration, cost, severities } from '../text/format.ts'
import type { Style } from '../text/style.ts'
import { displayWidth, wrap } from '../text/display.ts'
import { padEnd, table, type Column } from '../text/table.ts'
import { nextSteps } from './next-steps.ts'
import { phaseNoun, phaseWord, runWord } from './words.ts'

export interface SummaryOptions {
  columns: number
  style: Style
  /** Lines of `git log --graph`, drawn by the caller; left out where there are none. */
  graph?: readonly string[]
  /** How this person calls us: "orchestrate", or "npm run -s orchestrate --". */
  program: string
  /** The process that worked on the run is at its end: nothing runs any more. */
  over?: boolean
}

const columnsOf = (word: string): Column[] => [
  { title: '#' },
  { title: word, min: 16 },
  { title: 'state', min: 11 },
  { title: 'commits', align: 'right', drop: 2 },
  { title: 'build' },
  { title: 'tests', min: 10, drop: 5 },
  { title: 'findings', min: 10, drop: 4 },
  { title: 'cost', align: 'right', drop: 3 },
  { title: 'time', align: 'right', drop: 1 },
]

/** What a run came to: the commit graph, a row per phase, what stopped, what was put off, and what to do next. */
export function summaryText(view: RunView, { columns, style, graph, program, over }: SummaryOptions): string {
  const [head = '', rule = '', ...rows] = table(
    columnsOf(phaseNoun(view)),
    [
      ...view.phases.map((phase) => phaseCells(phase, phaseWord(phase, view, over === true))),
      totalCells(view),
    ],
    columns,
  )
  return [
    ...(graph === undefined || graph.length === 0 ? [] : [style.bold('Commits'), ...graph, '']),
    style.bold(`Run ${view.run}: ${runWord(view.state)}`),
    style.dim(head),
    style.dim(rule),
    ...rows,
    '',
    ...stopped(view, columns, style),
    ...deferred(view, columns, style),
    style.bold('Next'),
    ...next(view, program, columns, style),
    '',
  ].join('\n')
}

function phaseCells(phase: PhaseView, state: string): string[] {
  const { result } = phase
  return [
    phase.id,
    oneLine(phase.title),
    phase.attempt > 1 ? `${state} (attempt ${phase.attempt})` : state,
    result === undefined ? '' : String(result.commits.length),
    result === undefined ? '' : result.build.status,
    result === undefined ? '' : testCell(result),
    result === undefined ? '' : reviewed(result) ? severities(findings(result)) : '–',
    result === undefined ? '' : cost(result.usage),
    result === undefined ? '' : duration(result.durationMs),
  ]
}

function totalCells(view: RunView): string[] {
  const results = view.phases.flatMap(({ result }) => (result === undefined ? [] : [result]))
  const sum: Record<string, number> = {}
  for (const result of results) {
    for (const [severity, n] of Object.entries(findings(result))) sum[severity] = (sum[severity] ?? 0) + n
  }
  return [
    '',
    'all',
    '',
    String(results.reduce((n, { commits }) => n + commits.length, 0)),
    '',
    '',
    results.some(reviewed) ? severities(sum) : '–',
    cost(view.usage),
    duration(Math.max(view.updatedAt - view.startedAt, ...results.map((result) => result.durationMs))),
  ]
}

function testCell({ tests }: PhaseResult): string {
  if (tests.counts === undefined) return tests.status
  const { passed, failed } = tests.counts
  return `${tests.status} (${passed}${failed > 0 ? `, ${failed} failed` : ''})`
}

const reviewed = ({ reviews }: PhaseResult): boolean =>
  [reviews.test, reviews.code, reviews.perf].some((counts) => counts !== undefined)

/** Findings of the three reviews of a phase, by severity. */
export function findings({ reviews }: PhaseResult): Record<string, number> {
  const sum: Record<string, number> = {}
  for (const counts of [reviews.test, reviews.code, reviews.perf]) {
    for (const [severity, n] of Object.entries(counts ?? {})) sum[severity] = (sum[severity] ?? 0) + n
  }
  return sum
}

function stopped(view: RunView, columns: number, style: Style): string[] {
  const waiting = view.phases.flatMap((phase) =>
    phase.stopped === undefined ? [] : [{ phase, why: phase.stopped }],
  )
  if (waiting.length === 0) return []
  return [
    style.bold('Needs you'),
    ...waiting.flatMap(({ phase, why }) => [
      ...hanging(`  ${phaseNoun(view)} ${phase.id} · `, why.message, columns).map(style.warn),
      ...hanging('      hint: ', why.hint, columns),
    ]),
    '',
  ]
}

function deferred(view: RunView, columns: number, style: Style): string[] {
  if (view.deferred.length === 0) return []
  return [
    style.bold('Deferred'),
    ...view.deferred.flatMap((item) =>
      hanging(
        `  ${phaseNoun(view)} ${item.phase} · ${item.id} · ${item.severity} · `,
        oneLine(`${item.file}:${item.line} · ${item.title}`),
        columns,
      ),
    ),
    '',
  ]
}

/** `text` behind `lead`; further lines are indented by four more. */
function hanging(lead: string, text: string, columns: number): string[] {
  const indent = ' '.repeat(lead.length - lead.trimStart().length)
  return wrap(lead.trimStart() + text, columns - indent.length - 4).map((part, i) =>
    i === 0 ? indent + part : `${indent}    ${part}`,
  )
}

/** Commands with their reasons beside them, or below where the terminal is narrow. */
function next(view: RunView, program: string, columns: number, style: Style): string[] {
  const steps = nextSteps(view, program)
  const longest = Math.max(...steps.map(({ command }) => displayWidth(command)))
  const fits = steps.every(({ why }) => longest + 4 + displayWidth(why) <= columns)
  return steps.flatMap(({ command, why }) =>
    fits
      ? [`  ${style.accent(padEnd(command, longest))}  ${style.dim(why)}`]
      : [`  ${style.accent(command)}`, `      ${style.dim(why)}`],
  )
}
