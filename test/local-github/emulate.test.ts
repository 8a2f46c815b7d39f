/** `emulate` 0.12.2 on its own: what it gets wrong, and why those routes are ours. A fixed one would show here. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createEmulator, type Emulator } from 'emulate'
import { pick, REPO, stage, type Stage } from './support.ts'

let it: Stage
let bare: Emulator

beforeAll(async () => {
  it = await stage()
  bare = await createEmulator({
    service: 'github',
    port: 0,
    hostname: '127.0.0.1',
    seed: {
      tokens: { owner: { login: 'owner', scopes: ['repo'] }, other: { login: 'other', scopes: ['repo'] } },
      github: {
        users: [{ login: 'owner' }, { login: 'other' }],
        repos: [{ owner: 'owner', name: 'app', auto_init: true }],
      },
    },
  })
  const head = pick(await ask('owner', 'GET', '/repos/owner/app/git/ref/heads/main'), 'body.object.sha')
  await ask('owner', 'POST', '/repos/owner/app/git/refs', { ref: 'refs/heads/topic', sha: head })
  const file = { message: 'm', content: 'eA==', branch: 'topic' }
  await ask('owner', 'PUT', '/repos/owner/app/contents/a.txt', file)
  await ask('owner', 'POST', '/repos/owner/app/pulls', { title: 't', head: 'topic', base: 'main' })
})
afterAll(async () => {
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

test('underneath ours, it answers what we have no route for, behind our rights', async () => {
  const milestones = `/repos/${REPO}/milestones`
  expect(await it.api(it.tokens.alice, 'POST', milestones, { title: 'First' })).toMatchObject({ status: 201 })
  expect((await it.api(undefined, 'GET', milestones)).body).toMatchObject([{ title: 'First' }])
  expect((await it.api(it.tokens.carol, 'POST', milestones, { title: 'No' })).status).toBe(403)
  expect((await it.api(it.installation, 'POST', milestones, { title: 'No' })).status).toBe(403)
  expect((await it.api(it.tokens.alice, 'GET', `/repos/${REPO}/no-such-thing`)).status).toBe(404)
})
