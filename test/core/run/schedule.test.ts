import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { phaseId } from '../../../src/core/model/ids.ts'
import { decide } from '../../../src/core/run/decide.ts'
import { reconcile } from '../../../src/core/run/reconcile.ts'
import { remainingPath, schedule } from '../../../src/core/run/schedule.ts'
import { evolve, type RunState } from '../../../src/core/run/state.ts'
import { approved, planned, someSha, stamped } from './builders.ts'

const claim = (state: RunState, id: string): RunState => {
  const decision = decide(state, { type: 'claim', phase: phaseId(id), holder: 'here' })
  if (!decision.ok) throw new Error(decision.error.message)
  return decision.value.reduce((s, event) => evolve(s, stamped(event)), state)
}
const merge = (state: RunState, id: string, n: number): RunState =>
  evolve(
    state,
    stamped({
      type: 'phase-merged',
      phase: phaseId(id),
      attempt: state.phases.get(phaseId(id))?.attempt ?? 1,
      from: state.planTip,
      merge: someSha(n),
      head: someSha(n + 1),
      result: {},
      usage: {},
    }),
  )
const stop = (state: RunState, id: string, reason = 'build-failed'): RunState =>
  evolve(
    state,
    stamped({
      type: 'phase-stopped',
      phase: phaseId(id),
      attempt: state.phases.get(phaseId(id))?.attempt ?? 1,
      problem: { reason, message: 'it is red', hint: 'mend it' },
      result: {},
      usage: {},
    }),
  )
const nobody = {
  here: new Set<never>(),
  alive: () => false,
  costUsd: undefined,
  maxCostUsd: undefined,
  landingRefused: false,
}

describe('schedule', () => {
  test('starts a phase the moment its dependencies are merged, without waves', () => {
    let state = approved([planned('1'), planned('2'), planned('3', ['1']), planned('4', ['2'])], {
      maxParallelPhases: 2,
    })
    state = claim(claim(state, '1'), '2')
    expect(schedule(state)).toEqual([])
    state = merge(state, '1', 10)
    // Phase 2 still runs: a wave would wait for it.
    expect(schedule(state)).toEqual(['3'])
  })

  test('takes the longest remaining path first', () => {
    const state = approved([planned('short'), planned('long'), planned('end', ['long'], [], 5)], {
      maxParallelPhases: 1,
    })
    expect(schedule(state)).toEqual(['long'])
    expect(remainingPath(state).get(phaseId('long'))).toBe(6)
  })

  test('never runs two phases that name the same file', () => {
    const state = approved([
      planned('1', [], ['src/a.ts']),
      planned('2', [], ['src/a.ts', 'src/b.ts']),
      planned('3', [], ['src/c.ts']),
    ])
    expect(schedule(state)).toEqual(['1', '3'])
  })

  test('measures a chain of 2,000 phases without deep recursion', () => {
    const phases = Array.from({ length: 2_000 }, (_, i) => planned(String(i), i === 0 ? [] : [String(i - 1)]))
    expect(remainingPath(approved(phases)).get(phaseId('0'))).toBe(2_000)
  })

  test('gives every phase a path at least as long as that of each follower', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.nat({ max: 20 }), { maxLength: 3 }), { minLength: 1, maxLength: 20 }),
        (shape) => {
          const phases = shape.map((after, i) =>
            planned(String(i), [...new Set(after.filter((n) => n < i).map(String))]),
          )
          const length = remainingPath(approved(phases))
          for (const phase of phases) {
            for (const before of phase.after) {
              expect(length.get(before) ?? 0).toBeGreaterThan(length.get(phase.id) ?? 0)
            }
          }
        },
      ),
    )
  })
})

describe('reconcile', () => {
  test('takes over what a dead holder left running', () => {
    const state = claim(approved([planned('1')]), '1')
    expect(reconcile(state, nobody)).toEqual([{ kind: 'take-over', phase: '1', attempt: 1 }])
    expect(reconcile(state, { ...nobody, here: new Set([phaseId('1')]) })).toEqual([])
    expect(reconcile(state, { ...nobody, alive: () => true })).toEqual([])
  })

  test('asks about a stopped phase only when nothing else can go on', () => {
    let state = approved([planned('1'), planned('2'), planned('3', ['1'])])
    state = stop(claim(state, '1'), '1')
    expect(reconcile(state, nobody)).toEqual([{ kind: 'start', phase: '2' }])
    state = merge(claim(state, '2'), '2', 20)
    expect(reconcile(state, nobody)).toEqual([{ kind: 'ask', phases: ['1'] }])
  })

  test('retries by policy as often as the contract allows, then asks', () => {
    let state = approved([planned('1')], { onFailure: 'retry', maxPhaseRetries: 2 })
    for (let attempt = 1; attempt <= 3; attempt++) {
      state = stop(claim(state, '1'), '1')
      const [effect] = reconcile(state, nobody)
      expect(effect?.kind).toBe(attempt <= 2 ? 'retry' : 'ask')
      if (effect?.kind === 'retry') {
        state = evolve(
          state,
          stamped({ type: 'decided', decision: 'resume', phase: phaseId('1'), by: 'policy' }),
        )
      }
    }
  })

  test('does not answer a conflict by trying again', () => {
    const state = stop(claim(approved([planned('1')], { onFailure: 'retry' }), '1'), '1', 'merge-conflict')
    expect(reconcile(state, nobody)).toEqual([{ kind: 'ask', phases: ['1'] }])
  })

  test('ends without starting more when the contract says stop', () => {
    const state = stop(claim(approved([planned('1'), planned('2')], { onFailure: 'stop' }), '1'), '1')
    expect(reconcile(state, nobody)).toEqual([{ kind: 'end' }])
  })

  test('waits for a go-ahead between phases where the contract says so', () => {
    let state = approved([planned('1'), planned('2')], { betweenPhases: 'manual' })
    state = merge(claim(state, '1'), '1', 30)
    expect(reconcile(state, nobody)).toEqual([{ kind: 'ask-to-continue', after: '1' }])
    state = evolve(state, stamped({ type: 'decided', decision: 'continue', by: 'tester' }))
    expect(reconcile(state, nobody)).toEqual([{ kind: 'start', phase: '2' }])
  })

  test('starts nothing more once the money is spent', () => {
    const state = approved([planned('1')])
    expect(reconcile(state, { ...nobody, costUsd: 5, maxCostUsd: 5 })).toEqual([{ kind: 'over-budget' }])
  })

  test('lands once when everything is merged, and not again after a refusal', () => {
    const state = merge(claim(approved([planned('1')]), '1'), '1', 40)
    expect(reconcile(state, nobody)).toEqual([{ kind: 'land', whole: true }])
    expect(reconcile(state, { ...nobody, landingRefused: true })).toEqual([{ kind: 'end' }])
  })
})
