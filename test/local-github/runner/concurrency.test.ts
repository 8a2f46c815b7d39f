import { describe, expect, test } from '@jest/globals'
import { createConcurrencyGroups, type Claim, type Turn } from '../../../local-github/runner/concurrency.ts'
import { createSlots } from '../../../local-github/runner/slots.ts'

const claim = (more: Partial<Claim> = {}): Claim => ({
  group: 'g',
  cancelInProgress: false,
  queue: 'single',
  ...more,
})
const never = new AbortController().signal

/** Enters, and keeps what became of it. */
function visitor(groups: ReturnType<typeof createConcurrencyGroups>, own = claim(), scope = 'ann/a') {
  const stop = new AbortController()
  const state: { turn?: Turn; cancelled: boolean; stop: AbortController; done: Promise<unknown> } = {
    cancelled: false,
    stop,
    done: Promise.resolve(),
  }
  state.done = groups
    .enter(scope, own, () => (state.cancelled = true), stop.signal)
    .then((turn) => {
      state.turn = turn
    })
  return state
}
const settle = () => new Promise((resolve) => setImmediate(resolve))
const leave = (one: { turn?: Turn }) => one.turn?.go && one.turn.release()

describe('a concurrency group', () => {
  test('lets one in, keeps one waiting, and sends the one before it away', async () => {
    const groups = createConcurrencyGroups()
    const [first, second, third] = [visitor(groups), visitor(groups), visitor(groups)]
    await settle()
    expect([first.turn?.go, second.turn?.go, third.turn?.go]).toEqual([true, false, undefined])
    expect(first.cancelled).toBe(false)
    leave(first)
    await third.done
    expect(third.turn?.go).toBe(true)
  })

  test('keeps all waiting in order where it says so', async () => {
    const groups = createConcurrencyGroups()
    const all = [1, 2, 3, 4].map(() => visitor(groups, claim({ queue: 'max' })))
    for (const one of all) {
      await one.done
      expect(one.turn?.go).toBe(true)
      leave(one)
    }
  })

  test('cancels who is in progress where the next one says so, and waits for its end', async () => {
    const groups = createConcurrencyGroups()
    const first = visitor(groups)
    await settle()
    const second = visitor(groups, claim({ cancelInProgress: true }))
    await settle()
    expect(first.cancelled).toBe(true)
    expect(second.turn).toBeUndefined()
    leave(first)
    await second.done
    expect(second.turn?.go).toBe(true)
  })

  test('does not tell capitals from small letters, but repositories', async () => {
    const groups = createConcurrencyGroups()
    visitor(groups)
    const other = visitor(groups, claim(), 'ann/b')
    const same = visitor(groups, claim({ group: 'G' }))
    await settle()
    expect([other.turn?.go, same.turn?.go]).toEqual([true, undefined])
  })

  test('forgets who stops waiting', async () => {
    const groups = createConcurrencyGroups()
    const first = visitor(groups)
    await settle()
    const second = visitor(groups)
    await settle()
    second.stop.abort()
    await second.done
    expect(second.turn?.go).toBe(false)
    leave(first)
    const third = visitor(groups)
    await third.done
    expect(third.turn?.go).toBe(true)
  })
})

describe('slots', () => {
  test('are given in order, and again when they come back', async () => {
    const slots = createSlots(1)
    const first = await slots.take(never)
    const waiting = new AbortController()
    const left = slots.take(waiting.signal)
    const next = slots.take(never)
    waiting.abort()
    expect(await left).toBeUndefined()
    first?.()
    first?.()
    const third = await next
    expect(third).toBeDefined()
    third?.()
    expect(await slots.take(never)).toBeDefined()
  })
})
