import { describe, expect, test } from '@jest/globals'
import type { PhaseStep } from '../../../src/core/model/phase-step.ts'
import { parseButton } from '../../../src/core/report/forge-buttons.ts'
import { phaseCheckOf, type PhaseCheckInput } from '../../../src/core/report/forge-phase-check.ts'
import { expectGolden } from '../../support/golden.ts'
import { golden, HEAD, run, URL } from './gate-states.ts'
import { phase, result } from './views.ts'

const STEPS: PhaseStep[] = [
  { step: 'implement', unit: '1.1', state: 'ok', agent: 'claude opus', commits: ['d'.repeat(40)], durationMs: 2_000, costUsd: 0.01 },
  { step: 'test', unit: '', state: 'failed', durationMs: 300, note: '2 failed' },
  { step: 'fix-test', unit: '', state: 'running' },
] // prettier-ignore

describe("a phase's check", () => {
  const input = (at: number, over: Partial<PhaseCheckInput> = {}): PhaseCheckInput => {
    const view = run()
    const one = view.phases[at]
    if (one === undefined) throw new Error(String(at))
    return { url: URL, pull: 12, head: HEAD, run: view, phase: one, buttons: true, ...over }
  }

  test('stands as its phase does', () => {
    const seen = [0, 1, 2, 3, 4].map((at) => {
      const { name, status, conclusion, title, buttons = [] } = phaseCheckOf(input(at))
      return [name, conclusion ?? status, title, buttons.map(({ label }) => label).join(', ')].join(' | ')
    })
    expect(seen).toEqual([
      'Orchestrate: phase 1 | success | Merged: 2 commits, 12 tests passed, 4.2s, $0.03 | ',
      'Orchestrate: phase 2 | in_progress | Running (attempt 2) | Abort',
      'Orchestrate: phase 3 | action_required | Needs you: The tests are red. | Retry, Skip, Abort',
      'Orchestrate: phase 4 | queued | Waiting for 2, 3 | Skip, Abort',
      'Orchestrate: phase 5 | skipped | Not approved | ',
    ])
    const aborted = phaseCheckOf(input(1, { run: run({ state: 'aborted' }) }))
    expect(aborted).toMatchObject({ conclusion: 'cancelled', title: 'The run was aborted' })
    expect(aborted).not.toHaveProperty('buttons')
  })

  const drawn = (over: Partial<PhaseCheckInput>, at: number): string => {
    const { title, summary, text = '' } = phaseCheckOf(input(at, over))
    return `# ${title}\n\n${summary}\n\n---\n\n${text}\n`
  }

  test('shows steps, gates, findings, cost and commits of what is merged', () => {
    const view = run()
    const [one] = view.phases
    if (one === undefined) throw new Error('no phase')
    expectGolden(
      drawn({ phase: { ...one, result: result({ steps: STEPS.slice(0, 2) }) } }, 0),
      golden('phase'),
    )
  })

  test('shows the steps of a phase under way up to its last checkpoint', () => {
    const soFar = { at: Date.UTC(2026, 0, 2, 12, 3), steps: STEPS }
    expectGolden(drawn({ soFar }, 1), golden('phase-running'))
    expect(drawn({ soFar: { at: 8.64e15 + 1, steps: [] } }, 1)).toContain('an unknown time')
  })

  test('its buttons mean its phase, however long its id is', () => {
    const id = `a${'-1'.repeat(25)}`
    const one = { ...phase(id), state: 'needs-input' as const }
    const { name, buttons = [] } = phaseCheckOf(input(0, { phase: one }))
    expect(buttons.map(({ identifier }) => parseButton(identifier, name))).toEqual([
      { name: 'retry', phase: id, flags: {} },
      { name: 'skip', phase: id },
      { name: 'abort' },
    ])
  })
})
