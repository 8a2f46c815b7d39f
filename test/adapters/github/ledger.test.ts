import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'

import { phaseId, refSegment, type Sha } from '../../../src/core/model/ids.ts'
import { open, runGit } from '../../support/git.ts'
import { type Project, refusal, type Rig, startRig, value } from './rig.ts'

let rig: Rig
let shop: Project

beforeAll(async () => {
  rig = await startRig()
  shop = await rig.repository('shop')
})
afterAll(() => rig.close())

describe('a ledger', () => {
  async function append(run: string, count: number): Promise<{ commit: Sha; event: unknown }[]> {
    const { ledger } = await open(shop.gitDir)
    const ref = `refs/orchestrate/${run}/run`
    let head: Sha | undefined
    for (let n = 1; n <= count; n += 1) {
      const event = { n, text: 'a\n\nb “ü”' }
      const done = await ledger.append({ ref, expected: head, subject: `event ${n}`, event, at: n })
      if (!done.ok) throw new Error('lost')
      head = done.head
    }
    const read = await ledger.read(ref)
    return value(read).entries
  }

  test('is read without a clone as git reads it, 100 entries a request', async () => {
    const entries = await append('pr1-shop', 130)
    const before = rig.github.requests.length
    expect(value(await shop.forge.ledger('pr1-shop'))).toEqual({ entries, attempts: [] })
    const operations = rig.github.requests.slice(before).map(({ operation }) => operation)
    expect(operations.filter((each) => each === 'OrchestrateLedger')).toHaveLength(2)
  })

  test('brings the newest entries of the chains of its phases with the same request', async () => {
    const { ledger } = await open(shop.gitDir)
    const entries = await append('pr5-shop', 1)
    let head: Sha | undefined
    for (let n = 1; n <= 70; n += 1) {
      const ref = `refs/orchestrate/pr5-shop/phase/${refSegment('1a {x')}/2`
      const done = await ledger.append({ ref, expected: head, subject: 'x', event: { n }, at: n })
      if (!done.ok) throw new Error('lost')
      head = done.head
    }
    const before = rig.github.requests.length
    const asked = [
      { phase: phaseId('1a {x'), attempt: 2 },
      { phase: phaseId('9'), attempt: 1 },
    ]
    const read = value(await shop.forge.ledger('pr5-shop', asked))
    expect(rig.github.requests.length - before).toBe(1)
    expect(read.entries).toEqual(entries)
    expect(read.attempts).toMatchObject([{ phase: '1a {x', attempt: 2, count: 70 }])
    expect(read.attempts[0]?.entries.map(({ event }) => event)).toEqual(
      Array.from({ length: 60 }, (_, at) => ({ n: at + 11 })),
    )
  })

  test('may lie in a branch, where a forge takes no other refs', async () => {
    const entries = await append('pr2-shop', 2)
    const ledger = 'refs/heads/orchestrate-ledger/pr2-shop/run'
    runGit(shop.gitDir, 'update-ref', ledger, entries[1]?.commit ?? '')
    runGit(shop.gitDir, 'update-ref', '-d', 'refs/orchestrate/pr2-shop/run')
    expect(value(await shop.forge.ledger('pr2-shop'))).toEqual({ entries, attempts: [] })
  })

  test('that is not there has no entries', async () => {
    expect(value(await shop.forge.ledger('pr3-none'))).toEqual({ entries: [], attempts: [] })
    expect(value(await shop.forge.ledger('../../heads/main'))).toEqual({ entries: [], attempts: [] })
  })

  test('that somebody wrote to by hand is not guessed at', async () => {
    runGit(shop.gitDir, 'update-ref', 'refs/orchestrate/pr4-shop/run', 'refs/heads/main')
    expect(refusal(await shop.forge.ledger('pr4-shop'))).toMatchObject({ reason: 'ledger-unreadable' })
  })
})
