import { describe, expect, it } from '@jest/globals'
import { sha, type Sha } from '../../../src/core/model/ids.ts'
import { GitError } from '../../../src/adapters/git/git-error.ts'
import { open, tempRepo } from '../../support/git.ts'

async function twoCommits() {
  const repo = tempRepo()
  const a = sha(repo.git('rev-parse', 'HEAD'))
  const b = repo.commit({ b: 'b' })
  return { repo, a, b, opened: await open(repo) }
}

describe('compare-and-swap of refs', () => {
  it('changes all or none', async () => {
    const { opened, a, b } = await twoCommits()
    const one = 'refs/heads/orchestrate/r/plan'
    const two = 'refs/orchestrate/r/run'
    expect(await opened.updateRefs([{ ref: one, from: undefined, to: a }])).toBe(true)
    expect(
      await opened.updateRefs([
        { ref: two, from: undefined, to: a },
        { ref: one, from: b, to: a },
      ]),
    ).toBe(false)
    expect(await opened.refs('refs/orchestrate/')).toEqual([])
    expect(await opened.updateRefs([{ ref: one, from: undefined, to: b }])).toBe(false)
    expect(await opened.updateRefs([{ ref: two, from: a, to: b }])).toBe(false)
    expect(
      await opened.updateRefs([
        { ref: two, from: undefined, to: b },
        { ref: one, from: a, to: b },
      ]),
    ).toBe(true)
    expect(await opened.refs('refs/orchestrate/r')).toEqual([{ ref: two, sha: b }])
    expect(await opened.refs('refs/orchestrate/r/run-other')).toEqual([])
    expect(await opened.updateRefs([{ ref: two, from: a, to: undefined }])).toBe(false)
    expect(await opened.updateRefs([{ ref: two, from: b, to: undefined }])).toBe(true)
    expect(await opened.updateRefs([{ ref: two, from: undefined, to: undefined }])).toBe(true)
    expect(await opened.updateRefs([])).toBe(true)
    expect(await opened.refs('refs/heads/orch')).toEqual([{ ref: one, sha: b }])
  })

  it('says which ref is in the way where a name cannot be', async () => {
    const { opened, repo, a } = await twoCommits()
    repo.git('branch', 'orchestrate', a)
    const attempt = opened.updateRefs([{ ref: 'refs/heads/orchestrate/r/plan', from: undefined, to: a }])
    await expect(attempt).rejects.toMatchObject({ kind: 'ref-conflict' })
    await expect(attempt).rejects.toThrow('refs/heads/orchestrate')
    const both = ['refs/x/a', 'refs/x/a/b'].map((ref) => ({ ref, from: undefined, to: a }))
    await expect(opened.updateRefs(both)).rejects.toBeInstanceOf(GitError)
    expect(await opened.refs('refs/x/')).toEqual([])
    expect(await opened.updateRefs([{ ref: 'refs/x/c', from: undefined, to: a }])).toBe(true)
  })

  it('lets exactly one of many win each place of a chain', async () => {
    const { repo } = await twoCommits()
    const stores = [(await open(repo)).ledger, (await open(repo)).ledger]
    const ref = 'refs/orchestrate/r/run'
    let rounds = 0
    const append = async (writer: number): Promise<void> => {
      const ledger = stores[writer % 2]!
      for (;;) {
        rounds++
        const read = await ledger.read(ref)
        if (!read.ok) throw new Error(read.error[0]?.message)
        const result = await ledger.append({
          ref,
          expected: read.value.head,
          subject: `w${writer}`,
          event: { writer },
          at: 1,
        })
        if (result.ok) return
      }
    }
    await Promise.all(Array.from({ length: 20 }, (_, writer) => append(writer)))
    const read = await (await open(repo)).ledger.read(ref)
    const writers = read.ok
      ? read.value.entries.map((entry) => (entry.event as { writer: number }).writer)
      : []
    expect(writers.sort((x, y) => x - y)).toEqual(Array.from({ length: 20 }, (_, i) => i))
    expect(repo.git('rev-list', '--count', ref)).toBe('20')
    expect(rounds).toBeGreaterThanOrEqual(20)
  })

  it('gives exactly one of twenty the same place', async () => {
    const { repo, a, opened } = await twoCommits()
    const tree = await opened.treeOf(a)
    const stores = [(await open(repo)).ledger, (await open(repo)).ledger]
    const ref = 'refs/orchestrate/r/run'
    let head: Sha | undefined
    for (let round = 0; round < 3; round++) {
      const expected: Sha | undefined = head
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          stores[i % 2]!.append({
            ref,
            expected,
            subject: 's',
            event: { i, round },
            files: new Map([['t', { tree }]]),
            at: i,
          }),
        ),
      )
      const won = results.filter((each) => each.ok)
      const lost = results.filter((each) => !each.ok)
      expect([won.length, lost.length]).toEqual([1, 19])
      const winner = won[0]
      head = winner?.ok ? winner.head : undefined
    }
    expect(repo.git('rev-list', '--count', ref)).toBe('3')
  })
})
