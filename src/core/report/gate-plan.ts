/** Parts of check and comment that show an execution plan: what is approved is what stands here. */
import type { Diagnostic, Severity } from '../model/diagnostic.ts'
import type { Phase } from '../model/plan.ts'
import type { PhaseView, RunView } from '../pipeline-types.ts'
import { list } from '../text/display.ts'
import { cost } from '../text/format.ts'
import { makeVisible } from '../text/sanitize.ts'
import { capital } from '../text/sentence.ts'
import {
  assigned as assignedLines,
  chosen,
  dispatchLines,
  type ExecutionPlan,
  offered,
  order,
  research,
  settingRows,
  work,
} from './execution-plan.ts'
import { commitsLink, type Links } from './forge-links.ts'
import { fromRoot } from './formats.ts'
import { listSection, plain, type Section, tableSection } from './gate-fit.ts'
import type { GraphPhase } from './gate-graph.ts'
import { waitingText } from './words.ts'

const WORDS: Record<Severity, string> = { error: 'error', warning: 'warning', info: 'note' }

const STATES: Readonly<Record<PhaseView['state'], string>> = {
  pending: 'pending',
  running: '🔵 running',
  'needs-input': '🟠 **needs you**',
  lost: '🟠 job lost',
  merged: '🟢 merged',
  skipped: 'skipped',
  excluded: 'not approved',
}

/** A phase with what the plan, the review and the run know about it. */
interface Row {
  id: string
  title: string
  after: readonly string[]
  plan?: Phase
  run?: PhaseView
}

export function rowsOf(plan: ExecutionPlan | undefined, run: RunView | undefined): Row[] {
  const phases = new Map<string, Phase>(plan?.plan.phases.map((phase) => [phase.id, phase]))
  if (run !== undefined) {
    return run.phases.map((phase) => {
      const written = phases.get(phase.id)
      const { id, title, after } = phase
      return { id, title, after, run: phase, ...(written === undefined ? {} : { plan: written }) }
    })
  }
  if (plan === undefined) return []
  return chosen(plan).map((phase) => {
    const { id, title, after } = phase
    return { id, title, after, plan: phase }
  })
}

export const graphOf = (rows: readonly Row[]): GraphPhase[] =>
  rows.map(({ id, title, after, plan, run }) => ({
    id,
    title,
    after,
    state:
      run?.state ??
      (plan?.status === 'completed' ? 'merged' : plan?.status === 'skipped' ? 'skipped' : 'pending'),
  }))

/** A row a phase. Columns that say nothing in any row are left out. */
export function phaseTable(
  rows: readonly Row[],
  plan: ExecutionPlan | undefined,
  run: RunView | undefined,
  links: Links,
): Section {
  const assigned = (row: Row) => (row.plan === undefined ? undefined : plan?.assignments.get(row.id))
  const columns: [title: string, cell: (row: Row) => string][] = [
    [capital(plan?.plan.words.phase ?? run?.words?.phase ?? 'phase'), ({ id }) => plain(id, 40)],
    ['Title', ({ title }) => plain(title, 120)],
    ['State', (row) => stateOf(row)],
    ['After', ({ after }) => (after.length === 0 ? '–' : plain(list(after), 60))],
    [
      'Work',
      (row) => (row.plan === undefined || plan === undefined ? '–' : work(row.plan, plan.plan, plan.config)),
    ],
    ['Agent', (row) => plain(assigned(row)?.agentType ?? '–', 40)],
    [
      'Skills',
      (row) =>
        plain(
          assigned(row)
            ?.skills.map(({ name }) => name)
            .join(', ') || '–',
          80,
        ),
    ],
    ['Dispatch', (row) => (row.plan === undefined ? '–' : (plan?.dispatch.get(row.id) ?? '–'))],
    ['Confidence', (row) => plan?.review.confidence.get(row.id)?.level ?? '–'],
    ['Attempt', ({ run: phase }) => (phase === undefined || phase.attempt < 2 ? '–' : String(phase.attempt))],
    ['Branch', ({ run: phase }) => (phase === undefined ? '–' : branch(phase, links))],
    [
      'Commits',
      ({ run: phase }) => (phase === undefined || run === undefined ? '–' : commitsLink(phase, run, links)),
    ],
    ['Cost', ({ run: phase }) => cost(phase?.result?.usage ?? {})],
  ]
  const kept = columns.filter(([, cell], at) => at < 2 || rows.some((row) => cell(row) !== '–'))
  return tableSection(
    '',
    kept.map(([title]) => title),
    rows,
    (row) => kept.map(([, cell]) => cell(row)),
    'phase',
    2_000,
  )
}

function stateOf({ plan, run }: Row): string {
  if (run?.waiting !== undefined) return `🟡 ${plain(waitingText(run.waiting, run.waiting.since))}`
  if (run !== undefined) return STATES[run.state]
  return plan?.status === 'completed' || plan?.status === 'skipped' ? plan.status : '–'
}

const branch = ({ branch: name, state, attempt }: PhaseView, links: Links): string =>
  attempt === 0 || state === 'pending' || state === 'excluded'
    ? '–'
    : `[${plain(name.split('/').at(-1) ?? name, 60)}](${links.branch(name)})`

const OURS = { branch: "the pull request's branch", rights: 'the rights of their job' }

export const settingsSection = (plan: ExecutionPlan): Section =>
  listSection(
    'Would run with',
    [
      ...settingRows(plan, OURS).map(([key, text]) => `${key}: ${plain(text)}`),
      ...(['build', 'test'] as const).map((kind) => {
        const found = plan.commands[kind]
        return found === undefined
          ? `${kind}: **no ${kind} command found: nothing will be ${kind === 'build' ? 'built' : 'tested'}.** Set \`${kind}_cmd\` in \`.github/orchestrate.yml\`.`
          : `${kind}: ${plain(found.command)} (${plain(found.why)})`
      }),
      ...order(plan.plan, chosen(plan)).map((text) => plain(text)),
      ...dispatchLines(plan, chosen(plan)).map((text) => plain(text)),
    ],
    (line) => line,
    'setting',
    300,
  )

export const confidenceSection = (
  { plan: { words }, review }: ExecutionPlan,
  rows: readonly Row[],
): Section =>
  listSection(
    'Confidence',
    rows.flatMap(({ id }) => {
      const found = review.confidence.get(id)
      if (found === undefined || found.level === 'high') return []
      return [{ id, ...found }]
    }),
    ({ id, level, reasons }) => `${words.phase} ${plain(id, 40)} ${level}: ${plain(list([...reasons]))}`,
    'phase',
    200,
  )

export const assignedSection = (plan: ExecutionPlan): Section =>
  listSection('Agents and skills', assignedLines(plan, chosen(plan)), (line) => plain(line), 'phase', 100)

export const offeredSection = (plan: ExecutionPlan): Section =>
  listSection(
    'Offered by catalogues, not used',
    offered(plan, chosen(plan)),
    (line) => plain(line),
    'offer',
    100,
  )

export const researchSection = (plan: ExecutionPlan): Section =>
  listSection('Research', research(plan), (line) => plain(line), 'source', 100)

export const questionsSection = ({ review: { questions } }: ExecutionPlan): Section =>
  listSection(
    'Questions',
    questions,
    ({ phase, text }) => plain(phase === undefined ? text : `phase ${phase}: ${text}`),
    'question',
    400,
  )

/** What is to be known before approving, besides findings: fits nowhere else and must not be overlooked. */
export const notesSection = (plan: ExecutionPlan | undefined, notes: readonly string[] = []): Section => {
  return listSection('To know', [...notes, ...(plan?.notes ?? [])], (note) => plain(note), 'note', 300)
}

export function findingsSection(diagnostics: readonly Diagnostic[], dir: string, keep: number): Section {
  const worstFirst = (['error', 'warning', 'info'] as const).flatMap((severity) =>
    diagnostics.filter((one) => one.severity === severity),
  )
  return tableSection(
    'Review',
    ['', 'Where', 'What', 'What to do'],
    worstFirst,
    ({ severity, file, line, message, hint }) => [
      WORDS[severity],
      file === '' ? '–' : plain(`${fromRoot(dir, file) ?? file}:${line}`),
      visible(message),
      visible(hint),
    ],
    'finding',
    keep,
  )
}

const visible = (text: string): string => plain(makeVisible(text.slice(0, 2_000)), 400)

const HIDES = new Set(['hidden-text', 'hidden-comment', 'hidden-markup'])

/** Places whose text a reader of the rendered plan does not see, with the text: an agent would read it. */
export function hiddenSection(diagnostics: readonly Diagnostic[], plan: ExecutionPlan): Section {
  const files = new Map(plan.plan.files.map(({ path, text }) => [path, text]))
  const places = diagnostics
    .filter(({ rule }) => HIDES.has(rule))
    .flatMap(({ file, line, related = [] }) => [
      { file, line },
      ...related.map((place) => ({ file: place.file, line: place.line })),
    ])
  const lines = new Map<string, string[]>()
  const textAt = (file: string, line: number): string => {
    let found = lines.get(file)
    if (found === undefined) lines.set(file, (found = (files.get(file) ?? '').split(/\r\n|\r|\n/)))
    const text = found[line - 1] ?? ''
    // a comment goes on below its first line
    const comment = /<!--(?![\s\S]*-->)/.test(text) ? found.slice(line, line + 6).join(' ') : ''
    return `${text} ${comment}`
  }
  return listSection(
    '⚠️ Hidden text: it would reach an agent without showing in the plan',
    places,
    ({ file, line }) =>
      `${plain(`${fromRoot(plan.plan.dir, file) ?? file}:${line}`)}: ${visible(textAt(file, line))}`,
    'place',
    1_500,
  )
}
