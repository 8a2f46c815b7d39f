import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import type { OpenRepository } from '../../../src/adapters/git/repository.ts'
import type { Sha } from '../../../src/core/model/ids.ts'
import { atRepo, open, tempClone, tempDir, type TempRepo, tempRepo, testEnv } from '../../support/git.ts'

const RUN = 'refs/orchestrate/pr1-x/run'
const PLAN = 'refs/heads/orchestrate/pr1-x/plan'
const CHAIN = 'refs/orchestrate/pr1-x/phase/1/1'
const BRANCH = 'refs/heads/orchestrate/pr1-x/phase-1-a'

async function jobs(count = 2) {
  const origin = tempRepo()
  const bare = tempClone(origin, '--bare')
  const clones = Array.from({ length: count }, () => tempClone(bare))
  const opened = await Promise.all(clones.map((clone) => open(clone, { pushRetries: [10, 20] })))
  return { bare, clones, opened, first: opened[0]!, second: opened[1]! }
}

const append = (at: OpenRepository, expected: Sha | undefined, event: object, more = {}) =>
  at.shared.append({ ref: RUN, expected, subject: 'an event', event, at: 1, ...more })

const must = (appended: { ok: boolean; head?: Sha }): Sha => {
  if (!appended.ok || appended.head === undefined) throw new Error(JSON.stringify(appended))
  return appended.head
}

/** A hook of the remote that ends the server's process once: the client never hears how its push ended. */
function dieOnce(bare: TempRepo, hook: 'pre-receive' | 'post-receive', times = 1): void {
  const lives = Array.from({ length: times }, (_, i) => join(bare.path, `die-${i}`))
  for (const path of lives) bare.write(path.slice(bare.path.length + 1), '')
  const tests = lives.map((path) => `if [ -e '${path}' ]; then rm '${path}'; kill -9 $PPID; exit 1; fi`)
  bare.write(`hooks/${hook}`, `#!/bin/sh\n${tests.join('\n')}\n`, true)
}

describe('a ledger that jobs share', () => {
  it('gives a claim to one of many that reach for it at the same moment', async () => {
    const { opened, bare } = await jobs(4)
    const base = must(await append(opened[0]!, undefined, { type: 'created' }))
    await Promise.all(opened.map((each) => each.shared.fetch('pr1-x')))
    const claims = await Promise.all(opened.map((each, i) => append(each, base, { claim: i })))
    expect(claims.filter((claim) => claim.ok)).toHaveLength(1)
    expect(claims.filter((claim) => !claim.ok)).toEqual([{ ok: false }, { ok: false }, { ok: false }])
    const winner = claims.findIndex((claim) => claim.ok)
    for (const each of opened) {
      const read = await each.shared.read(RUN)
      expect(read.ok && read.value.entries.map(({ event }) => event)).toEqual([
        { type: 'created' },
        { claim: winner },
      ])
    }
    expect(bare.git('rev-list', '--count', RUN)).toBe('2')
  })

  it('sends an event and the refs that follow it together or not at all', async () => {
    const { first, second, bare, clones } = await jobs()
    const tip = (await first.resolve('HEAD'))!
    const head = must(
      await append(first, undefined, { n: 1 }, { along: [{ ref: PLAN, from: undefined, to: tip }] }),
    )
    expect(bare.git('rev-parse', RUN, PLAN)).toBe(`${head}\n${tip}`)

    // Somebody pushes to the plan branch, which only the run may move.
    const theirs = clones[1]!.commit({ 'scripts.sh': 'curl' })
    clones[1]!.git('push', '--quiet', 'origin', `HEAD:${PLAN}`)
    const merge = await first.commit({ tree: await first.treeOf(tip), parents: [tip], message: 'm', at: 2 })
    const refused = await append(first, head, { n: 2 }, { along: [{ ref: PLAN, from: tip, to: merge }] })
    expect(refused).toMatchObject({ ok: false, failure: { reason: 'foreign-commit' } })
    expect(bare.git('rev-parse', RUN, PLAN)).toBe(`${head}\n${theirs}`)
    expect(await first.resolve(RUN)).toBe(head)
    await second.shared.fetch('pr1-x')
    expect(await second.resolve(RUN)).toBe(head)
  })

  it('holds an event back until the next one takes it along', async () => {
    const { first, bare } = await jobs()
    const created = must(await append(first, undefined, { n: 1 }, { hold: true }))
    expect(bare.git('for-each-ref', 'refs/orchestrate')).toBe('')
    must(await append(first, created, { n: 2 }))
    expect(bare.git('rev-list', '--count', RUN)).toBe('2')
    expect(first.shared.pushes).toBe(1)
  })

  it('knows a push that worked although the answer was lost', async () => {
    const { first, bare } = await jobs()
    dieOnce(bare, 'post-receive')
    const head = must(await append(first, undefined, { n: 1 }))
    expect(bare.git('rev-parse', RUN)).toBe(head)
    expect(first.shared.pushes).toBe(1)
    must(await append(first, head, { n: 2 }))
  })

  it('tries again when the server failed, and gives up in the end with the ledger as the remote has it', async () => {
    const { first, bare } = await jobs()
    dieOnce(bare, 'pre-receive')
    const head = must(await append(first, undefined, { n: 1 }))
    expect(first.shared.pushes).toBe(2)

    dieOnce(bare, 'pre-receive', 9)
    const failed = await append(first, head, { n: 2 })
    expect(failed).toMatchObject({ ok: false, failure: { reason: 'forge-unavailable' } })
    expect(await first.resolve(RUN)).toBe(head)
    expect(bare.git('rev-parse', RUN)).toBe(head)
  })

  it('does not try again what the remote refuses', async () => {
    const { first, bare } = await jobs()
    bare.write('hooks/pre-receive', '#!/bin/sh\necho "GH013: Repository rule violations" >&2\nexit 1\n', true)
    expect(await append(first, undefined, { n: 1 })).toMatchObject({
      ok: false,
      failure: { reason: 'forge-refused' },
    })
    expect(first.shared.pushes).toBe(1)
    expect(await first.resolve(RUN)).toBeUndefined()
  })

  it('publishes a phase at checkpoints, and says when another job has it', async () => {
    const { first, second, bare } = await jobs()
    const base = must(await append(first, undefined, { n: 1 }))
    const step = await first.shared.append({
      ref: CHAIN,
      expected: undefined,
      subject: 's',
      event: { s: 1 },
      at: 1,
    })
    expect(bare.git('for-each-ref', CHAIN)).toBe('')
    const tip = (await first.resolve('HEAD'))!
    const refs = [
      { ref: CHAIN, sha: must(step) },
      { ref: BRANCH, sha: tip },
    ]
    expect(await first.shared.checkpoint(refs)).toEqual({ ok: true })
    const pushes = first.shared.pushes
    expect(await first.shared.checkpoint(refs)).toEqual({ ok: true })
    expect(first.shared.pushes).toBe(pushes)

    // Another job goes on from the checkpoint, while this one is not dead after all.
    await second.shared.fetch('pr1-x')
    expect(await second.resolve(BRANCH)).toBe(tip)
    const theirs = must(
      await second.shared.append({ ref: CHAIN, expected: must(step), subject: 's', event: { s: 2 }, at: 2 }),
    )
    expect(await second.shared.checkpoint([{ ref: CHAIN, sha: theirs }])).toEqual({ ok: true })
    const ours = must(
      await first.shared.append({ ref: CHAIN, expected: must(step), subject: 's', event: { s: 3 }, at: 3 }),
    )
    expect(await first.shared.checkpoint([{ ref: CHAIN, sha: ours }])).toMatchObject({
      ok: false,
      lost: true,
    })
    // What it did is kept, out of the way.
    await first.shared.fetch('pr1-x')
    expect(await first.resolve(CHAIN)).toBe(theirs)
    expect((await first.refs('refs/orchestrate-set-aside/')).map(({ sha }) => sha)).toEqual([ours])
    expect(await first.resolve(RUN)).toBe(base)
  })

  it('forgets an event that never got out when it starts again', async () => {
    const { first, clones, second } = await jobs()
    const head = must(await append(first, undefined, { n: 1 }))
    await first.ledger.append({ ref: RUN, expected: head, subject: 's', event: { cut: 'off' }, at: 2 })
    const again = await open(atRepo(clones[0]!.path))
    expect(await again.shared.fetch('pr1-x')).toEqual({ ok: true, value: undefined })
    expect(await again.resolve(RUN)).toBe(head)
    await second.shared.fetch('pr1-x')
    must(await append(second, head, { n: 2 }))
  })

  it('says that there is no remote to share by', async () => {
    const alone = await open(tempRepo())
    expect(await append(alone, undefined, { n: 1 })).toMatchObject({
      ok: false,
      failure: { reason: 'git-failed' },
    })
  })
})

describe('the token of a remote', () => {
  it('is seen by the processes that fetch and push, and by no other', async () => {
    const { clones } = await jobs(1)
    const clone = clones[0]!
    // A stand-in for git writes down which commands see the token.
    const bin = tempDir()
    const real = clone.git('--exec-path')
    const log = join(bin, 'seen')
    const git = atRepo(bin)
    git.write(
      'git',
      `#!/bin/sh\nif env | grep -q eC1hY2Nlc3MtdG9rZW4; then echo "with $*" >> '${log}'; else echo "without $*" >> '${log}'; fi\nexec '${real}/git' "$@"\n`,
      true,
    )
    const opened = await open(clone, {
      env: { ...testEnv(), PATH: `${bin}:${process.env['PATH'] ?? ''}` },
      credentials: { url: 'https://forge.example', token: 'canary-token' },
    })
    must(await append(opened, undefined, { n: 1 }))
    await opened.shared.fetch('pr1-x')
    const seen = readFileSync(log, 'utf8').trim().split('\n')
    const commands = (kind: string) =>
      new Set(
        seen
          .filter((line) => line.startsWith(`${kind} `))
          .map(
            (line) => /\b(push|fetch|ls-remote|cat-file|update-ref|for-each-ref|config)\b/.exec(line)?.[0],
          ),
      )
    expect([...commands('with')].sort()).toEqual(['fetch', 'push'])
    expect(commands('without').has('push')).toBe(false)
    expect(commands('without').has('cat-file')).toBe(true)
    expect(seen.join('\n')).not.toContain('canary-token')
    expect(seen.join('\n')).not.toContain(Buffer.from('x-access-token:canary-token').toString('base64'))
    expect(clone.git('config', '--list', '--local')).not.toContain('extraheader')
  })
})
