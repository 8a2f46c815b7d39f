/** What a caller has asked and may still ask, and what it has already. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { REPO, stage, type Answer, type Stage } from './support.ts'

let it: Stage
beforeAll(async () => {
  it = await stage()
})
afterAll(() => it.close())

const left = ({ headers }: Answer): number => Number(headers.get('x-ratelimit-remaining'))
const get = (token: string, where: string): Promise<Answer> => it.api(token, 'GET', where)

test('each request counts down, each caller and resource for itself', async () => {
  const { alice, bob } = it.tokens
  const first = await get(bob, `/repos/${REPO}`)
  expect(first.headers.get('x-ratelimit-limit')).toBe('5000')
  expect(Number(first.headers.get('x-ratelimit-reset')) * 1000).toBeGreaterThan(Date.now())
  expect(left(await get(bob, '/user'))).toBe(left(first) - 1)
  const before = left(await get(alice, '/user'))
  await get(bob, '/user')
  await it.graphql(alice, '{viewer{login}}')
  expect(left(await get(alice, '/user'))).toBe(before - 1)
  // To ask for one's limits costs nothing.
  const told = await get(alice, '/rate_limit')
  expect(told.body).toMatchObject({
    resources: { core: { remaining: before - 1 }, graphql: { remaining: 4999, used: 1 } },
  })
  expect(left(told)).toBe(before - 1)
  expect((await it.api(undefined, 'GET', '/users/bob')).headers.get('x-ratelimit-limit')).toBe('60')
  const job = it.github.jobToken(REPO, { contents: 'read' })
  expect((await get(job, `/repos/${REPO}`)).headers.get('x-ratelimit-limit')).toBe('1000')
})

test('what a caller has already comes as 304, and costs nothing, until it changes', async () => {
  const where = `${it.github.url}/repos/${REPO}/labels`
  const headers = { authorization: `Bearer ${it.tokens.alice}` }
  const first = await fetch(where, { headers })
  const etag = first.headers.get('etag') ?? ''
  expect(etag).toMatch(/^W\/"[0-9a-f]{64}"$/)
  const ask = (): Promise<Response> => fetch(where, { headers: { ...headers, 'if-none-match': etag } })
  const again = await ask()
  expect([again.status, await again.text()]).toEqual([304, ''])
  expect(again.headers.get('x-ratelimit-used')).toBe(first.headers.get('x-ratelimit-used'))
  await it.api(it.tokens.alice, 'POST', `/repos/${REPO}/labels`, { name: 'new', color: 'ededed' })
  expect((await ask()).status).toBe(200)
})

test('who has asked too much in an hour is refused, and others are not', async () => {
  await get(it.tokens.carol, '/user')
  it.github.faults.requestsPerHour = 2
  try {
    expect((await get(it.tokens.carol, '/user')).status).toBe(200)
    const refused = await get(it.tokens.carol, '/user')
    expect(refused).toMatchObject({ status: 403, body: { message: 'API rate limit exceeded for carol.' } })
    expect(left(refused)).toBe(0)
    expect((await get(it.tokens.carol, '/rate_limit')).status).toBe(200)
    expect((await get(it.tokens.mallory, '/user')).status).toBe(200)
  } finally {
    delete it.github.faults.requestsPerHour
  }
})
