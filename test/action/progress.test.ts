import { expect, test } from '@jest/globals'
import { once } from 'node:events'
import { EventEmitter } from 'node:events'
import { Progress } from '../../src/action/modes/progress.ts'

/** Looks that are told of and end when they are told to. */
function looks(calmMs: number) {
  const told = new EventEmitter()
  const ends: (() => void)[] = []
  const progress = new Progress(
    () =>
      new Promise<void>((resolve) => {
        ends.push(resolve)
        told.emit('look')
      }),
    calmMs,
  )
  return { ends, progress, look: () => once(told, 'look') }
}

test('what changes together is one look, and what changes during a look is the next', async () => {
  const { ends, progress, look } = looks(1)
  let looking = look()
  progress.changed()
  progress.changed()
  await looking
  expect(ends).toHaveLength(1)
  looking = look()
  progress.changed()
  ends[0]?.()
  await looking
  expect(ends).toHaveLength(2)
})

test('at the end what is under way is waited for', async () => {
  const { ends, progress, look } = looks(1)
  const looking = look()
  progress.changed()
  await looking
  let settled = false
  const settling = progress.settle().then(() => (settled = true))
  await new Promise((resolve) => setImmediate(resolve))
  expect(settled).toBe(false)
  ends[0]?.()
  await settling
})

test('a job that is over sooner never looks', async () => {
  const { ends, progress } = looks(60_000)
  progress.changed()
  await progress.settle()
  expect(ends).toEqual([])
})
