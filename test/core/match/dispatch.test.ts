import { describe, expect, test } from '@jest/globals'

import { dispatchMode } from '../../../src/core/match/dispatch.ts'
import type { Phase } from '../../../src/core/model/plan.ts'
import type { PhaseSketch } from '../../support/plan-builder.ts'
import { planOf } from '../../support/plan-builder.ts'

function phase(sketch: Omit<PhaseSketch, 'id'>): Phase {
  const [made] = planOf([{ id: '1', ...sketch }]).phases
  if (made === undefined) throw new Error('no phase')
  return made
}
const tasks = (n: number, file?: string) =>
  Array.from({ length: n }, (_, at) => ({ title: `Task ${at}`, files: [file ?? `src/${at}.ts`] }))

describe('dispatchMode', () => {
  test.each([
    ['two tasks whatever the confidence', tasks(2), 'low', 'classic'],
    ['three independent tasks', tasks(3), 'high', 'classic'],
    ['three tasks with a common file', tasks(3, 'a.ts'), 'high', 'classic'],
    ['four independent tasks', tasks(4), 'high', 'classic'],
    ['four tasks with a common file', tasks(4, 'a.ts'), 'high', 'team'],
    ['three tasks with medium confidence', tasks(3), 'medium', 'team'],
    ['three tasks with low confidence', tasks(3), 'low', 'team'],
  ] as const)('%s', (_, list, confidence, mode) => {
    expect(dispatchMode(phase({ tasks: list }), confidence, 'auto').mode).toBe(mode)
  })

  test('does not count finished tasks', () => {
    const list = tasks(5).map((task, at) => ({ ...task, done: at > 1 }))
    expect(dispatchMode(phase({ tasks: list }), 'low', 'auto')).toEqual({ mode: 'classic', why: '2 tasks' })
  })

  test('sees tasks that wait for each other', () => {
    const list = [...tasks(3), 'Join them (depends on task 1.2)']
    expect(dispatchMode(phase({ tasks: list }), 'high', 'auto')).toEqual({
      mode: 'team',
      why: '4 tasks, that depend on each other',
    })
  })

  test('counts the specs of a spec-driven phase', () => {
    const specs = ['a', 'b', 'c', 'd'].map((name, at) => ({ name, ...(at > 0 && { dependsOn: ['a'] }) }))
    expect(dispatchMode(phase({ specs }), 'high', 'auto').mode).toBe('team')
    expect(dispatchMode(phase({ specs: specs.slice(0, 2) }), 'low', 'auto').mode).toBe('classic')
  })

  test('is forced by the configuration', () => {
    expect(dispatchMode(phase({ tasks: tasks(1) }), 'high', 'team').mode).toBe('team')
    expect(dispatchMode(phase({ tasks: tasks(9) }), 'low', 'classic').mode).toBe('classic')
  })
})
