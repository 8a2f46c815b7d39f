import type { CheckWrite } from '../forge.ts'
import { phaseCheck } from '../model/forge-names.ts'
import type { Sha } from '../model/ids.ts'
import type { PhaseResult } from '../model/phase-result.ts'
import type { PhaseView, RunView } from '../pipeline-types.ts'
import { count } from '../text/display.ts'
import { duration, money, severities } from '../text/format.ts'
import { makeVisible } from '../text/sanitize.ts'
import { ABORT_BUTTON, type Button, RETRY_BUTTON, SKIP_BUTTON } from './forge-buttons.ts'
import { linksOf, type Links } from './forge-links.ts'
import { cut, fit, fixed, listSection, plain, type Section, tableSection } from './gate-fit.ts'
import { findings } from './summary.ts'

const MAX_TEXT = 65_000
const MAX_TITLE = 250

/** A step of the phase's newest attempt, as its ledger or job tells. */
export interface PhaseStep {
  step: string
  /** Spec name or task id; "" for whole-phase steps. */
  unit: string
  state: 'running' | 'ok' | 'failed'
  durationMs?: number
  costUsd?: number
  /** What its gate found: "12 passed", "2 P1". */
  note?: string
}

export interface PhaseCheckInput {
  url: string
  pull: number
  /** Head of the pull request: the phase's own commits are on a branch that does not show there. */
  head: Sha
  run: RunView
  phase: PhaseView
  steps?: readonly PhaseStep[]
  /** The job. */
  detailsUrl?: string
  buttons: boolean
}

/** The check of one phase. Its external id is the writer's business. */
export function phaseCheckOf(input: PhaseCheckInput): Omit<CheckWrite, 'externalId'> {
  const { phase, run, head, steps = [], detailsUrl } = input
  const { title, lead, ...standing } = standingOf(phase, run, steps)
  const links = linksOf(input.url, input.pull)
  const buttons = input.buttons ? buttonsOf(phase, run) : []
  const text = fit([stepsSection(steps), ...resultSections(phase.result)], MAX_TEXT)
  return {
    name: phaseCheck(phase.id),
    sha: head,
    ...standing,
    ...(detailsUrl === undefined ? {} : { detailsUrl }),
    title: cut(makeVisible(title), MAX_TITLE),
    summary: fit(
      [
        fixed(`**${plain(phase.title)}**`),
        fixed(lead),
        gates(phase.result),
        fixed(facts(phase, links)),
        commits(phase.result, links),
      ],
      MAX_TEXT,
    ),
    ...(text === '' ? {} : { text }),
    ...(buttons.length === 0 ? {} : { buttons }),
  }
}

type Described = Pick<CheckWrite, 'status' | 'conclusion' | 'title'> & { lead: string }

function standingOf(phase: PhaseView, run: RunView, steps: readonly PhaseStep[]): Described {
  const attempt = phase.attempt > 1 ? ` (attempt ${phase.attempt})` : ''
  if (run.state === 'aborted' && phase.state !== 'merged' && phase.state !== 'skipped') {
    return {
      status: 'completed',
      conclusion: 'cancelled',
      title: 'The run was aborted',
      lead: 'Its branch stays.',
    }
  }
  switch (phase.state) {
    case 'pending':
      return {
        status: 'queued',
        title: phase.after.length === 0 ? 'Waiting to start' : `Waiting for ${phase.after.join(', ')}`,
        lead: 'It starts as soon as the phases it comes after are merged.',
      }
    case 'running': {
      const now = steps.find(({ state }) => state === 'running')
      const at = now === undefined ? '' : `: ${now.step}${now.unit === '' ? '' : ` ${now.unit}`}`
      return {
        status: 'in_progress',
        title: `Running${at}${attempt}`,
        lead: `${count(steps.filter(({ state }) => state === 'ok').length, 'step')} passed.`,
      }
    }
    case 'lost':
      return {
        status: 'queued',
        title: `Its job is gone${attempt}`,
        lead: 'It goes on from its last checkpoint in another job.',
      }
    case 'needs-input':
      return {
        status: 'completed',
        conclusion: 'action_required',
        title: `Needs you: ${phase.stopped?.message ?? 'it stopped'}`,
        lead: `**It stopped.** ${plain(phase.stopped?.message ?? '', 1_000)}\n\n**What would do:** ${plain(phase.stopped?.hint ?? 'Retry or skip it.', 1_000)}`,
      }
    case 'merged':
      return {
        status: 'completed',
        conclusion: 'success',
        title: `Merged${attempt}${phase.result === undefined ? '' : `: ${outcome(phase.result)}`}`,
        lead: 'Its commits are in the plan branch.',
      }
    case 'skipped':
      return {
        status: 'completed',
        conclusion: 'skipped',
        title: 'Skipped',
        lead: 'Left out by a person, or in the plan.',
      }
    case 'excluded':
      return {
        status: 'completed',
        conclusion: 'skipped',
        title: 'Not approved',
        lead: 'The approval leaves it out.',
      }
  }
}

function outcome({ commits, tests, durationMs, usage }: PhaseResult): string {
  return [
    count(commits.length, 'commit'),
    tests.counts === undefined ? `tests ${tests.status}` : `${count(tests.counts.passed, 'test')} passed`,
    duration(durationMs),
    ...(usage.costUsd === undefined ? [] : [money(usage.costUsd)]),
  ].join(', ')
}

function buttonsOf({ state }: PhaseView, run: RunView): Button[] {
  if (run.state !== 'approved') return []
  switch (state) {
    case 'needs-input':
      return [RETRY_BUTTON, SKIP_BUTTON, ABORT_BUTTON]
    case 'lost':
    case 'pending':
      return [SKIP_BUTTON, ABORT_BUTTON]
    case 'running':
      return [ABORT_BUTTON]
    default:
      return []
  }
}

function facts(phase: PhaseView, links: Links): string {
  const { result, branch, attempt, merge } = phase
  return [
    ...(attempt === 0
      ? []
      : [`branch [${plain(branch, 120)}](${links.branch(branch)})`, `attempt ${attempt}`]),
    ...(result === undefined
      ? []
      : [`took ${duration(result.durationMs)}`, `cost ${money(result.usage.costUsd)}`]),
    ...(merge === undefined ? [] : [`merged as [\`${merge.slice(0, 10)}\`](${links.commit(merge)})`]),
  ].join(' · ')
}

/** The gates that it passed or did not. */
function gates(result: PhaseResult | undefined): Section {
  if (result === undefined) return fixed('')
  const { build, tests, criteria } = result
  const check = ({ status, command }: PhaseResult['build']): string =>
    command === undefined ? status : `${status}: ${plain(command, 120)}`
  const counts = tests.counts
  return tableSection(
    '',
    ['Gate', 'Result'],
    [
      ['Build', check(build)],
      [
        'Tests',
        `${check(tests)}${counts === undefined ? '' : ` (${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped)`}`,
      ],
      ...(['test', 'code', 'perf'] as const).map((kind) => [
        `Review of ${{ test: 'tests', code: 'code', perf: 'performance' }[kind]}`,
        result.reviews[kind] === undefined ? 'not reviewed' : severities(result.reviews[kind]),
      ]),
      [
        'Criteria',
        `${criteria.met.length} met, ${criteria.unmet.length} not met, ${criteria.notJudged.length} not judged`,
      ],
    ],
    (row) => row,
    'gate',
    800,
  )
}

const commits = (result: PhaseResult | undefined, links: Links): Section =>
  listSection(
    'Commits',
    result?.commits ?? [],
    ({ sha, subject }) => `[\`${sha.slice(0, 10)}\`](${links.commit(sha)}) ${plain(subject)}`,
    'commit',
  )

const MARKS = { running: 'running', ok: 'passed', failed: '**failed**' } as const

const stepsSection = (steps: readonly PhaseStep[]): Section =>
  tableSection(
    'Steps',
    ['Step', 'Unit', 'Gate', 'What it found', 'Time', 'Cost'],
    steps,
    ({ step, unit, state, note, durationMs, costUsd }) => [
      plain(step, 60),
      unit === '' ? '–' : plain(unit, 80),
      MARKS[state],
      note === undefined || note === '' ? '–' : plain(note),
      durationMs === undefined ? '–' : duration(durationMs),
      money(costUsd),
    ],
    'step',
    4_000,
  )

function resultSections(result: PhaseResult | undefined): Section[] {
  if (result === undefined) return []
  const { fixesApplied, deferred, criteria, decisions, questions, notes, conflictFiles } = result
  const texts = (heading: string, items: readonly string[], noun: string): Section =>
    listSection(heading, items, (text) => plain(text), noun)
  return [
    texts('Conflicts', conflictFiles, 'file'),
    texts('Criteria not met', criteria.unmet, 'item'),
    listSection(
      `Findings: ${severities(findings(result))}; fixed`,
      fixesApplied,
      ({ id, severity, title, note }) => plain(`${id} ${severity} ${title}: ${note}`),
      'finding',
      2_000,
    ),
    listSection(
      'Put off',
      deferred,
      ({ id, severity, file, line, title, note }) =>
        plain(`${id} ${severity} · ${file}:${line} · ${title}: ${note}`),
      'finding',
      2_000,
    ),
    texts('Decisions', decisions, 'decision'),
    texts('Questions', questions, 'question'),
    texts('Notes', notes, 'note'),
  ]
}
