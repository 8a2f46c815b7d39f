import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { RunEvent } from '../../../src/core/model/event.ts'
import { phaseId } from '../../../src/core/model/ids.ts'
import { type Command, decide } from '../../../src/core/run/decide.ts'
import { evolve, type PhaseState, type RunState } from '../../../src/core/run/state.ts'
import { approved, created, planned, someSha, stamped } from './builders.ts'

/** A random acyclic plan: every phase may wait for earlier ones, and shares files with others now and then. */
const graph = fc.integer({ min: 1, max: 8 }).chain((size) =>
  fc.tuple(
    ...Array.from({ length: size }, (_, i) =>
      fc.record({
        after: fc.uniqueArray(fc.integer({ min: 0, max: Math.max(0, i - 1) }), {
          maxLength: i === 0 ? 0 : 3,
        }),
        files: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 2 }),
      }),
    ),
  ),
)

/** What several writers try, in any order, each with the state that it saw some steps ago. */
const move = fc.record({
  writer: fc.integer({ min: 0, max: 3 }),
  phase: fc.integer({ min: 0, max: 7 }),
  kind: fc.constantFrom(
    'claim',
    'claim',
    'claim',
    'stop',
    'merge',
    'merge',
    'take-over',
    'lose',
    'retry',
    'resume',
    'fix',
    'skip',
    'continue',
    'abort',
  ),
  staleBy: fc.integer({ min: 0, max: 4 }),
})

interface Chain {
  events: RunEvent[]
  states: RunState[]
}

const last = (chain: Chain): RunState => {
  const state = chain.states.at(-1)
  if (!state) throw new Error('empty chain')
  return state
}

/** Compare-and-swap: a writer that decided on an old state appends nothing, reads again and decides again. */
function attempt(chain: Chain, command: (state: RunState) => Command | undefined, staleBy: number): void {
  const seen = chain.states.at(Math.max(0, chain.states.length - 1 - staleBy)) ?? last(chain)
  for (const state of [seen, last(chain)]) {
    const wanted = command(state)
    const decision = wanted && decide(state, wanted)
    if (state !== last(chain) || !decision?.ok) continue
    for (const event of decision.value) {
      const written = stamped(event, chain.events.length)
      chain.events.push(written)
      chain.states.push(evolve(last(chain), written))
    }
    return
  }
}

let shas = 100
function commandOf(
  state: RunState,
  phases: string[],
  m: { writer: number; phase: number; kind: string },
): Command | undefined {
  const id = phaseId(phases[m.phase % phases.length] ?? '')
  const phase = state.phases.get(id)
  if (!phase) return undefined
  const holder = `writer-${m.writer}`
  const at = { phase: id, attempt: phase.attempt, holder }
  switch (m.kind) {
    case 'claim':
      return { type: 'claim', phase: id, holder }
    case 'take-over':
      return { type: 'take-over', ...at }
    case 'lose':
      return { type: 'lose', ...at, problem: { reason: 'lost', message: 'x', hint: 'x' } }
    case 'stop':
      return {
        type: 'stop',
        ...at,
        problem: { reason: 'x', message: 'x', hint: 'x' },
        result: {},
        usage: { costUsd: 1 },
      }
    case 'merge':
      return {
        type: 'merge',
        ...at,
        from: state.planTip,
        merge: someSha(++shas),
        head: someSha(++shas),
        result: {},
        usage: {},
      }
    case 'abort':
      // Rare, else every run ends at once.
      return m.writer === 0 && m.phase === 0 ? { type: 'decide', decision: 'abort', by: holder } : undefined
    default:
      return { type: 'decide', decision: m.kind as 'retry', by: holder, phase: id, text: 'it is wrong' }
  }
}

const terminal = (phase: PhaseState): boolean => ['merged', 'skipped', 'excluded'].includes(phase.state)

describe('a run under any interleaving of several writers', () => {
  test('keeps its invariants', () => {
    fc.assert(
      fc.property(
        graph,
        fc.array(move, { maxLength: 80 }),
        fc.constantFrom<'auto' | 'manual'>('auto', 'manual'),
        fc.constantFrom<'ask' | 'stop'>('ask', 'stop'),
        (shape, moves, betweenPhases, onFailure) => {
          const phases = shape.map(({ after, files }, i) =>
            planned(
              String(i + 1),
              after.map((n) => String(n + 1)),
              files,
            ),
          )
          const ids = phases.map((phase) => phase.id as string)
          const start = approved(phases, { betweenPhases, onFailure })
          const chain: Chain = { events: [], states: [start] }
          for (const m of moves) attempt(chain, (state) => commandOf(state, ids, m), m.staleBy)

          const claims = new Set<string>()
          let state = start
          for (const event of chain.events) {
            if (event.type === 'phase-claimed') {
              const key = `${event.phase}/${event.attempt}`
              // A phase starts once per attempt …
              expect(claims.has(key)).toBe(false)
              claims.add(key)
              // … and never before its dependencies are merged or skipped by a person.
              for (const before of state.phases.get(event.phase)?.planned.after ?? []) {
                expect(['merged', 'skipped']).toContain(state.phases.get(before)?.state)
              }
              const running = [...state.phases.values()].filter((p) => p.state === 'running')
              expect(running.length).toBeLessThan(state.policy.maxParallelPhases)
              const mine = state.phases.get(event.phase)?.planned.files ?? []
              for (const other of running) {
                expect(other.planned.files.filter((file) => mine.includes(file))).toEqual([])
              }
            }
            if (event.type === 'phase-merged') expect(event.from).toBe(state.planTip)
            const after = evolve(state, event)
            for (const [id, phase] of state.phases) {
              // Terminal states stay terminal, but for what a person found in something merged.
              const reopened = event.type === 'decided' && event.decision === 'fix' && event.phase === id
              if (reopened) expect(after.phases.get(id)).toMatchObject({ state: 'pending', mode: 'continue' })
              else if (terminal(phase)) expect(after.phases.get(id)?.state).toBe(phase.state)
            }
            if (state.state === 'aborted') throw new Error('an event after the end')
            state = after
          }
          // The fold of the chain equals the state.
          expect(chain.events.reduce(evolve, start)).toEqual(last(chain))
        },
      ),
      { numRuns: 500 },
    )
  })

  test('starts nothing before the approval', () => {
    const state = created([planned('1')])
    expect(decide(state, { type: 'claim', phase: phaseId('1'), holder: 'w' })).toMatchObject({
      ok: false,
      error: { message: 'Run run is not approved.' },
    })
  })
})
