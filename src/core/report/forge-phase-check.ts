import type { CheckWrite } from '../forge.ts'
import { phaseCheck } from '../model/forge-names.ts'
import type { Sha } from '../model/ids.ts'
import type { PhaseResult } from '../model/phase-result.ts'
import type { PhaseStep } from '../model/phase-step.ts'
import type { PhaseView, RunView } from '../pipeline-types.ts'
import { count, list } from '../text/display.ts'
import { cost, duration, severities } from '../text/format.ts'
import { makeVisible } from '../text/sanitize.ts'
import { capital } from '../text/sentence.ts'
import { ABORT_BUTTON, type Button, RETRY_BUTTON, SKIP_BUTTON } from './forge-buttons.ts'
import { linksOf, type Links } from './forge-links.ts'
import { cut, fit, fixed, listSection, plain, type Section, tableSection } from './gate-fit.ts'
import { findings } from './summary.ts'
import { waitingText } from './words.ts'

const MAX_TEXT = 65_000
const MAX_TITLE = 250

export interface PhaseCheckInput {
  url: string
  pull: number
  /** Head of the pull request: the phase's own commits are on a branch that does not show there. */
  head: Sha
  run: RunView
  phase: PhaseView
  /** What a phase under way did up to its last checkpoint, `at` in milliseconds since the epoch. */
  soFar?: { at: number; steps: readonly PhaseStep[] }
  /** The job. */
  detailsUrl?: string
  buttons: boolean
}

/** The check of one phase. Its external id is the writer's business. */
export function phaseCheckOf(input: PhaseCheckInput): Omit<CheckWrite, 'externalId'> {
  const { phase, run, head, soFar, detailsUrl } = input
  const { title, lead, ...standing } = standingOf(phase, run, soFar)
  const steps = soFar?.steps ?? (phase.state === 'running' ? [] : phase.result?.steps) ?? []
  const links = linksOf(input.url, input.pull)
  const buttons = input.buttons ? buttonsOf(phase, run) : []
  const text = fit([stepsSection(steps, links), ...resultSections(phase.result)], MAX_TEXT)
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

function standingOf(phase: PhaseView, run: RunView, soFar: PhaseCheckInput['soFar']): Described {
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
      if (phase.waiting !== undefined) {
        const { since } = phase.waiting
        return {
          status: 'in_progress',
          title: `${capital(waitingText(phase.waiting, since))}${attempt}`,
          lead: `The model's service has no room: ${plain(phase.waiting.why, 200)}. What was done is kept, and it goes on by itself.`,
        }
      }
      if (soFar === undefined)
        return {
          status: 'in_progress',
          title: `Running${attempt}`,
          lead: 'Its steps show here as it publishes them.',
        }
      return {
        status: 'in_progress',
        title: `Running: ${inShort(soFar.steps)}${attempt}`,
        lead: `${nowDoing(soFar.steps)} Published at ${minute(soFar.at)}.`,
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
    ...(usage.costUsd === undefined ? [] : [cost(usage)]),
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
    ...(result === undefined ? [] : [`took ${duration(result.durationMs)}`, `cost ${cost(result.usage)}`]),
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

function inShort(steps: readonly PhaseStep[]): string {
  const done = steps.filter(({ state }) => state !== 'running')
  const failed = done.filter(({ state }) => state === 'failed').length
  return `${count(done.length, 'step')} done${failed === 0 ? '' : `, ${failed} failed`}`
}

function nowDoing(steps: readonly PhaseStep[]): string {
  const now = steps.filter(({ state }) => state === 'running').map(named)
  return now.length === 0 ? 'Between two steps.' : `Under way: ${list(now, 5)}.`
}

const named = ({ step, unit }: PhaseStep): string =>
  unit === '' ? plain(step, 60) : `${plain(step, 60)} ${plain(unit, 80)}`

/** "12:03 UTC": who reads it may be anywhere. */
function minute(at: number): string {
  const date = new Date(at)
  return Number.isNaN(date.getTime()) ? 'an unknown time' : `${date.toISOString().slice(11, 16)} UTC`
}

const MARKS = { running: 'under way', ok: 'passed', failed: '**failed**' } as const

const stepsSection = (steps: readonly PhaseStep[], links: Links): Section =>
  tableSection(
    'Steps',
    ['Step', 'Agent', 'Outcome', 'What it found', 'Commits', 'Time', 'Cost'],
    steps,
    (one) => [
      named(one),
      one.agent === undefined ? '–' : plain(one.agent, 80),
      MARKS[one.state],
      one.note === undefined || one.note === '' ? '–' : plain(one.note),
      (one.commits ?? [])
        .slice(0, 5)
        .map((sha) => `[\`${plain(sha.slice(0, 10))}\`](${links.commit(sha)})`)
        .join(' ') || '–',
      one.durationMs === undefined ? '–' : duration(one.durationMs),
      cost(one),
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
