import { expect, test } from '@jest/globals'
import { Queue } from '../../local-github/events/queue.ts'

/** Work that ends when it is told to. */
function work(log: string[], name: string): { run: () => Promise<void>; end: () => void } {
  let end = (): void => undefined
  const ended = new Promise<void>((resolve) => (end = resolve))
  return {
    run: async () => {
      log.push(`${name} starts`)
      await ended
      log.push(`${name} ends`)
    },
    end: () => end(),
  }
}

test('starts work in its order, no more of it than the limit', async () => {
  const log: string[] = []
  const [a, b, c] = [work(log, 'a'), work(log, 'b'), work(log, 'c')]
  const queue = new Queue(2)
  const done = [a, b, c].map((one) => queue.add(one.run))
  expect(log).toEqual(['a starts', 'b starts'])
  b.end()
  await done[1]
  a.end()
  c.end()
  await queue.empty()
  expect(log).toEqual(['a starts', 'b starts', 'b ends', 'c starts', 'a ends', 'c ends'])
  expect(queue.busy).toBe(false)
})

test('goes on after work that failed', async () => {
  const queue = new Queue(1)
  const failed = queue.add(() => Promise.reject(new Error('no')))
  const next = queue.add(() => Promise.resolve())
  await expect(failed).rejects.toThrow('no')
  await next
})
