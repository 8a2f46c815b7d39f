import type { Diagnostic, Severity } from '../model/diagnostic.ts'
import type { Phase, Plan } from '../model/plan.ts'
import { clip, count, list } from '../text/display.ts'
import { escapeMarkdown, markdownTable } from '../text/markdown.ts'
import { capital } from '../text/sentence.ts'
import { summarize } from './diagnostics.ts'
import type { PhaseConfidence } from './execution-plan.ts'
import { fromRoot } from './formats.ts'

export interface PlanSummary {
  /** Undefined where the directory holds no plan. */
  plan: Plan | undefined
  /** The plan directory from the repository's root. */
  dir: string
  diagnostics: readonly Diagnostic[]
  /** Keys are phase ids. */
  confidence: ReadonlyMap<string, PhaseConfidence>
  questions: readonly { text: string }[]
}

/** GitHub refuses a summary of more than 1 MiB; bytes that each table may take, so that all of it stays below. */
const BYTES = { phases: 300_000, findings: 500_000, questions: 100_000 }
/** Columns that one text may take. */
const WIDEST = 500

const WORDS: Record<Severity, string> = { error: 'error', warning: 'warning', info: 'note' }
const SEVERITIES = ['error', 'warning', 'info'] as const

/** A reviewed plan as the Markdown of a job's summary: what would run, what is weak about it, what is to be answered. */
export function planSummary(given: PlanSummary): string {
  const { plan, dir, diagnostics, questions } = given
  const title = plan === undefined ? 'No plan to review' : `Plan: ${text(plan.title || dir || plan.index)}`
  return [
    `## ${title}\n`,
    `${[...(plan === undefined ? [] : facts(plan)), summarize(diagnostics)].join(' · ')}\n`,
    ...(plan === undefined ? [] : [phases(plan, given)]),
    ...(diagnostics.length === 0 ? [] : ['### Findings\n', findings(diagnostics, dir)]),
    ...(questions.length === 0 ? [] : ['### Questions\n', asked(questions)]),
  ].join('\n')
}

function facts(plan: Plan): string[] {
  const done = plan.phases.filter(({ status }) => status === 'completed' || status === 'skipped').length
  return [
    `${count(plan.phases.length, plan.words.phase)}${done === 0 ? '' : `, ${done} of them done`}`,
    `digest \`${plan.digest.slice(0, 12)}\``,
  ]
}

function phases(plan: Plan, { confidence }: PlanSummary): string {
  const row = (phase: Phase) => [
    text(phase.id),
    text(phase.title),
    phase.after.length === 0 ? '–' : text(list(phase.after)),
    work(phase, plan),
    String(phase.files.length),
    ...doubts(phase, confidence.get(phase.id)),
  ]
  return within(BYTES.phases, plan.words.phase, plan.phases, row, (rows) =>
    markdownTable([capital(plan.words.phase), 'Title', 'After', 'Work', 'Files', 'Confidence', 'Why'], rows),
  )
}

function work(phase: Phase, { words }: Plan): string {
  if (phase.status === 'completed' || phase.status === 'skipped') return phase.status
  if (phase.specs.length > 0) return count(phase.specs.length, 'spec')
  return phase.tasks.length > 0 ? count(phase.tasks.length, words.task) : 'as one'
}

function doubts(phase: Phase, confidence: PhaseConfidence | undefined): [string, string] {
  if (confidence === undefined || phase.status === 'completed' || phase.status === 'skipped')
    return ['–', '–']
  return [confidence.level, text(confidence.reasons.join(', '))]
}

function findings(diagnostics: readonly Diagnostic[], dir: string): string {
  const worstFirst = SEVERITIES.flatMap((severity) => diagnostics.filter((one) => one.severity === severity))
  const row = ({ severity, file, line, message, hint }: Diagnostic) => [
    WORDS[severity],
    file === '' ? '–' : text(`${fromRoot(dir, file) ?? file}:${line}`),
    text(message),
    text(hint),
  ]
  return within(BYTES.findings, 'finding', worstFirst, row, (rows) =>
    markdownTable(['', 'Where', 'What', 'What to do'], rows),
  )
}

const asked = (questions: readonly { text: string }[]): string =>
  within(
    BYTES.questions,
    'question',
    questions,
    (question) => [text(question.text)],
    (rows) => rows.map(([question = '']) => `- ${question}\n`).join(''),
  )

/** Cut before it is measured: counting columns is slow. */
const text = (of: string): string =>
  escapeMarkdown(of.length <= WIDEST ? of : clip(of.slice(0, 2 * WIDEST), WIDEST))

/** As many rows as fit into `bytes`, and a line that says how many do not. */
function within<T>(
  bytes: number,
  noun: string,
  items: readonly T[],
  row: (item: T) => string[],
  render: (rows: string[][]) => string,
): string {
  const rows: string[][] = []
  let left = bytes
  for (const item of items) {
    const next = row(item)
    left -= Buffer.byteLength(next.join(' | ')) + '|  |\n'.length
    if (left < 0) break
    rows.push(next)
  }
  const rest = items.length - rows.length
  if (rest === 0) return render(rows)
  return `${render(rows)}\nand ${count(rest, `more ${noun}`)} that GitHub has no room for here.\n`
}
