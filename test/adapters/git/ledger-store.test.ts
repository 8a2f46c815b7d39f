import { describe, expect, it } from '@jest/globals'
import type { Sha } from '../../../src/core/model/ids.ts'
import { open, tempRepo } from '../../support/git.ts'

const REF = 'refs/orchestrate/demo/run'

describe('ledger', () => {
  it('reads back what was appended, oldest first, with files beside those of before', async () => {
    const repo = tempRepo()
    const { ledger } = await open(repo)
    let head: Sha | undefined
    for (let n = 1; n <= 3; n++) {
      const files = new Map([[`phases/${n}.json`, `{"n":${n}}`]])
      const result = await ledger.append({
        ref: REF,
        expected: head,
        subject: `event ${n}`,
        event: { n, text: 'a\n\nb “ü”' },
        files,
        at: n,
      })
      if (!result.ok) throw new Error('lost')
      head = result.head
    }
    const other = await open(repo)
    const read = await other.ledger.read(REF)
    expect(read).toEqual(await ledger.read(REF))
    if (!read.ok) throw new Error('unreadable')
    expect(read.value.head).toBe(head)
    expect(read.value.entries.map((entry) => entry.event)).toEqual(
      [1, 2, 3].map((n) => ({ n, text: 'a\n\nb “ü”' })),
    )
    expect(await other.ledger.file(head!, 'phases/1.json')).toBe('{"n":1}')
    expect(await other.ledger.file(head!, 'phases/4.json')).toBeUndefined()
    expect(await other.ledger.runs()).toEqual(['demo'])
    expect(repo.git('log', '--format=%s', REF)).toBe('event 3\nevent 2\nevent 1')
    expect(repo.git('fsck', '--strict')).toBe('')
  })
})
