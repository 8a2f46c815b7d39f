import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { jwt, pick, REPO, stage, type Stage } from './support.ts'

let it: Stage
beforeAll(async () => {
  it = await stage()
})
afterAll(() => it.close())

const status = async (
  token: string | undefined,
  method: string,
  where: string,
  body?: unknown,
): Promise<number> => (await it.api(token, method, where, body)).status

test('an unknown token is nobody, never somebody else', async () => {
  expect(await it.api('ghp_unknown', 'GET', `/repos/${REPO}`)).toMatchObject({
    status: 401,
    body: { message: 'Bad credentials' },
  })
  expect(await status('ghp_unknown', 'POST', '/graphql', { query: '{viewer{login}}' })).toBe(401)
})

test('an App proves itself by a JWT that its key signed, for ten minutes at most', async () => {
  expect((await it.api(jwt(it.app), 'GET', '/app')).body).toMatchObject({ id: it.app.id, slug: 'plan-gate' })
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  const now = Math.floor(Date.now() / 1000)
  expect(await status(jwt({ ...it.app, privateKey }), 'GET', '/app')).toBe(401)
  expect(await status(jwt(it.app, { exp: now - 1 }), 'GET', '/app')).toBe(401)
  expect(await status(jwt(it.app, { exp: now + 3600 }), 'GET', '/app')).toBe(401)
  expect(await status(it.installation, 'GET', '/app')).toBe(401)
})

test('an installation token can be made for less than the App may do, never for more', async () => {
  const installation = (await it.api(jwt(it.app), 'GET', `/repos/${REPO}/installation`)).body
  const where = `/app/installations/${String(pick(installation, 'id'))}/access_tokens`
  const less = await it.api(jwt(it.app), 'POST', where, {
    permissions: { contents: 'read' },
    repositories: ['app'],
  })
  expect(less).toMatchObject({ status: 201, body: { permissions: { contents: 'read', metadata: 'read' } } })
  const token = String(pick(less.body, 'token'))
  expect(await status(token, 'GET', `/repos/${REPO}/contents/README.md`)).toBe(200)
  expect(
    await it.api(token, 'POST', `/repos/${REPO}/git/refs`, { ref: 'refs/heads/x', sha: 'x' }),
  ).toMatchObject({
    status: 403,
    body: { message: 'Resource not accessible by integration' },
  })
  expect(await status(jwt(it.app), 'POST', where, { permissions: { packages: 'write' } })).toBe(422)
  expect(await status(jwt(it.app), 'POST', where, { repositories: ['other'] })).toBe(422)
  await it.api(token, 'DELETE', '/installation/token')
  expect(await status(token, 'GET', `/repos/${REPO}`)).toBe(401)
})

test("a job's token does what its permissions say, in its repository, until it is revoked", async () => {
  await it.github.createRepository({ owner: 'acme', name: 'other' })
  const token = it.github.jobToken(REPO, { issues: 'write', checks: 'write' })
  await it.api(it.tokens.bob, 'POST', `/repos/${REPO}/issues`, { title: 'Talk' })
  const comment = await it.api(token, 'POST', `/repos/${REPO}/issues/1/comments`, { body: 'hello' })
  expect(comment.body).toMatchObject({ user: { login: 'github-actions[bot]', type: 'Bot' } })
  expect(await status(token, 'POST', `/repos/${REPO}/dispatches`, { event_type: 'x' })).toBe(403)
  expect(await status(token, 'POST', '/repos/acme/other/issues', { title: 'x' })).toBe(403)
  expect(await it.graphql(token, '{ viewer { login } }')).toEqual({
    data: { viewer: { login: 'github-actions[bot]' } },
  })
  it.github.revokeToken(token)
  expect(await status(token, 'GET', `/repos/${REPO}`)).toBe(401)
})

test('a role is told by both of its names', async () => {
  it.github.setRole(REPO, 'mallory', 'maintain')
  const role = async (login: string): Promise<unknown> =>
    (await it.api(it.installation, 'GET', `/repos/${REPO}/collaborators/${login}/permission`)).body
  expect(await role('alice')).toMatchObject({ permission: 'admin', role_name: 'admin' })
  expect(await role('mallory')).toMatchObject({ permission: 'write', role_name: 'maintain' })
  expect(await role('carol')).toMatchObject({ permission: 'read', role_name: 'read' })
  expect(
    (await it.api(it.installation, 'GET', `/repos/${REPO}/collaborators/nobody/permission`)).status,
  ).toBe(404)
})

test('labels want triage, checks want an App', async () => {
  const labels = `/repos/${REPO}/issues/1/labels`
  expect(await status(it.tokens.carol, 'POST', labels, { labels: ['x'] })).toBe(403)
  it.github.setRole(REPO, 'carol', 'triage')
  expect(await status(it.tokens.carol, 'POST', labels, { labels: ['x'] })).toBe(200)
  const check = { name: 'x', head_sha: '0'.repeat(40) }
  expect((await it.api(it.tokens.alice, 'POST', `/repos/${REPO}/check-runs`, check)).body).toMatchObject({
    message: 'You must authenticate via a GitHub App.',
  })
})
