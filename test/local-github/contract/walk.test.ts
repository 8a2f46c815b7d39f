/** Every answer and webhook of a walk through the local GitHub, held against what GitHub publishes. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { stage, type Stage } from '../support.ts'
import { Listener } from './published.ts'
import { walk } from './walk.ts'

const listener = new Listener()
let it: Stage
beforeAll(async () => {
  it = await stage({ onAnswer: (answer) => listener.hear(answer) })
})
afterAll(() => it.close())

test('what the product asks is answered as GitHub describes, but for the known differences', async () => {
  await walk(it)
  listener.hearWebhooks(it.github.deliveries)
  expect(listener.differences).toEqual([])
  expect(listener.gone).toEqual([])
  expect(listener.answers).toBeGreaterThan(90)
}, 120_000)

test('an answer that is not as described is noticed', () => {
  const other = new Listener()
  other.hear({ method: 'GET', path: '/users/bob', status: 200, body: { login: 7 } })
  other.hear({ method: 'GET', path: '/users/bob', status: 418, body: {} })
  other.hear({ method: 'GET', path: '/no/such/route', status: 200, body: {} })
  expect(other.differences).toEqual(
    expect.arrayContaining([
      "GET /users/{username} 200:  must have required property 'id'",
      'GET /users/{username} 200: /login must be string',
      'GET /users/{username} 418: is no status that is documented',
      'GET /no/such/route: is no route that is described',
    ]),
  )
})
