import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'

import type { Wait } from '../../../src/adapters/github/calls.ts'
import { createForge } from '../../../src/adapters/github/forge.ts'
import { createClient } from '../../../src/adapters/github/installation.ts'
import type { Forge } from '../../../src/core/forge.ts'
import { sha } from '../../../src/core/model/ids.ts'
import { type Next, ScriptedServer } from './scripted-server.ts'

const NOW = Date.UTC(2026, 0, 1)
const role: Next = { status: 200, body: { permission: 'write', role_name: 'maintain' } }

let server: ScriptedServer
let waits: Wait[]
let slept: number[]
let forge: Forge

beforeAll(async () => {
  server = await ScriptedServer.start()
})
afterAll(() => server.close())

beforeEach(() => {
  waits = []
  slept = []
  forge = createForge({
    octokit: createClient({ apiUrl: server.url, token: 'secret-token' }),
    owner: 'acme',
    repo: 'shop',
    serverUrl: server.url,
    me: { appId: 7, login: 'orchestrate[bot]' },
    clock: { now: () => NOW },
    sleep: (ms) => {
      slept.push(ms)
      return Promise.resolve()
    },
    onWait: (wait) => waits.push(wait),
  })
})

const limitedFor = (seconds: number): Next => ({
  status: 403,
  headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW / 1000 + seconds) },
  body: { message: 'API rate limit exceeded' },
})

describe('limits of requests', () => {
  test('are waited for as long as GitHub says, and told before', async () => {
    server.says(
      { status: 429, headers: { 'retry-after': '7' }, body: { message: 'Too many requests' } },
      role,
    )
    expect(await forge.role('mona')).toEqual({ ok: true, value: 'maintain' })
    expect(slept).toEqual([7000])
    expect(waits).toEqual([
      { reason: 'rate-limit', what: 'reading the role of mona', ms: 7000, message: 'Too many requests' },
    ])
  })

  test('count to their reset where there is no retry-after', async () => {
    server.says(limitedFor(30), role)
    expect(await forge.role('mona')).toMatchObject({ ok: true })
    expect(slept).toEqual([31_000])
  })

  test('are not waited for longer than the bound', async () => {
    server.says(limitedFor(3000), role)
    const got = await forge.role('mona')
    expect(got).toMatchObject({ ok: false, error: [{ reason: 'forge-rate-limited' }] })
    expect(got.ok ? '' : got.error[0]?.message).toContain('has to wait 3001 s')
    expect(slept).toEqual([])
    expect(server.asked).toHaveLength(1)
  })

  test('that never end are given up', async () => {
    server.says({ status: 429, headers: { 'retry-after': '0' }, body: { message: 'no' } })
    expect(await forge.role('mona')).toMatchObject({ ok: false, error: [{ reason: 'forge-rate-limited' }] })
    expect(server.asked.length).toBeLessThan(200)
  })

  test('of the secondary kind are waited for a minute where nothing is said', async () => {
    server.says({ status: 403, body: { message: 'You have exceeded a secondary rate limit.' } }, role)
    expect(await forge.role('mona')).toMatchObject({ ok: true })
    expect(waits.map(({ reason, ms }) => [reason, ms])).toEqual([['secondary-rate-limit', 60_000]])
  })

  test('are known in answers of GraphQL, which come with 200', async () => {
    const limit: Next = {
      status: 200,
      headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW / 1000 + 5) },
      body: { data: null, errors: [{ type: 'RATE_LIMITED', message: 'API rate limit exceeded' }] },
    }
    server.says(limit, { status: 200, body: { data: { repository: { own: null, branch: null } } } })
    expect(await forge.ledger('pr1-search')).toEqual({ ok: true, value: { entries: [], attempts: [] } })
    expect(slept).toEqual([6000])
  })
})

describe('a GitHub that does not answer', () => {
  test('is asked again after growing pauses, then given up', async () => {
    server.says({ status: 502, body: { message: 'Server Error' } })
    expect(await forge.role('mona')).toMatchObject({
      ok: false,
      error: [{ reason: 'forge-unavailable', message: expect.stringContaining('502 Server Error') }],
    })
    expect(server.asked).toHaveLength(4)
    expect(slept).toEqual([500, 1000, 2000])
    expect(waits.map(({ reason }) => reason)).toEqual(['unavailable', 'unavailable', 'unavailable'])
  })

  test('may break the connection', async () => {
    server.says('hang-up', role)
    expect(await forge.role('mona')).toMatchObject({ ok: true })
  })

  test('may send a page of a proxy', async () => {
    server.says({ status: 200, body: { hello: 'world' } })
    expect(await forge.role('mona')).toMatchObject({ ok: false, error: [{ reason: 'forge-unavailable' }] })
    expect(server.asked).toHaveLength(1)
  })

  test('may be slow: no request takes longer than its time', async () => {
    server.says('silence')
    const impatient = createForge({
      octokit: createClient({ apiUrl: server.url, token: 'secret-token' }),
      owner: 'acme',
      repo: 'shop',
      serverUrl: server.url,
      me: {},
      policy: { attempts: 2, pauseMs: 1, timeoutMs: 50 },
    })
    expect(await impatient.role('mona')).toMatchObject({
      ok: false,
      error: [{ reason: 'forge-unavailable' }],
    })
    expect(server.asked).toHaveLength(2)
  })
})

describe('a refusal', () => {
  const refused = async (next: Next) => {
    server.says(next)
    const got = await forge.dispatch('orchestrate.yml', 'main', {})
    expect(server.asked).toHaveLength(1)
    return got.ok ? undefined : got.error[0]
  }

  test('of a missing permission names it as GitHub does', async () => {
    const found = await refused({
      status: 403,
      headers: { 'x-accepted-github-permissions': 'actions=write' },
      body: { message: 'Resource not accessible by integration' },
    })
    expect(found).toMatchObject({
      reason: 'forge-refused',
      message: 'GitHub refused starting orchestrate.yml: 403 Resource not accessible by integration',
      hint: expect.stringContaining('actions: write'),
    })
  })

  test('names the permission that it takes where GitHub does not', async () => {
    const found = await refused({ status: 403, body: { message: 'Forbidden' } })
    expect(found?.hint).toContain('actions: write')
  })

  test('of what is not there says so', async () => {
    const found = await refused({ status: 404, body: { message: 'Not Found' } })
    expect(found?.hint).toContain('does not exist')
  })

  test('tells what GitHub found wrong', async () => {
    const body = { message: 'Validation Failed', errors: [{ field: 'ref', code: 'invalid' }, 'No ref found'] }
    const found = await refused({ status: 422, body })
    expect(found?.message).toContain('422 Validation Failed; field ref; No ref found')
  })

  test('never shows the token', async () => {
    const found = await refused({ status: 401, body: { message: 'Bad credentials' } })
    expect(JSON.stringify(found)).not.toContain('secret-token')
    expect(found?.hint).toContain('token')
  })
})

describe('a fault of ours', () => {
  test('is thrown, not taken for one of GitHub', async () => {
    const broken = createForge({
      octokit: {
        request: () => Promise.reject(new TypeError('x is not a function')),
        graphql: () => Promise.reject(new TypeError('x is not a function')),
      },
      owner: 'acme',
      repo: 'shop',
      serverUrl: server.url,
      me: {},
    })
    await expect(broken.role('mona')).rejects.toThrow('x is not a function')
    await expect(broken.files(sha('0'.repeat(40)), { dirs: ['a'], paths: [] })).rejects.toThrow(TypeError)
  })
})
