import type { CheckFinished, PhaseEvent, StepFailed, StepPassed } from '../model/event.ts'
import type { PhaseStep } from '../model/phase-step.ts'
import { unreachable } from '../model/result.ts'
import { READ_ONLY_STEPS } from '../model/step.ts'
import { oneLine } from '../text/clean.ts'
import { severities } from '../text/format.ts'

/** Characters of what a step's gate found. */
const MAX_NOTE = 200

/**
 * The steps of a phase after one more event, oldest first. It needs no beginning: from the newest events of a long chain come
 * the newest steps.
 */
export function tellStep(steps: readonly PhaseStep[], event: PhaseEvent): PhaseStep[] {
  switch (event.type) {
    case 'attempt-started':
      // What was cut off is done again.
      return event.mode === 'fresh' ? [] : ended(steps)
    case 'step-started':
      return [...without(steps, event), { step: event.step, unit: event.unit, state: 'running' }]
    case 'step-passed':
      return [...without(steps, event), { ...agentStep(event), state: 'ok', ...passedMore(event) }]
    case 'step-failed':
      return [
        ...without(steps, event),
        { ...agentStep(event), state: 'failed', ...noted(event.problem.message) },
      ]
    case 'step-cut':
      return without(steps, event)
    case 'check-finished':
      return [...steps, checked(event)]
    case 'synced':
      return [...steps, { step: 'sync', unit: '', state: 'ok', commits: [event.commit] }]
    case 'attempt-stopped':
    case 'attempt-merged':
      return ended(steps)
    default:
      return unreachable(event)
  }
}

const ended = (steps: readonly PhaseStep[]): PhaseStep[] => steps.filter(({ state }) => state !== 'running')

/** A step that was asked twice stands once, where it ends. */
const without = (steps: readonly PhaseStep[], { step, unit }: { step: string; unit: string }): PhaseStep[] =>
  steps.filter((one) => one.state !== 'running' || one.step !== step || one.unit !== unit)

const agentStep = (event: StepPassed | StepFailed): Omit<PhaseStep, 'state'> => ({
  step: event.step,
  unit: event.unit,
  agent: event.model === undefined ? event.agent : `${event.agent} ${event.model}`,
  durationMs: event.durationMs,
  ...(event.usage.costUsd === undefined ? {} : { costUsd: event.usage.costUsd }),
  ...(event.usage.estimated === true ? { estimated: true } : {}),
})

const passedMore = (event: StepPassed): Pick<PhaseStep, 'note' | 'commits'> => ({
  ...noted(found(event)),
  ...(event.commits.length === 0 ? {} : { commits: event.commits.map(({ sha }) => sha) }),
})

function found({ step, findings, dispositions, reopened }: StepPassed): string {
  const counts: Record<string, number> = {}
  for (const { severity } of findings) counts[severity] = (counts[severity] ?? 0) + 1
  const ends = new Map<string, number>()
  for (const { disposition } of dispositions) ends.set(disposition, (ends.get(disposition) ?? 0) + 1)
  const parts = [
    ...(findings.length > 0 ? [severities(counts)] : []),
    ...[...ends].map(([end, n]) => `${n} ${end.replaceAll('-', ' ')}`),
    ...(reopened.length > 0 ? [`${reopened.length} still open`] : []),
  ]
  if (parts.length > 0) return parts.join(', ')
  return READ_ONLY_STEPS.includes(step) ? 'nothing found' : ''
}

function checked({ check, outcome, counts, exitCode, durationMs }: CheckFinished): PhaseStep {
  const results = counts && [
    `${counts.passed} passed`,
    ...(counts.failed > 0 ? [`${counts.failed} failed`] : []),
    ...(counts.skipped > 0 ? [`${counts.skipped} skipped`] : []),
  ]
  const note =
    outcome === 'no-command'
      ? 'no command found: nothing ran'
      : (results?.join(', ') ?? (outcome === 'red' && exitCode !== undefined ? `exit ${exitCode}` : ''))
  return { step: check, unit: '', state: outcome === 'red' ? 'failed' : 'ok', ...noted(note), durationMs }
}

const noted = (text: string): Pick<PhaseStep, 'note'> =>
  text === '' ? {} : { note: oneLine(text).slice(0, MAX_NOTE) }
