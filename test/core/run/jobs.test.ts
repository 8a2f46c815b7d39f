import { describe, expect, test } from '@jest/globals'
import type { Unstamped, RunEvent } from '../../../src/core/model/event.ts'
import { phaseId } from '../../../src/core/model/ids.ts'
import type { Forge } from '../../../src/core/forge.ts'
import { ok } from '../../../src/core/model/result.ts'
import { livingHolders } from '../../../src/core/pipeline/job/alive.ts'
import { readyPhases } from '../../../src/core/pipeline/job/ready.ts'
import { formatHolder, parseHolder } from '../../../src/core/run/holder.ts'
import { type Observed, reconcile } from '../../../src/core/run/reconcile.ts'
import { evolve, type RunState } from '../../../src/core/run/state.ts'
import { approved, planned, someSha, stamped } from './builders.ts'

const after = (state: RunState, ...events: Unstamped<RunEvent>[]): RunState =>
  events.reduce((now, event) => evolve(now, stamped(event)), state)

const claimed = (id: string, holder: string): Unstamped<RunEvent> => ({
  ...{ type: 'phase-claimed', phase: phaseId(id), attempt: 1, holder },
  ...{ base: someSha(1), mode: 'fresh' },
})
const taken = (id: string, holder: string): Unstamped<RunEvent> => ({
  ...{ type: 'phase-taken-over', phase: phaseId(id), attempt: 1, holder },
})

const seen = (phases: string[], over: Partial<Observed> = {}, goOn = true): Observed => ({
  here: new Set(),
  alive: () => true,
  costUsd: undefined,
  maxCostUsd: undefined,
  landingRefused: false,
  job: { phases: new Set(phases.map(phaseId)), goOn },
  ...over,
})

const one = { phase: phaseId('1'), attempt: 1 }

const FORK = [planned('1'), planned('2', ['1']), planned('3', ['1'])]
const merged = (id: string): Unstamped<RunEvent> => ({
  ...{ type: 'phase-merged', phase: phaseId(id), attempt: 1, from: someSha(1) },
  ...{ merge: someSha(2), head: someSha(3), result: {}, usage: {} },
})

describe('one job of several', () => {
  test('starts its own phase and leaves the others to their jobs', () => {
    const state = approved([planned('1'), planned('2')])
    expect(reconcile(state, seen(['2']))).toEqual([{ kind: 'start', phase: '2' }])
  })

  test('goes on with a phase of nobody where that is all that is ready, and while there is time', () => {
    const state = after(approved([planned('1'), planned('2', ['1'])]), claimed('1', 'a'), merged('1'))
    expect(reconcile(state, seen(['1']))).toEqual([{ kind: 'start', phase: '2' }])
    expect(reconcile(state, seen(['1'], {}, false))).toEqual([])
  })

  test('leaves two that became ready at once to be started side by side', () => {
    const state = after(approved(FORK), claimed('1', 'a'), merged('1'))
    expect(reconcile(state, seen(['1']))).toEqual([])
  })

  test('takes over its own phase from a job that died, and no phase of a job that works', () => {
    const state = after(approved([planned('1'), planned('2')]), claimed('1', 'dead'), claimed('2', 'lives'))
    const alive = (holder: string): boolean => holder === 'lives'
    expect(reconcile(state, seen(['1'], { alive }))).toEqual([{ kind: 'take-over', phase: '1', attempt: 1 }])
    expect(reconcile(state, seen(['2'], { alive }, false))).toEqual([])
  })

  test('leaves a phase alone whose model has no room, and takes that for no death of its job', async () => {
    const holder = formatHolder({ run: 7, attempt: 1, job: 'phase 1 (#3)' })
    const waits = { phase: phaseId('1'), attempt: 1, until: 5_000, why: 'rate limit of Anthropic' }
    const state = after(approved([planned('1')]), claimed('1', holder), { type: 'phase-waits', ...waits })
    const me = { run: 9, attempt: 1, job: 'advance (#3)' }
    const gone = { jobs: async () => ok(undefined) } as Partial<Forge> as Forge
    const at = async (now: number) => readyPhases(state, await livingHolders(gone, state, me, now))
    expect(await at(4_999)).toEqual([])
    expect(await at(5_000)).toMatchObject([{ id: '1' }])
    const going = after(state, taken('1', 'another'))
    expect(going.phases.get(phaseId('1'))).toMatchObject({ takeOvers: 0, holder: 'another' })
    expect(going.phases.get(phaseId('1'))).not.toHaveProperty('waiting')
    const again = after(
      going,
      { type: 'phase-waits', ...waits, until: 9_000 },
      { type: 'phase-goes-on', ...one },
    )
    expect(again.phases.get(phaseId('1'))).not.toHaveProperty('waiting')
  })

  test('gives up on a phase whose jobs keep dying, until a person decides', () => {
    const dying = after(
      approved([planned('1')], { maxPhaseRetries: 2 }),
      claimed('1', 'a'),
      taken('1', 'b'),
      taken('1', 'c'),
    )
    const dead = seen(['1'], { alive: () => false })
    expect(reconcile(dying, dead)).toContainEqual({ kind: 'lose', phase: '1', attempt: 1 })
    expect(reconcile(dying, dead)).not.toContainEqual(expect.objectContaining({ kind: 'take-over' }))
    const problem = { reason: 'lost', message: 'x', hint: 'x' }
    const lost = after(dying, { type: 'phase-lost', phase: phaseId('1'), attempt: 1, problem })
    expect(lost.phases.get(phaseId('1'))).toMatchObject({ state: 'needs-input', takeOvers: 2 })
    const again = after(lost, { type: 'decided', decision: 'resume', phase: phaseId('1'), by: 'ada' })
    expect(again.phases.get(phaseId('1'))).toMatchObject({ state: 'pending', takeOvers: 0, mode: 'continue' })
  })

  test('a person who starts a run again by hand is not limited so', () => {
    const state = after(approved([planned('1')], { maxPhaseRetries: 0 }), claimed('1', 'a'), taken('1', 'b'))
    const { job: _, ...alone } = seen([], { alive: () => false })
    expect(reconcile(state, alone)).toEqual([{ kind: 'take-over', phase: '1', attempt: 1 }])
  })
})

describe('the holder of a claim', () => {
  test('is read back, and what is none of a job is none', () => {
    const name = { run: 71, attempt: 2, job: 'phase 1.5' }
    expect(parseHolder(formatHolder(name))).toEqual(name)
    expect(parseHolder('Ada <ada@example.org>#1f2e3d4c')).toBeUndefined()
  })
})
