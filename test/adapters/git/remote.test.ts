import { rmSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { sha, type Sha } from '../../../src/core/model/ids.ts'
import type { OpenRepository } from '../../../src/adapters/git/repository.ts'
import { open, tempClone, tempRepo } from '../../support/git.ts'

const RUN = 'refs/orchestrate/r/run'
const PLAN = 'refs/heads/orchestrate/r/plan'

async function twoClones() {
  const origin = tempRepo()
  const bare = tempClone(origin, '--bare')
  const [one, two] = [tempClone(bare), tempClone(bare)]
  return { bare, one, two, first: await open(one), second: await open(two) }
}

/** Commits on top of `from` and moves the local ref there. */
async function grow(
  opened: OpenRepository,
  ref: string,
  from: Sha | undefined,
  message: string,
): Promise<Sha> {
  const head = await opened.resolve('HEAD')
  const tree = await opened.treeOf(head!)
  const to = await opened.commit({ tree, parents: [from ?? head!], message, at: 1 })
  expect(await opened.updateRefs([{ ref, from, to }])).toBe(true)
  return to
}

describe('publishing', () => {
  it('pushes refs of runs together, again and again', async () => {
    const { bare, first } = await twoClones()
    const a = await grow(first, RUN, undefined, 'a')
    const p = await grow(first, PLAN, undefined, 'p')
    expect(
      await first.publish([
        { ref: RUN, sha: a },
        { ref: PLAN, sha: p },
      ]),
    ).toEqual({ ok: true })
    const b = await grow(first, RUN, a, 'b')
    expect(
      await first.publish([
        { ref: RUN, sha: b },
        { ref: PLAN, sha: p },
      ]),
    ).toEqual({ ok: true })
    expect(bare.git('rev-parse', RUN, PLAN)).toBe(`${b}\n${p}`)
    expect(await first.publish([])).toEqual({ ok: true })
  })

  it('never pushes a branch of people', async () => {
    const { bare, first, one } = await twoClones()
    const before = bare.git('rev-parse', 'main')
    const mine = one.commit({ x: 'x' })
    const result = await first.publish([{ ref: 'refs/heads/main', sha: mine }])
    expect(result).toEqual({ ok: false, message: 'refs/heads/main is not a ref of a run: it is not pushed.' })
    expect(bare.git('rev-parse', 'main')).toBe(before)
  })

  it('publishes nothing when another clone wrote to one of the refs', async () => {
    const { bare, first, second } = await twoClones()
    const theirs = await grow(second, RUN, undefined, 'theirs')
    expect(await second.publish([{ ref: RUN, sha: theirs }])).toEqual({ ok: true })
    const ours = await grow(first, RUN, undefined, 'ours')
    const plan = await grow(first, PLAN, undefined, 'p')
    const result = await first.publish([
      { ref: PLAN, sha: plan },
      { ref: RUN, sha: ours },
    ])
    expect(result.ok === false && result.message).toContain(`something else in ${RUN}: ${theirs}`)
    expect(
      bare.git(
        'for-each-ref',
        '--format=%(objectname) %(refname)',
        'refs/orchestrate',
        'refs/heads/orchestrate',
      ),
    ).toBe(`${theirs} ${RUN}`)
  })

  it('goes on after somebody deleted or rewound a ref on the remote', async () => {
    const { bare, first } = await twoClones()
    const a = await grow(first, RUN, undefined, 'a')
    const b = await grow(first, RUN, a, 'b')
    expect(await first.publish([{ ref: RUN, sha: b }])).toEqual({ ok: true })
    bare.git('update-ref', '-d', RUN)
    const c = await grow(first, RUN, b, 'c')
    expect(await first.publish([{ ref: RUN, sha: c }])).toEqual({ ok: true })
    bare.git('update-ref', RUN, a)
    const d = await grow(first, RUN, c, 'd')
    expect(await first.publish([{ ref: RUN, sha: d }])).toEqual({ ok: true })
    expect(bare.git('rev-parse', RUN)).toBe(d)
  })

  it('says why where there is no remote, or it cannot be reached', async () => {
    const alone = await open(tempRepo())
    const ours = await grow(alone, RUN, undefined, 'a')
    expect(await alone.publish([{ ref: RUN, sha: ours }])).toEqual({
      ok: false,
      message: 'There is no remote to publish to.',
    })
    expect([await alone.fetchRuns(), alone.fetchProblem()]).toEqual([0, undefined])
    const { bare, first } = await twoClones()
    rmSync(bare.path, { recursive: true })
    const a = await grow(first, RUN, undefined, 'a')
    const result = await first.publish([{ ref: RUN, sha: a }])
    expect(result.ok === false && result.message).toContain('does not appear to be a git repository')
    expect([await first.fetchRuns(), first.fetchProblem()]).toEqual([
      0,
      expect.stringContaining('does not appear to be a git repository'),
    ])
  })

  it('runs no pre-push hook', async () => {
    const { first, one } = await twoClones()
    one.write('.git/hooks/pre-push', '#!/bin/sh\nexit 1\n', true)
    const a = await grow(first, RUN, undefined, 'a')
    expect(await first.publish([{ ref: RUN, sha: a }])).toEqual({ ok: true })
  })
})

describe('fetching runs', () => {
  it('takes over what is absent or behind, and keeps what went another way', async () => {
    const { bare, first, second, two } = await twoClones()
    const a = await grow(first, RUN, undefined, 'a')
    const p = await grow(first, PLAN, undefined, 'p')
    await first.publish([
      { ref: RUN, sha: a },
      { ref: PLAN, sha: p },
    ])
    expect(await second.fetchRuns()).toBe(2)
    expect(await second.refs('refs/orchestrate/')).toEqual([{ ref: RUN, sha: a }])
    expect(await second.fetchRuns()).toBe(0)
    const mine = await grow(second, PLAN, p, 'mine')
    const b = await grow(first, RUN, a, 'b')
    const theirs = await grow(first, PLAN, p, 'theirs')
    await first.publish([
      { ref: RUN, sha: b },
      { ref: PLAN, sha: theirs },
    ])
    expect(await second.fetchRuns()).toBe(1)
    expect(await second.refs('refs/heads/orchestrate/')).toEqual([{ ref: PLAN, sha: mine }])
    // What was fetched is the lease: the second clone goes on where the first ended.
    const c = await grow(second, RUN, b, 'c')
    expect(await second.publish([{ ref: RUN, sha: c }])).toEqual({ ok: true })
    expect(bare.git('rev-parse', RUN)).toBe(c)
    expect(two.git('status', '--porcelain')).toBe('')
  })

  it('does not move a branch that is checked out', async () => {
    const { first, second, two } = await twoClones()
    const p = await grow(first, PLAN, undefined, 'p')
    await first.publish([{ ref: PLAN, sha: p }])
    await second.fetchRuns()
    two.git('checkout', '--quiet', 'orchestrate/r/plan')
    const q = await grow(first, PLAN, p, 'q')
    await first.publish([{ ref: PLAN, sha: q }])
    expect(await second.fetchRuns()).toBe(0)
    expect(two.git('rev-parse', 'HEAD')).toBe(p)
    expect(await second.resolve('refs/orchestrate-remote/origin/heads/orchestrate/r/plan')).toBe(sha(q))
  })
})
