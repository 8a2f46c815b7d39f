import { writeFile, mkdir } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { WorkflowEvent } from '../../local-github/types.ts'
import { clone, pick, pushBranch, REPO, stage, type Clone, type Stage } from './support.ts'

let it: Stage
let copy: Clone
const workflows: WorkflowEvent[] = []

beforeAll(async () => {
  it = await stage()
  it.github.onWorkflowEvent((event) => workflows.push(event))
  copy = await clone(it.github.cloneUrl(REPO, it.tokens.alice))
})
afterAll(async () => {
  await copy.close()
  await it.close()
})
beforeEach(async () => {
  await it.github.idle()
  it.hook.clear()
  workflows.length = 0
})

async function commit(file: string, text: string): Promise<string> {
  await mkdir(path.dirname(path.join(copy.dir, file)), { recursive: true })
  await writeFile(path.join(copy.dir, file), text)
  await copy.git('add', '-A')
  await copy.git('commit', '-q', '-m', `Write ${file}`)
  return copy.git('rev-parse', 'HEAD')
}
const url = (token?: string): string => it.github.cloneUrl(REPO, token)

test('a push to the head of a pull request raises push and synchronize with both commits', async () => {
  const before = await pushBranch(it, 'topic', { 'a.txt': 'a\n' })
  await it.api(it.tokens.bob, 'POST', `/repos/${REPO}/pulls`, { title: 'T', head: 'topic', base: 'main' })
  await it.github.idle()
  it.hook.clear()
  await copy.git('fetch', '-q')
  await copy.git('checkout', '-q', '-B', 'topic', 'origin/topic')
  const after = await commit('b.txt', 'b\n')
  await copy.git('push', '-q', 'origin', 'topic')
  await it.github.idle()
  expect(it.hook.names()).toEqual(['push', 'check_suite.requested', 'pull_request.synchronize'])
  expect(it.hook.last('push')).toMatchObject({
    ref: 'refs/heads/topic',
    before,
    after,
    forced: false,
    commits: [{ id: after, added: ['b.txt'], author: { username: 'alice' } }],
    pusher: { name: 'alice' },
  })
  expect(it.hook.last('pull_request', 'synchronize')).toMatchObject({
    before,
    after,
    pull_request: { head: { sha: after }, commits: 2 },
  })
  expect((await copy.git('ls-remote', 'origin', 'refs/pull/1/head')).slice(0, 40)).toBe(after)
  expect(await copy.git('ls-remote', 'origin', 'refs/pull/1/merge')).toContain('refs/pull/1/merge')
})

test('a reader, a stranger and a token without contents may not push', async () => {
  const denied = async (token: string | undefined): Promise<string> =>
    copy.refused('push', url(token), 'HEAD:refs/heads/x')
  expect(await denied(it.tokens.carol)).toContain('403')
  expect(await denied(it.tokens.mallory)).toContain('403')
  expect(await denied(it.github.jobToken(REPO, { contents: 'read' }))).toContain('403')
  expect(await denied(undefined)).toContain('could not read Username')
  expect(await denied('ghp_unknown')).toContain('Authentication failed')
  expect(it.hook.names()).toEqual([])
})

test('what a job pushes is told to Apps and starts no workflow', async () => {
  const token = it.github.jobToken(REPO, { contents: 'write' })
  await copy.git('push', '-q', url(token), 'HEAD:refs/heads/orchestrate/run/plan')
  await it.github.idle()
  expect(it.hook.names()).toContain('push')
  expect(it.hook.last('push')).toMatchObject({ sender: { login: 'github-actions[bot]', type: 'Bot' } })
  expect(workflows.map(({ event, startsWorkflows }) => [event, startsWorkflows])).toContainEqual([
    'push',
    false,
  ])
})

test('refs that are no branches are taken, by atomic pushes with leases, and raise nothing', async () => {
  const token = it.github.jobToken(REPO, { contents: 'write' })
  const first = await copy.git('rev-parse', 'HEAD')
  const ref = 'refs/orchestrate/run/run'
  await copy.git('push', '-q', '--atomic', `--force-with-lease=${ref}:`, url(token), `HEAD:${ref}`)
  await commit('c.txt', 'c\n')
  const moved = ['push', '-q', '--atomic', `--force-with-lease=${ref}:${first}`, url(token), `HEAD:${ref}`]
  await copy.git(...moved, 'HEAD:refs/heads/with')
  await commit('d.txt', 'd\n')
  expect(await copy.refused(...moved, 'HEAD:refs/heads/with')).toContain('stale info')
  const left = await copy.git('ls-remote', 'origin', ref, 'refs/heads/with')
  expect(new Set(left.split('\n').map((line) => line.slice(0, 40))).size).toBe(1)
  await it.github.idle()
  expect(it.hook.received.map(({ body }) => pick(body, 'ref')).filter((one) => one !== undefined)).toEqual([
    'with',
    'refs/heads/with',
  ])
})

test('a job cannot push workflows, an App with the permission can', async () => {
  await copy.git('checkout', '-q', '-B', 'ci', 'origin/main')
  await commit('.github/workflows/x.yml', 'on: push\n')
  const job = it.github.jobToken(REPO, { contents: 'write' })
  const said = await copy.refused('push', url(job), 'HEAD:refs/heads/ci')
  expect(said).toContain(
    'refusing to allow a GitHub App to create or update workflow `.github/workflows/x.yml` without `workflows` permission',
  )
  expect(said).toContain('remote rejected')
  const able = it.github.jobToken(REPO, { contents: 'write', workflows: 'write' })
  await copy.git('push', '-q', url(able), 'HEAD:refs/heads/ci')
  // The commit is there by now: a branch that only contains it brings nothing new.
  await copy.git('push', '-q', url(job), 'HEAD:refs/heads/ci-too')
})

test('an atomic push is refused as a whole', async () => {
  await commit('.github/workflows/y.yml', 'on: push\n')
  const job = it.github.jobToken(REPO, { contents: 'write' })
  await copy.refused('push', '--atomic', url(job), 'HEAD:refs/heads/y', 'origin/main:refs/heads/fine')
  expect(await copy.git('ls-remote', 'origin', 'refs/heads/fine')).toBe('')
})

test('a protected branch takes no push without its checks, and takes it with them', async () => {
  await copy.git('checkout', '-q', '-B', 'main', 'origin/main')
  const sha = await commit('e.txt', 'e\n')
  it.github.protectBranch(REPO, 'main', { requiredChecks: [{ context: 'CI', appId: it.app.id }] })
  const said = await copy.refused('push', 'origin', 'main')
  expect(said).toContain('GH006: Protected branch update failed for refs/heads/main.')
  expect(said).toContain('Required status check "CI" is expected.')
  await copy.git('push', '-q', 'origin', 'HEAD:refs/heads/staged')
  // A status of the same name is not the App's check.
  await it.api(it.tokens.alice, 'POST', `/repos/${REPO}/statuses/${sha}`, { state: 'success', context: 'CI' })
  await copy.refused('push', 'origin', 'main')
  const patch = { sha, force: false }
  expect((await it.api(it.tokens.alice, 'PATCH', `/repos/${REPO}/git/refs/heads/main`, patch)).status).toBe(
    422,
  )
  await it.api(it.installation, 'POST', `/repos/${REPO}/check-runs`, {
    name: 'CI',
    head_sha: sha,
    conclusion: 'success',
  })
  await copy.git('push', '-q', 'origin', 'main')
  it.github.protectBranch(REPO, 'main', {})
  const back = await copy.git('rev-parse', 'HEAD~1')
  expect(await copy.refused('push', '-f', 'origin', `${back}:main`)).toContain(
    'Cannot force-push to this branch',
  )
  const forced = { sha: back, force: true }
  expect((await it.api(it.tokens.alice, 'PATCH', `/repos/${REPO}/git/refs/heads/main`, forced)).status).toBe(
    422,
  )
  it.github.protectBranch(REPO, 'ci', {})
  expect(await copy.refused('push', 'origin', ':ci')).toContain('Cannot delete a protected branch')
  expect(await copy.refused('push', 'origin', ':main')).toContain('refusing to delete the current branch')
})

test('deleting the head closes the pull request', async () => {
  await copy.git('push', '-q', 'origin', ':topic')
  await it.github.idle()
  expect(it.hook.names()).toEqual(['push', 'delete', 'pull_request.closed'])
  expect(it.hook.last('pull_request', 'closed')).toMatchObject({
    pull_request: { merged: false, state: 'closed' },
  })
})

test('a fork is opened as a pull request of its owner, and its commits can be fetched from the base', async () => {
  const forked = await it.api(it.tokens.carol, 'POST', `/repos/${REPO}/forks`, {})
  expect(forked.body).toMatchObject({ full_name: 'carol/app', fork: true, parent: { full_name: REPO } })
  await copy.git('checkout', '-q', '-B', 'idea', 'origin/main')
  const sha = await commit('f.txt', 'f\n')
  await copy.git('push', '-q', it.github.cloneUrl('carol/app', it.tokens.carol), 'idea')
  const input = { title: 'Idea', head: 'carol:idea', base: 'main' }
  const opened = await it.api(it.tokens.carol, 'POST', `/repos/${REPO}/pulls`, input)
  expect(opened.body).toMatchObject({ head: { sha, repo: { full_name: 'carol/app' } }, changed_files: 1 })
  const number = Number(pick(opened.body, 'number'))
  expect((await copy.git('ls-remote', 'origin', `refs/pull/${number}/head`)).slice(0, 40)).toBe(sha)
  const own = { title: 'Own', head: 'main', base: 'ci' }
  expect((await it.api(it.tokens.carol, 'POST', `/repos/${REPO}/pulls`, own)).status).toBe(403)
})

test('a private repository does not exist for those who may not read it', async () => {
  await it.github.createRepository({ owner: 'acme', name: 'secret', private: true })
  it.github.setRole('acme/secret', 'carol', 'read')
  expect((await it.api(it.tokens.mallory, 'GET', '/repos/acme/secret')).status).toBe(404)
  expect((await it.api(it.installation, 'GET', '/repos/acme/secret')).status).toBe(404)
  expect((await it.api(undefined, 'GET', '/repos/acme/secret')).status).toBe(404)
  expect((await it.api(it.tokens.carol, 'GET', '/repos/acme/secret')).status).toBe(200)
  const remote = (token: string): string => it.github.cloneUrl('acme/secret', token)
  expect(await copy.git('ls-remote', remote(it.tokens.carol))).toContain('refs/heads/main')
  expect(await copy.refused('ls-remote', remote(it.tokens.mallory))).toContain('not found')
})
