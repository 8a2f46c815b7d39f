/** `emulate` 0.12.2 on its own: what it gets wrong, and why those routes are ours. A fixed one would show here. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { generateKeyPairSync } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { createEmulator, type Emulator } from 'emulate'
import { packageDirectory } from '../../local-github/state/package-directory.ts'
import { Hook, pick, REPO, stage, type Stage } from './support.ts'

const REPOSITORY = '/repos/owner/app'
let it: Stage
let bare: Emulator
/** Takes the webhooks of an App that is installed there. */
const hook = new Hook()

beforeAll(async () => {
  it = await stage()
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  bare = await createEmulator({
    service: 'github',
    port: 0,
    hostname: '127.0.0.1',
    seed: {
      tokens: { owner: { login: 'owner', scopes: ['repo'] }, other: { login: 'other', scopes: ['repo'] } },
      github: {
        users: [{ login: 'owner' }, { login: 'other' }],
        repos: [{ owner: 'owner', name: 'app', auto_init: true }],
        apps: [
          {
            ...{ app_id: 5, slug: 'gate', name: 'Gate', events: ['*'], webhook_url: await hook.listen() },
            private_key: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
            permissions: { contents: 'write' },
            installations: [{ installation_id: 6, account: 'owner' }],
          },
        ],
      },
    },
  })
  await openPull('topic', 'a.txt')
})
afterAll(async () => {
  hook.close()
  await bare.close()
  await it.close()
})

async function ask(
  token: string,
  method: string,
  where: string,
  body?: unknown,
): Promise<{ status: number; body: unknown }> {
  const port = new URL(bare.url).port
  const answer = await fetch(`http://127.0.0.1:${port}${where}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) }
}

const headOf = async (branch: string): Promise<unknown> =>
  pick(await ask('owner', 'GET', `${REPOSITORY}/git/ref/heads/${branch}`), 'body.object.sha')

const write = (branch: string, file: string, content: string, sha?: unknown): ReturnType<typeof ask> =>
  ask('owner', 'PUT', `${REPOSITORY}/contents/${file}`, {
    ...{ message: 'm', content: Buffer.from(content).toString('base64'), branch },
    ...(sha === undefined ? {} : { sha }),
  })

/** A pull request of a branch with one file more; its number. */
async function openPull(branch: string, file: string): Promise<unknown> {
  await ask('owner', 'POST', `${REPOSITORY}/git/refs`, {
    ref: `refs/heads/${branch}`,
    sha: await headOf('main'),
  })
  await write(branch, file, `${branch}\n`)
  const pull = { title: 't', head: branch, base: 'main' }
  return pick(await ask('owner', 'POST', `${REPOSITORY}/pulls`, pull), 'body.number')
}

test('it takes an unknown token for the first user', async () => {
  expect((await ask('unheard-of', 'GET', '/user')).status).toBe(200)
})

test('it lists no files of a pull request', async () => {
  expect((await ask('owner', 'GET', '/repos/owner/app/pulls/1/files')).body).toEqual([])
})

test('it lets anybody merge', async () => {
  expect((await ask('other', 'PUT', '/repos/owner/app/pulls/1/merge', {})).status).toBe(200)
})

test('its check runs lose earlier annotations', async () => {
  const sha = pick(await ask('owner', 'GET', '/repos/owner/app/git/ref/heads/main'), 'body.object.sha')
  const output = (message: string) => ({
    title: 't',
    summary: 's',
    annotations: [{ path: 'a', start_line: 1, end_line: 1, annotation_level: 'notice', message }],
  })
  const where = '/repos/owner/app/check-runs'
  const made = await ask('owner', 'POST', where, { name: 'n', head_sha: sha, output: output('one') })
  const id = String(pick(made, 'body.id'))
  await ask('owner', 'PATCH', `${where}/${id}`, { output: output('two') })
  expect(await ask('owner', 'GET', `${where}/${id}/annotations`)).toMatchObject({
    body: { total_count: 1, check_annotations: [{ message: 'two' }] },
  })
})

test('it has no GraphQL, no statuses, no reactions', async () => {
  expect((await ask('owner', 'POST', '/graphql', { query: '{viewer{login}}' })).status).toBe(404)
  expect((await ask('owner', 'POST', '/repos/owner/app/statuses/main', { state: 'success' })).status).toBe(
    404,
  )
  expect(
    (await ask('owner', 'POST', '/repos/owner/app/issues/comments/1/reactions', { content: 'eyes' })).status,
  ).toBe(404)
})

test('it has neither repository_dispatch nor rulesets', async () => {
  const dispatch = { event_type: 'go' }
  expect((await ask('owner', 'POST', `${REPOSITORY}/dispatches`, dispatch)).status).toBe(404)
  expect((await ask('owner', 'GET', `${REPOSITORY}/rules/branches/main`)).status).toBe(404)
})

test('its merges lose what the base got in the meantime', async () => {
  const number = await openPull('late', 'late.txt')
  await write('main', 'meanwhile.txt', 'x')
  expect((await ask('owner', 'GET', `${REPOSITORY}/contents/meanwhile.txt`)).status).toBe(200)
  expect((await ask('owner', 'PUT', `${REPOSITORY}/pulls/${String(number)}/merge`, {})).status).toBe(200)
  expect((await ask('owner', 'GET', `${REPOSITORY}/contents/late.txt`)).status).toBe(200)
  expect((await ask('owner', 'GET', `${REPOSITORY}/contents/meanwhile.txt`)).status).toBe(404)
})

test('it sees no conflict, and merges over it', async () => {
  const number = await openPull('mine', 'same.txt')
  await write('main', 'same.txt', 'theirs\n')
  const where = `${REPOSITORY}/pulls/${String(number)}`
  expect((await ask('owner', 'GET', where)).body).not.toMatchObject({ mergeable: false })
  expect((await ask('owner', 'PUT', `${where}/merge`, {})).status).toBe(200)
  const content = String(pick(await ask('owner', 'GET', `${REPOSITORY}/contents/same.txt`), 'body.content'))
  expect(Buffer.from(content, 'base64').toString()).toBe('mine\n')
})

test('a label on a pull request is told as one on an issue, a push to it not at all', async () => {
  const number = await openPull('told', 'told.txt')
  hook.clear()
  await ask('owner', 'POST', `${REPOSITORY}/issues/${String(number)}/labels`, { labels: ['orchestrate'] })
  await write('told', 'more.txt', 'x')
  const after = await ask('owner', 'POST', `${REPOSITORY}/issues/${String(number)}/comments`, {
    body: 'done',
  })
  expect(after.status).toBe(201)
  const names = hook.names()
  expect(names).toContain('issues.labeled')
  expect(names).toContain('issue_comment.created')
  expect(names.filter((name) => name.startsWith('pull_request'))).toEqual([])
})

test('its ids of deliveries are the clock, so two at once have one', async () => {
  const before = Date.now()
  hook.clear()
  await ask('owner', 'POST', `${REPOSITORY}/issues`, { title: 'i' })
  const ids = hook.received.map(({ headers }) => Number(headers['x-github-delivery']))
  expect(ids.length).toBeGreaterThan(0)
  for (const id of ids) {
    expect(id).toBeGreaterThanOrEqual(before)
    expect(id).toBeLessThanOrEqual(Date.now())
  }
})

test('it names the permission of who may write `push`, where GitHub says `write`', async () => {
  const where = `${REPOSITORY}/collaborators/other`
  await ask('owner', 'PUT', where, { permission: 'push' })
  expect((await ask('owner', 'GET', `${where}/permission`)).body).toMatchObject({ permission: 'push' })
})

test('nothing of it raises a press on the button of a check', async () => {
  const dist = path.join(packageDirectory('emulate'), 'dist')
  const files = (await readdir(dist)).filter((file) => file.endsWith('.js'))
  const texts = await Promise.all(files.map((file) => readFile(path.join(dist, file), 'utf8')))
  expect(texts.some((text) => text.includes('check_run'))).toBe(true)
  expect(texts.filter((text) => text.includes('requested_action'))).toEqual([])
})

test('underneath ours, it answers what we have no route for, behind our rights', async () => {
  const milestones = `/repos/${REPO}/milestones`
  expect(await it.api(it.tokens.alice, 'POST', milestones, { title: 'First' })).toMatchObject({ status: 201 })
  expect((await it.api(undefined, 'GET', milestones)).body).toMatchObject([{ title: 'First' }])
  expect((await it.api(it.tokens.carol, 'POST', milestones, { title: 'No' })).status).toBe(403)
  expect((await it.api(it.installation, 'POST', milestones, { title: 'No' })).status).toBe(403)
  expect((await it.api(it.tokens.alice, 'GET', `/repos/${REPO}/no-such-thing`)).status).toBe(404)
})
