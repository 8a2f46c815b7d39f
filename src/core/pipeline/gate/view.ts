import type { Forge, PullFacts } from '../../forge.ts'
import type { Failure } from '../../model/failure.ts'
import { GATE_CHECK, runPrefix } from '../../model/forge-names.ts'
import type { RunView } from '../../pipeline-types.ts'
import type { GateState, GateView } from '../../report/gate-view.ts'
import { keptNotes } from '../kept-notes.ts'
import { executionPlan } from '../approve.ts'
import { forecast, stepsIn } from '../forecast.ts'
import { viewOf } from '../view.ts'
import type { GateContext } from './context.ts'
import { isLanded, type KnownRun } from './known-run.ts'
import type { Marker, Sent } from './marker.ts'
import type { Standing } from './standing.ts'

export interface Scene {
  forge: Pick<Forge, 'url'>
  facts: PullFacts
  standing: Standing
  remembered: Marker
  ctx: Pick<GateContext, 'clock'>
  /** Landing was due and did not happen: a person is asked. */
  refusedLanding?: Failure
}

/** A dispatched workflow has begun after so long, or something is wrong with it. */
const SLOW_START_MS = 15 * 60_000

/** The scene in the words of the reports. */
export function gateView(scene: Scene): GateView {
  const { forge, facts, standing } = scene
  const answer = answerOf(scene)
  return {
    url: forge.url,
    pull: facts.pull.number,
    head: facts.pull.head.sha,
    dir: dirOf(standing),
    state: stateOf(scene),
    notes: notesOf(scene),
    ...(answer === undefined ? {} : { answer }),
  }
}

export const knownOf = (standing: Standing): KnownRun | undefined =>
  standing.kind === 'run' ? standing.known : standing.kind === 'reviewed' ? standing.run?.known : undefined

/** What was passed on to the workflow and does not show in a ledger yet. */
export function waitsFor({ standing, remembered, facts }: Scene): Sent | undefined {
  const { sent } = remembered
  if (sent === undefined) return undefined
  const known = knownOf(standing)
  if (known !== undefined && isRecorded(known, sent.source)) return undefined
  return isApproval(sent) && sent.head !== facts.pull.head.sha ? undefined : sent
}

/** What is decided about a phase is recorded with the phase behind its source. */
const isRecorded = ({ state }: KnownRun, source: string): boolean =>
  [...state.sources].some((one) => one === source || one.startsWith(`${source}/`))

const isLate = ({ at }: Sent, { ctx }: Scene): boolean => ctx.clock.now() - at > SLOW_START_MS

const isApproval = ({ command }: Sent): boolean => /^\/approve\b/.test(command)

function dirOf(standing: Standing): string {
  if (standing.kind === 'reviewed') return standing.dir
  if (standing.kind === 'run') return standing.known.state.planDir
  return standing.kind === 'answer' && standing.answer.kind === 'invalid-plan' ? standing.answer.dir : ''
}

function stateOf(scene: Scene): GateState {
  const { standing, facts } = scene
  switch (standing.kind) {
    case 'no-gate':
      return { kind: 'not-labelled' }
    case 'answer': {
      const { answer } = standing
      return answer.kind === 'invalid-plan'
        ? { kind: 'invalid-plan', failures: answer.failures, diagnostics: [] }
        : answer
    }
    case 'reviewed': {
      const { prepared, rules, run } = standing
      // Of earlier runs the gate knows this pull request's own alone: reading those of others would cost a request for each.
      const forecasted = forecast(
        prepared.plan,
        rules.config,
        run === undefined ? [] : stepsIn(run.known.state),
      )
      const plan = {
        ...executionPlan(`${runPrefix(facts.pull.number)}…`, prepared, rules.config),
        forecast: forecasted,
      }
      const waits = waitsFor(scene)
      // A job that refused it, or died first, leaves no run behind: then it is to be approved anew.
      if (waits !== undefined && isApproval(waits) && !isLate(waits, scene))
        return { kind: 'starting', plan, by: waits.by }
      return {
        kind: 'needs-approval',
        plan,
        ...(prepared.revision === undefined ? {} : { changes: prepared.revision.changes.length }),
        ...(run === undefined || run.void.length === 0 ? {} : { void: run.void }),
        ...(run === undefined ? {} : { run: shownRun(run.known, facts) }),
      }
    }
    case 'run': {
      const { state } = standing.known
      return {
        kind: 'run',
        run: shownRun(standing.known, facts),
        ...(state.approval === undefined ? {} : { by: state.approval.by }),
        ...(state.waitingAfter === undefined ? {} : { between: state.waitingAfter }),
      }
    }
  }
}

/** As the ledger tells it, and as the branch shows: whoever lands does not write the ledger. */
function shownRun(known: KnownRun, { pull }: PullFacts): RunView {
  const view = viewOf(known.state)
  if (isLanded(known, pull.head.sha)) return { ...view, state: 'landed', landed: pull.head.sha }
  const partly = view.phases.some(({ merge }) => merge === pull.head.sha)
  return partly ? { ...view, landed: pull.head.sha } : view
}

function answerOf(scene: Scene): GateView['answer'] {
  const { remembered } = scene
  if (remembered.answer !== undefined) return remembered.answer
  const waits = waitsFor(scene)
  if (waits === undefined || isApproval(waits)) return undefined
  return {
    to: waits.by,
    command: waits.command,
    text: 'Passed on to the workflow, which records it and goes on.',
  }
}

function notesOf(scene: Scene): string[] {
  const { standing, facts, refusedLanding } = scene
  const notes = standing.kind === 'reviewed' || standing.kind === 'run' ? [...standing.notes] : []
  if (standing.kind === 'run') notes.push(...keptNotes(standing.known.state))
  const waits = waitsFor(scene)
  if (waits !== undefined && isLate(waits, scene))
    notes.push(
      `The workflow was started for ${waits.command.split(' ')[0]} of ${waits.by}, and nothing came of it yet: look at the repository's Actions, then write it again.`,
    )
  if (refusedLanding !== undefined) notes.push(`Not landed: ${refusedLanding.message} ${refusedLanding.hint}`)
  const forged = facts.checks.find(
    ({ name, mine, conclusion, app }) =>
      name === GATE_CHECK && !mine && conclusion === 'success' && app !== 'github-actions',
  )
  if (forged !== undefined)
    notes.push(
      `Another App (${forged.app}) posted a check named ${GATE_CHECK} here. It is not ours: require the check of this App in the branch's protection.`,
    )
  return notes
}
