import { describe, expect, test } from '@jest/globals'
import { parseButton } from '../../../src/core/report/forge-buttons.ts'
import { gateCheck } from '../../../src/core/report/gate-check.ts'
import type { GateState } from '../../../src/core/report/gate-view.ts'
import { expectGolden } from '../../support/golden.ts'
import { check, golden, options, shownAs, STATES } from './gate-states.ts'
import { given } from './plans.ts'

describe("the gate's check", () => {
  test('says in its title and conclusion how it stands', () => {
    const seen = Object.keys(STATES).map((name) => {
      const { title, status, conclusion, buttons } = check(name)
      return [name, conclusion ?? status, title, (buttons ?? []).map(({ label }) => label).join(', ')].join(
        ' | ',
      )
    })
    expect(seen).toEqual([
      'not-labelled | success | No plan to gate | ',
      'reviewing | in_progress | Reviewing the plan | ',
      'no-plan | success | No plan in this pull request | ',
      'several-plans | action_required | 2 plans: choose one | ',
      'fork | neutral | A plan in a fork is not run | ',
      'label-refused | neutral | The label was set by somebody who may not set it | Review again',
      'bad-config | failure | 1 problem in the configuration | Review again',
      'unreadable-run | failure | The records of the run cannot be read | ',
      'invalid-plan | failure | The plan cannot be run: 2 problems | Review again',
      'needs-approval | action_required | Needs approval: 4 phases | Approve, Review again',
      'changed | action_required | Needs approval again | Approve, Review again, Abort',
      'starting | in_progress | Approved by ben: starting | Abort',
      'running | in_progress | Running: 1 of 4 phases done | Abort',
      'waiting | action_required | Phase 3 needs you: 1 of 3 phases done | Abort',
      'between | action_required | Waiting for /continue: 1 of 2 phases done | Continue, Abort',
      'merged | action_required | All phases are merged: 1 of 1 phase done | Land, Abort',
      'landed | success | Landed: 1 of 1 phase done | ',
      'aborted | cancelled | Aborted: 1 of 4 phases done | ',
    ])
  })

  test('shows the whole execution plan, hidden text first', () => {
    const { title, summary, text } = check('needs-approval')
    expectGolden(`# ${title}\n\n${summary}\n\n---\n\n${text}\n`, golden('check'))
  })

  test('names everything that keeps a plan from being run', () => {
    const { title, summary, text, annotations } = check('invalid-plan')
    expectGolden(`# ${title}\n\n${summary}\n\n---\n\n${text}\n`, golden('invalid'))
    expect(
      annotations?.map(({ path, startLine, level, title: rule }) => `${path}:${startLine} ${level} ${rule}`),
    ).toEqual([
      'plan/task_plan.md:4 failure cyclic-plan',
      'plan/task_plan.md:31 failure hidden-text',
      'plan/task_plan.md:40 warning vague',
    ])
  })

  test('annotates lines of files that the pull request changes, and no others', () => {
    const state: GateState = { kind: 'needs-approval', plan: given() }
    expect(gateCheck(shownAs(state), { ...options, files: ['plan/specs/a.md'] })).not.toHaveProperty(
      'annotations',
    )
    expect(gateCheck(shownAs(state), options).annotations).toHaveLength(2)
  })

  test('has no buttons where nobody would hear a click', () => {
    expect(
      gateCheck(shownAs({ kind: 'needs-approval', plan: given() }), { ...options, buttons: false }),
    ).not.toHaveProperty('buttons')
  })

  test('all buttons fit what GitHub takes and are read back', () => {
    for (const name of Object.keys(STATES)) {
      const { buttons = [], name: of } = check(name)
      expect(buttons.length).toBeLessThanOrEqual(3)
      for (const { label, description, identifier } of buttons) {
        expect([label.length <= 20, description.length <= 40, identifier.length <= 20]).toEqual([
          true,
          true,
          true,
        ])
        expect(parseButton(identifier, of)).toBeDefined()
      }
    }
    expect(parseButton('approve:0123456789ab', 'Orchestrate')).toEqual({
      name: 'approve',
      head: '0123456789ab',
      flags: {},
    })
    for (const [identifier, of] of [
      ['approve:0123456789ab', 'Another check'],
      ['approve:xyz', 'Orchestrate'],
      ['retry', 'Orchestrate'],
      ['retry', 'Orchestrate: phase '],
      ['approve', 'Orchestrate: phase 1'],
    ] as const) {
      expect(parseButton(identifier, of)).toBeUndefined()
    }
  })
})
