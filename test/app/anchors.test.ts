/** The ledger's head stands in the App's check: a ledger that was rewritten since is known. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { git, orchestrate } from '../support/cli.ts'
import { openLedger } from './ledger.ts'
import { pick, rig, type Rig } from './support.ts'

let it: Rig
let dir: string
beforeAll(async () => {
  it = await rig()
  dir = await mkdtemp(join(tmpdir(), 'anchors-'))
})
afterAll(async () => {
  await it.close()
  await rm(dir, { recursive: true, force: true })
})

/** An approved run that the App has seen, and a clone that has its ledger. */
async function seen(name: string) {
  const repo = await it.repository()
  const pull = await repo.planned()
  const ledger = await openLedger(repo, pull, 'end')
  const ref = `refs/orchestrate/${ledger.run}/run`
  const sweep = async () => {
    await it.running.sweep()
    await it.settled()
  }
  await sweep()
  const clone = join(dir, name)
  await git(
    dir,
    'clone',
    '-q',
    it.github.cloneUrl(repo.fullName).replace('//', `//x:${it.tokens.alice}@`),
    clone,
  )
  const verify = async (...more: string[]) => {
    await git(clone, 'fetch', '-q', 'origin', '+refs/orchestrate/*:refs/orchestrate/*')
    return await orchestrate(clone, ['verify', ledger.run, ...more], {
      env: { GITHUB_TOKEN: it.tokens.alice },
    })
  }
  return { repo, pull, ledger, ref, sweep, verify }
}

/** The same events by another hand: every commit is another one. */
async function rewritten(repo: Awaited<ReturnType<typeof seen>>['repo'], ref: string): Promise<string> {
  const commits = (await repo.git('rev-list', '--reverse', ref)).split('\n')
  let parent: string[] = []
  for (const commit of commits) {
    const message = await repo.git('log', '-1', '--format=%B', commit)
    const who = ['-c', 'user.name=m', '-c', 'user.email=m@example.org']
    parent = ['-p', await repo.git(...who, 'commit-tree', `${commit}^{tree}`, ...parent, '-m', message)]
  }
  return parent[1] ?? ''
}

test('verify tells chained, anchored and signed apart', async () => {
  const { pull, ledger, verify } = await seen('levels')
  const proved = await verify('--pull', String(pull))
  expect(proved).toMatchObject({ code: 0, stdout: '' })
  expect(proved.stderr.split('\n')).toEqual([
    `✔ Run ${ledger.run}: 2 events of 0 phases are chained, no step is missing.`,
    `  anchored  2 of 2 entries of the run, by the check of the App plan-gate on pull request ${pull}`,
    '  signed    not signed',
    '',
  ])
  await ledger.abort()
  const { stdout } = await verify('--json', '--pull', String(pull))
  expect(JSON.parse(stdout)).toMatchObject({
    ...{ ok: true, events: 3, phases: 0 },
    anchored: { app: 'plan-gate', pull, entries: 2, of: 3 },
    signed: { commits: 3, good: 0, bad: 0, unknown: 0 },
  })
  const other = await verify('--json', '--pull', String(pull), '--app-id', '4711')
  expect(JSON.parse(other.stdout)).toMatchObject({ ok: true, anchored: null })
})

test('a ledger that was rewritten since is used by nobody, and known again once it is put back', async () => {
  const { repo, pull, ref, sweep, verify } = await seen('rewritten')
  const before = await repo.git('rev-parse', ref)
  await repo.git('update-ref', ref, await rewritten(repo, ref))
  for (const _ of ['at once', 'and later']) {
    await sweep()
    const gate = await repo.gate(pull)
    expect(gate).toMatchObject({ conclusion: 'failure', title: 'The records of the run cannot be read' })
    expect(gate.summary + (await repo.said(pull)).join('')).toContain('was rewritten: its entry 2 was')
    const proved = await verify('--pull', String(pull))
    expect(proved.code).toBe(1)
    expect(proved.stderr).toContain(`saw ${before.slice(0, 10)} as entry 2`)
  }
  await repo.git('update-ref', ref, `${before}~1`)
  expect((await verify('--pull', String(pull))).stderr).toContain('saw 2 entries')
  await repo.git('update-ref', ref, before)
  await sweep()
  expect(await repo.gate(pull)).toMatchObject({ title: 'Running: 0 of 3 phases done' })
})

test("a job's token anchors nothing: any workflow can write such a check", async () => {
  const { repo, pull, ledger, ref, verify } = await seen('forged')
  const rewrite = await rewritten(repo, ref)
  await repo.git('update-ref', ref, rewrite)
  const answer = await fetch(`${it.github.url}/repos/${repo.fullName}/check-runs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${it.github.jobToken(repo.fullName, { checks: 'write' })}` },
    body: JSON.stringify({
      ...{ name: 'Orchestrate', head_sha: await repo.head(pull), status: 'queued' },
      external_id: `o1;${ledger.run};2;0;0;head=${rewrite}`,
    }),
  })
  expect(pick(await answer.json(), 'external_id')).toContain(rewrite)
  expect(await verify('--pull', String(pull))).toMatchObject({ code: 1 })
})
