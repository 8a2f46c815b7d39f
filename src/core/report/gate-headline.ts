import type { CheckWrite } from '../forge.ts'
import { CONFIG_FILE } from '../model/forge-names.ts'
import { unreachable } from '../model/result.ts'
import type { PhaseView, RunView } from '../pipeline-types.ts'
import { count, list, plural } from '../text/display.ts'
import { cost as costText } from '../text/format.ts'
import { capital, sentence } from '../text/sentence.ts'
import { summarize } from './diagnostics.ts'
import { chosen } from './execution-plan.ts'
import { plain } from './gate-fit.ts'
import { type GateView, progress, runKind } from './gate-view.ts'
import { phaseNoun, waitingText } from './words.ts'

/** What a state is called, what it means for whoever looks, and how the check stands in it. */
export interface Headline extends Pick<CheckWrite, 'status' | 'conclusion'> {
  title: string
  /** Markdown, a sentence or two: what is, and what to do next. */
  lead: string
}

const done = (conclusion: NonNullable<CheckWrite['conclusion']>) => ({
  status: 'completed' as const,
  conclusion,
})
const ongoing = { status: 'in_progress' as const }

export function headline(view: GateView): Headline {
  const { state } = view
  switch (state.kind) {
    case 'not-labelled':
      return {
        ...done('success'),
        title: 'No plan to gate',
        lead: 'This pull request is no gate. If it holds a plan, the label or `/orchestrate` makes it one.',
      }
    case 'reviewing':
      return {
        ...ongoing,
        title: 'Reviewing the plan',
        lead: 'The plan is being read. Nothing can be approved yet.',
      }
    case 'no-plan':
      return {
        ...done('success'),
        title: 'No plan in this pull request',
        lead: 'Nothing here changes a plan: neither `task_plan.md` or `manifest.md` nor a plan of another planner is among the changed files.',
      }
    case 'several-plans':
      return {
        ...done('action_required'),
        title: `${count(state.dirs.length, 'plan')}: choose one`,
        lead: `The pull request changes ${count(state.dirs.length, 'plan')}, and a run has one: ${named(state.dirs)}.`,
      }
    case 'fork':
      return {
        ...done('neutral'),
        title: 'A plan in a fork is not run',
        lead: `The plan (${named(state.dirs)}) lies in a fork, whose owner could change it at any time, so no job with keys starts for it. Push the branch to this repository and open a pull request from there.`,
      }
    case 'label-refused':
      return {
        ...done('neutral'),
        title: 'The label was set by somebody who may not set it',
        lead: `The label was set by ${plain(state.by, 60)}, who may not ask for a review. Somebody with the role triage or more sets it again, or writes \`/orchestrate\`.`,
      }
    case 'bad-config':
      return {
        ...done('failure'),
        title: `${count(state.failures.length, 'problem')} in the configuration`,
        lead: `\`${CONFIG_FILE}\` of the base branch cannot be used, so nobody can approve: policy is not guessed.`,
      }
    case 'unreadable-run':
      return {
        ...done('failure'),
        title: 'The records of the run cannot be read',
        lead: 'Nothing was guessed and nothing was written.',
      }
    case 'invalid-plan':
      // Somebody merged a run's work by hand, or the plan came finished: no mistake, and no reason to hold the merge up.
      if (state.failures.length > 0 && state.failures.every(({ reason }) => reason === 'nothing-to-do'))
        return {
          ...done('neutral'),
          title: 'Nothing is left to run',
          lead: 'Every phase of the plan is completed or skipped.',
        }
      return {
        ...done('failure'),
        title: `The plan cannot be run: ${count(state.failures.length, 'problem')}`,
        lead: 'Correct what stands below and push; the review then runs again.',
      }
    case 'needs-approval':
      return needsApproval(view, state)
    case 'starting':
      return {
        ...ongoing,
        title: `Approved by ${state.by}: starting`,
        lead: `Approved by ${plain(state.by, 60)}. The first phases start as soon as a runner is free.`,
      }
    case 'run':
      return ofRun(state.run, state.by, state.between)
    default:
      return unreachable(state)
  }
}

const named = (dirs: readonly string[]): string =>
  list(
    dirs.map((dir) => plain(dir === '' ? '.' : dir, 80)),
    8,
  )

function needsApproval(
  { head }: GateView,
  { plan, void: reasons = [], run }: Extract<GateView['state'], { kind: 'needs-approval' }>,
): Headline {
  const phases = count(chosen(plan).length, plan.plan.words.phase)
  const { diagnostics } = plan.review
  const found =
    diagnostics.length === 0 ? summarize(diagnostics) : `The review has ${summarize(diagnostics)}.`
  const ask = `A person with the right to approve writes \`/approve ${head.slice(0, 12)}\`: then ${phases} would run as shown here.`
  if (reasons.length === 0) {
    const ended = run?.state === 'aborted'
    return {
      ...done('action_required'),
      title: ended ? `Aborted. Another run needs approval: ${phases}` : `Needs approval: ${phases}`,
      lead: `${ended ? `Run ${plain(run.run, 80)} was ended. Its branches stay; nothing more of it is taken over. ` : ''}${ask} ${found}`,
    }
  }
  const stopped =
    run === undefined
      ? ''
      : ` Run ${plain(run.run, 80)} starts nothing more; phases that were running stop at their next step.`
  return {
    ...done('action_required'),
    title: 'Needs approval again',
    lead: `The approval does not hold any more: ${reasons.map(({ why }) => plain(why)).join(' ')}${stopped} ${ask}`,
  }
}

function ofRun(run: RunView, by: string | undefined, between: string | undefined): Headline {
  const { done: merged, of, skipped } = progress(run)
  const noun = phaseNoun(run)
  const some = `${merged} of ${count(of, noun)} done`
  const cost = run.usage.costUsd === undefined ? '' : ` It has cost ${costText(run.usage)}.`
  const who = by === undefined ? '' : ` Approved by ${plain(by, 60)}.`
  const kind = runKind(run, between)
  switch (kind) {
    case 'running': {
      const active = run.phases.filter(({ state }) => state === 'running').map(({ id }) => id)
      const waits = run.phases.flatMap(({ id, waiting: w }) => (w === undefined ? [] : [{ id, w }]))
      const [longest] = waits.toSorted((a, b) => b.w.until - a.w.until)
      if (longest !== undefined && waits.length === active.length) {
        const what = waitingText(longest.w, longest.w.since)
        const lead = `${sentence(`${phaseList(active, noun)}: ${plain(what)}`)} The run goes on by itself.`
        return { ...ongoing, title: `${capital(what)}: ${some}`, lead: `${lead}${who}${cost}` }
      }
      const now =
        active.length === 0 ? `The next ${noun} is about to start.` : `Running: ${phaseList(active, noun)}.`
      return { ...ongoing, title: `Running: ${some}`, lead: `${now}${who}${cost}` }
    }
    case 'waiting':
      return { ...done('action_required'), ...waiting(run, between, some, cost) }
    case 'merged':
      return {
        ...done('action_required'),
        title: `All ${plural(noun)} are merged: ${some}`,
        lead: `The work is on the plan branch and not in this pull request yet. Write \`/land\` to take it over.${cost}`,
      }
    case 'landed':
      return {
        ...done('success'),
        title: `Landed: ${some}${skipped === 0 ? '' : `, ${skipped} skipped`}`,
        lead: `This pull request holds what the run made.${who}${cost}`,
      }
    case 'aborted':
      return {
        ...done('cancelled'),
        title: `Aborted: ${some}`,
        lead: `The run was ended. Its branches stay; nothing of it was taken over.${cost}`,
      }
    default:
      return unreachable(kind)
  }
}

function waiting(
  run: RunView,
  between: string | undefined,
  some: string,
  cost: string,
): Pick<Headline, 'title' | 'lead'> {
  const noun = phaseNoun(run)
  const stopped = run.phases.filter(({ state }) => state === 'needs-input')
  const [first] = stopped
  if (first === undefined) {
    return {
      title: `Waiting for /continue: ${some}`,
      lead: `${capital(noun)} ${plain(between ?? '', 40)} is merged, and the plan asks for a person's go-ahead before the next: write \`/continue\`.${cost}`,
    }
  }
  const ids = stopped.map(({ id }) => id)
  return {
    title: `${ids.length === 1 ? `${capital(noun)} ${first.id} needs` : `${count(ids.length, noun)} need`} you: ${some}`,
    lead: `${stopped
      .slice(0, 5)
      .map((one) => why(one, noun))
      .join('\n\n')}${cost === '' ? '' : `\n\n${cost.trim()}`}`,
  }
}

const why = ({ id, stopped }: PhaseView, noun: string): string =>
  `**${capital(noun)} ${plain(id, 40)} stopped.** ${plain(stopped?.message ?? '')} ${plain(stopped?.hint ?? '')}`.trim()

const phaseList = (ids: readonly string[], noun: string): string =>
  `${ids.length === 1 ? noun : plural(noun)} ${plain(list(ids, 10), 200)}`
