import { describe, expect, test } from '@jest/globals'
import type { PhaseEvent, RecordedUnit, StepFailed, StepPassed } from '../../../src/core/model/event.ts'
import { sha } from '../../../src/core/model/ids.ts'
import {
  startTeam,
  teamAction,
  teamFailed,
  teamLogText,
  teamPassed,
  type TeamProgress,
} from '../../../src/core/execute/team/team-progress.ts'

const UNITS: RecordedUnit[] = ['1.1', '1.2', '1.3'].map((id) => ({
  ...{ id, title: `Do ${id}`, kind: 'task', files: [`${id}.txt`], after: [] },
}))
const TREE = sha('a'.repeat(40))

const started = (
  team: { by: 'lead' | 'loop'; plans: boolean },
  mode: 'fresh' | 'continue' = 'fresh',
  attempt = 1,
) =>
  ({ type: 'attempt-started', at: 0, mode, attempt, units: UNITS, team }) as Extract<
    PhaseEvent,
    { type: 'attempt-started' }
  >
const begin = (by: 'lead' | 'loop', plans: boolean): TeamProgress => {
  const team = startTeam(started({ by, plans }), undefined)
  if (team === undefined) throw new Error('no team')
  return team
}
const end = {
  ...{
    schema: 1 as const,
    engine: 'test',
    at: 1,
    try: 1,
    agent: 'a',
    promptHash: '',
    access: 'edit' as const,
  },
  ...{ usage: {}, durationMs: 1, inputTree: TREE, outputTree: TREE },
}
const NOTHING = {
  commits: [],
  left: TREE,
  notes: [],
  decisions: [],
  questions: [],
  findings: [],
  criteria: [],
}
const passed = (step: 'lead' | 'implement', unit: string, more: Partial<StepPassed> = {}): StepPassed => ({
  ...{ ...end, ...NOTHING, reopened: [], dispositions: [], summary: 'done', type: 'step-passed', step, unit },
  ...more,
})
const failed = (step: 'lead' | 'implement', unit: string, reason: string): StepFailed => ({
  ...{ ...end, type: 'step-failed', step, unit, problem: { reason, message: 'Why.', hint: 'How.' } },
})
const todo = (team: TeamProgress, maxParallel = 3): string => {
  const action = teamAction(team, UNITS, maxParallel)
  return action === undefined ? 'work' : `${action.kind} ${action.units.map(({ id }) => id).join(' ')}`
}

describe('a team', () => {
  test('works at once where confidence is high, and after approved plans where it is not', () => {
    expect(todo(begin('loop', false))).toBe('work')
    let team = begin('loop', true)
    expect(todo(team, 2)).toBe('plan 1.1 1.2')
    for (const { id } of UNITS) team = teamPassed(team, passed('lead', id, { plan: `Plan of ${id}` })).team
    expect(todo(team)).toBe('approve 1.1 1.2 1.3')
    const verdicts = UNITS.map(({ id }) => ({ unit: id, approved: id !== '1.2', note: 'Not so' }))
    team = teamPassed(team, passed('lead', '', { verdicts })).team
    expect(todo(team)).toBe('plan 1.2')
    team = teamPassed(team, passed('lead', '1.2', { plan: 'Another' })).team
    expect(todo(team)).toBe('approve 1.2')
    team = teamPassed(
      team,
      passed('lead', '', { verdicts: [{ unit: '1.2', approved: true, note: '' }] }),
    ).team
    expect(todo(team)).toBe('work')
  })

  test('sends a plan back twice, then a person decides; what was approved stays so after that', () => {
    let team = begin('loop', true)
    for (const { id } of UNITS) team = teamPassed(team, passed('lead', id, { plan: `Plan of ${id}` })).team
    const verdict = passed('lead', '', {
      verdicts: UNITS.map(({ id }) => ({ unit: id, approved: id !== '1.2', note: 'Not so' })),
    })
    const first = teamPassed(team, verdict)
    expect(first.failed).toBeUndefined()
    team = teamPassed(first.team, passed('lead', '1.2', { plan: 'Another' })).team
    const second = teamPassed(team, verdict)
    expect(second.failed).toMatchObject({
      reason: 'plan-rejected',
      message: 'The lead rejected 2 plans for 1.2. The last: Another\nWhy: Not so',
    })
    const again = startTeam(started({ by: 'loop', plans: true }, 'continue', 2), second.team)
    expect(again && todo(again)).toBe('plan 1.2')
    expect(again?.proposals.get('1.2')).toBeUndefined()
  })

  const STUCK = [
    ...['agent-timeout', 'agent-idle', 'agent-killed', 'agent-crashed', 'agent-malformed', 'agent-denied'],
    ...[
      'artifact-missing',
      'artifact-too-large',
      'artifact-not-json',
      'artifact-schema',
      'artifact-stale-nonce',
    ],
    'empty-diff',
  ]
  test.each(STUCK)('replaces a worker that got stuck by %s twice, then a person decides', (reason) => {
    let team = begin('loop', false)
    for (const nth of [1, 2]) {
      const turn = teamFailed(team, failed('implement', '1.1', reason))
      expect(turn.failed).toBeUndefined()
      expect(turn.team.replaced.get('1.1')).toBe(nth)
      expect(turn.team.stuck.get('1.1')).toBe('Why.\nHow.')
      team = turn.team
    }
    // Each piece has its own tries.
    expect(teamFailed(team, failed('implement', '1.2', reason)).failed).toBeUndefined()
    const last = teamFailed(team, failed('implement', '1.1', reason))
    expect(last.failed?.reason).toBe('workers-stuck')
    expect(last.failed?.message).toBe('3 workers, one after the other, got stuck with 1.1: Why.')
    expect(teamLogText(last.team)).toContain(`1.1 is given up after 3 workers (${reason}).`)
  })

  test.each([
    'agent-auth',
    'agent-over-budget',
    'over-budget',
    'commit-refused',
    'agent-refused',
    'protected-path',
  ])('does not replace a worker for %s: another would come to the same', (reason) => {
    const turn = teamFailed(begin('loop', false), failed('implement', '1.1', reason))
    expect(turn.failed?.reason).toBe(reason)
    expect(turn.team.replaced.size).toBe(0)
  })

  test('tells what one found out to all once, whoever says it, and keeps it for the next attempt', () => {
    let team = begin('loop', false)
    team = teamPassed(team, passed('implement', '1.1', { discoveries: ['A lock is needed'] })).team
    team = teamFailed(team, {
      ...failed('implement', '1.2', 'agent-idle'),
      discoveries: ['No tests run', 'A lock is needed'],
    }).team
    const known = [
      { unit: '1.1', text: 'A lock is needed' },
      { unit: '1.2', text: 'No tests run' },
    ]
    expect(team.discoveries).toEqual(known)
    expect(teamLogText(team).match(/A lock is needed/g)).toHaveLength(1)
    expect(startTeam(started({ by: 'loop', plans: false }, 'continue', 2), team)?.discoveries).toEqual(known)
    expect(startTeam(started({ by: 'loop', plans: false }, 'fresh', 2), team)?.discoveries).toEqual([])
  })

  test('goes on by our own loop where a lead of its own is done, gave up, or failed', () => {
    expect(todo(begin('lead', true))).toBe('lead 1.1 1.2 1.3')
    const part = teamPassed(begin('lead', false), passed('lead', '', { done: ['1.1'], log: ['1.1 first'] }))
    expect(part.team.by).toBe('loop')
    expect(teamLogText(part.team)).toMatch(/1\.1 first\n- \S+ 1\.1 is done\./)
    const stuck = teamPassed(
      begin('lead', false),
      passed('lead', '', {
        done: [],
        stuck: [
          { unit: '1.2', note: 'no key' },
          { unit: '1.3', note: 'no idea' },
        ],
      }),
    )
    expect(stuck.failed?.message).toContain('1.2: no key')
    expect(stuck.failed?.message).toContain('1.3: no idea')
    const crashed = teamFailed(begin('lead', true), failed('lead', '', 'agent-crashed'))
    expect(crashed.failed).toBeUndefined()
    expect(todo(crashed.team)).toBe('plan 1.1 1.2 1.3')
    // Nor can anybody plan: they work.
    expect(todo(teamFailed(crashed.team, failed('lead', '1.1', 'agent-crashed')).team)).toBe('work')
  })
})
