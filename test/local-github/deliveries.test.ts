import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { pick, REPO, stage, type Stage } from './support.ts'

let it: Stage
beforeAll(async () => {
  it = await stage()
  await it.api(it.tokens.bob, 'POST', `/repos/${REPO}/issues`, { title: 'Talk' })
})
afterAll(() => it.close())
beforeEach(async () => {
  await it.github.idle()
  it.hook.clear()
  for (const key of Object.keys(it.github.faults)) Reflect.deleteProperty(it.github.faults, key)
})

const say = (body: string) => it.api(it.tokens.bob, 'POST', `/repos/${REPO}/issues/1/comments`, { body })
const heard = (): unknown[] => it.hook.received.map(({ body }) => pick(body, 'comment.body'))

test('a delivery is signed and says what and whose it is', async () => {
  await say('one')
  await it.github.idle()
  const [received] = it.hook.received
  const signature = createHmac('sha256', it.app.webhookSecret)
    .update(received?.raw ?? '')
    .digest('hex')
  expect(received?.headers).toMatchObject({
    'x-github-event': 'issue_comment',
    'x-hub-signature-256': `sha256=${signature}`,
    'x-github-hook-installation-target-id': String(it.app.id),
    'x-github-hook-installation-target-type': 'integration',
  })
  expect(received?.headers['x-github-delivery']).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  expect(received?.body).toMatchObject({
    action: 'created',
    installation: {},
    organization: { login: 'acme' },
  })
})

test('deliveries keep their order while the App is slow', async () => {
  it.hook.answer = () => new Promise((resolve) => setImmediate(() => resolve(200)))
  for (const word of ['one', 'two', 'three', 'four']) await say(word)
  await it.github.idle()
  expect(heard()).toEqual(['one', 'two', 'three', 'four'])
})

test('a delivery that failed is not sent again by itself, and keeps its id when it is', async () => {
  it.hook.answer = () => 500
  await say('lost')
  await it.github.idle()
  it.hook.answer = () => 200
  const delivery = it.github.deliveries.at(-1)
  expect(delivery?.attempts.map(({ status }) => status)).toEqual([500])
  await it.github.redeliver(delivery?.id ?? '')
  expect(delivery?.attempts.map(({ status }) => status)).toEqual([500, 200])
  expect(new Set(it.hook.received.map(({ headers }) => headers['x-github-delivery'])).size).toBe(1)
})

test('deliveries can be dropped, doubled, and held back to come in another order', async () => {
  it.github.faults.dropDelivery = ({ payload }) => pick(payload, 'comment.body') === 'dropped'
  it.github.faults.duplicateDelivery = ({ payload }) => pick(payload, 'comment.body') === 'twice'
  for (const word of ['dropped', 'twice']) await say(word)
  await it.github.idle()
  expect(heard()).toEqual(['twice', 'twice'])
  it.hook.clear()
  it.github.faults.holdDeliveries = true
  for (const word of ['one', 'two', 'three']) await say(word)
  await it.github.idle()
  expect(heard()).toEqual([])
  it.github.faults.holdDeliveries = false
  await it.github.releaseDeliveries((held) => held.reverse())
  expect(heard()).toEqual(['three', 'two', 'one'])
})

test('a request can be answered by a fault, before or after its work', async () => {
  let left = 1
  it.github.faults.respond = ({ method, as }) =>
    method === 'POST' && as === 'bob' && left-- > 0
      ? { status: 429, headers: { 'retry-after': '1' } }
      : undefined
  const refused = await say('never')
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])
  it.github.faults.respond = ({ method }) => (method === 'POST' ? { status: 502, after: true } : undefined)
  expect((await say('done all the same')).status).toBe(502)
  await it.github.idle()
  expect(heard()).toEqual(['done all the same'])
})

test('every request is written down with who asked and how long it took', async () => {
  it.github.faults.latencyMs = 30
  await it.graphql(it.tokens.alice, 'query Who { viewer { login } }')
  const request = it.github.requests.at(-1)
  expect(request).toMatchObject({
    method: 'POST',
    path: '/graphql',
    operation: 'Who',
    status: 200,
    as: 'alice',
  })
  expect((request?.to ?? 0) - (request?.from ?? 0)).toBeGreaterThanOrEqual(29)
})

test('an event that the server does not raise itself can be raised', async () => {
  await it.github.raise(REPO, 'merge_group', { action: 'checks_requested', merge_group: { head_sha: 'x' } })
  expect(it.hook.last('merge_group', 'checks_requested')).toMatchObject({
    merge_group: { head_sha: 'x' },
    repository: { full_name: REPO },
  })
})

test('an App hears of its installation and of further repositories', async () => {
  await it.github.createRepository({ owner: 'acme', name: 'more' })
  await it.github.installApp(it.app.id, 'acme/more')
  await it.github.idle()
  expect(it.hook.last('installation_repositories', 'added')).toMatchObject({
    repositories_added: [{ full_name: 'acme/more' }],
  })
})
