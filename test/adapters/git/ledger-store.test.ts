import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { sha, type Sha } from '../../../src/core/model/ids.ts'
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

  it('gives no entries for a ref that is absent', async () => {
    const { ledger } = await open(tempRepo())
    expect(await ledger.read(REF)).toEqual({ ok: true, value: { head: undefined, entries: [] } })
    expect(await ledger.runs()).toEqual([])
  })

  it('begins a chain at the head of another and reads through to its start', async () => {
    const { ledger, refs } = await open(tempRepo())
    const first = await ledger.append({
      ref: REF,
      expected: undefined,
      subject: 'claim',
      event: { n: 1 },
      files: new Map([['a', '1']]),
      at: 1,
    })
    if (!first.ok) throw new Error('lost')
    const phase = 'refs/orchestrate/demo/phase/1.5/1'
    const input = {
      ref: phase,
      expected: undefined,
      parent: first.head,
      subject: 'step',
      event: { n: 2 },
      at: 2,
    }
    const second = await ledger.append(input)
    if (!second.ok) throw new Error('lost')
    const read = await ledger.read(phase)
    expect(read.ok && read.value.entries).toEqual([
      { commit: first.head, event: { n: 1 } },
      { commit: second.head, event: { n: 2 } },
    ])
    expect(await ledger.file(second.head, 'a')).toBe('1')
    expect((await ledger.append(input)).ok).toBe(false)
    expect((await refs('refs/orchestrate/')).map((each) => each.ref)).toEqual([phase, REF])
    expect(await ledger.runs()).toEqual(['demo'])
  })

  it('keeps a tree alive as a folder and replaces it by the next of that name', async () => {
    const repo = tempRepo()
    const { ledger, writeFiles, treeOf, resolve, close } = await open(repo)
    const base = await treeOf((await resolve('HEAD'))!)
    const trees = await Promise.all(
      ['one', 'two'].map((text) => writeFiles(base, new Map([['deep/f', text]]))),
    )
    let head: Sha | undefined
    for (const [at, tree] of trees.entries()) {
      const files = new Map([['snapshots/implement', { tree }]])
      const result = await ledger.append({ ref: REF, expected: head, subject: 's', event: { at }, files, at })
      head = result.ok ? result.head : undefined
    }
    await close()
    repo.git('gc', '--quiet', '--prune=now')
    expect(repo.git('show', `${REF}:snapshots/implement/deep/f`, `${REF}~1:snapshots/implement/deep/f`)).toBe(
      'twoone',
    )
    expect(await ledger.file(head!, 'snapshots/implement/deep/f')).toBe('two')
    expect(await ledger.file(head!, 'snapshots/implement')).toBeUndefined()
  })

  it('names the commit that is no entry', async () => {
    const repo = tempRepo()
    const { ledger } = await open(repo)
    const good = await ledger.append({ ref: REF, expected: undefined, subject: 's', event: {}, at: 1 })
    if (!good.ok) throw new Error('lost')
    for (const message of ['by hand', 'by hand\n\nwith a body', '{"subject": "only"}']) {
      const bad = repo.git('commit-tree', '-p', good.head, '-m', message, `${good.head}^{tree}`)
      repo.git('update-ref', REF, bad)
      const later = await ledger.append({ ref: REF, expected: sha(bad), subject: 's', event: {}, at: 1 })
      expect(later.ok).toBe(true)
      const read = await (await open(repo)).ledger.read(REF)
      expect(read.ok === false && read.error[0]).toMatchObject({ reason: 'ledger-unreadable' })
      expect(read.ok === false && read.error[0]?.message).toContain(`Commit ${bad} of ${REF}`)
    }
  })

  it('names the commit that is missing', async () => {
    const repo = tempRepo()
    const { ledger, close } = await open(repo)
    let head: Sha | undefined
    const heads: Sha[] = []
    for (let n = 0; n < 5; n++) {
      const result = await ledger.append({ ref: REF, expected: head, subject: 's', event: { n }, at: n })
      if (!result.ok) throw new Error('lost')
      heads.push((head = result.head))
    }
    await close()
    rmSync(join(repo.path, '.git/objects', heads[1]!.slice(0, 2), heads[1]!.slice(2)))
    const read = await (await open(repo)).ledger.read(REF)
    expect(read.ok === false && read.error[0]?.message).toContain(heads[1])
  })

  it('keeps a subject in one line, and any text in an event', async () => {
    const repo = tempRepo()
    const { ledger } = await open(repo)
    const reader = (await open(repo)).ledger
    let chain = 0
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), fc.jsonValue(), async (subject, value) => {
        const ref = `refs/orchestrate/x/phase/${++chain}/1`
        const event = { type: 'x', value: JSON.parse(JSON.stringify(value)) as unknown, subject }
        expect((await ledger.append({ ref, expected: undefined, subject, event, at: 1 })).ok).toBe(true)
        const read = await reader.read(ref)
        expect(read.ok && read.value.entries.map((entry) => entry.event)).toEqual([event])
      }),
      { numRuns: 30 },
    )
  })
})
