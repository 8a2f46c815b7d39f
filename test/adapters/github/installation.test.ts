import { getOctokit } from '@actions/github'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Octokit as RestOctokit } from '@octokit/rest'
import { ProbotOctokit } from 'probot'

import { createClient, createInstallationClients } from '../../../src/adapters/github/installation.ts'
import type { Octokit } from '../../../src/adapters/github/octokit.ts'
import { apiUrl, serverUrl } from '../../../src/adapters/github/server-urls.ts'
import { ScriptedServer } from './scripted-server.ts'

let server: ScriptedServer
beforeAll(async () => {
  server = await ScriptedServer.start()
})
afterAll(() => server.close())

const NOW = Date.UTC(2026, 0, 1)
const token = (name: string, minutes: number) => ({
  status: 201,
  body: { token: name, expires_at: new Date(NOW + minutes * 60_000).toISOString() },
})
const fine = { status: 200, body: {} }
const asked = () => server.asked.map(({ method, path }) => `${method} ${path}`)

const client = async (clock = { now: () => NOW }): Promise<Octokit> => {
  const app = createClient({ apiUrl: server.url, token: 'jwt' })
  return createInstallationClients({ app, apiUrl: server.url, clock }).auth(42)
}

describe('a client of an installation', () => {
  test('asks for its token at the server that it is for, once for requests that start together', async () => {
    server.says(token('one', 60), fine)
    const octokit = await client()
    expect(server.asked).toEqual([])
    await Promise.all([octokit.request('GET /a'), octokit.request('GET /b'), octokit.request('GET /c')])
    expect(asked()).toEqual(['POST /app/installations/42/access_tokens', 'GET /a', 'GET /b', 'GET /c'])
  })

  test('asks for another token before the old one ends', async () => {
    let now = NOW
    server.says(token('one', 60), fine, token('two', 120), fine)
    const octokit = await client({ now: () => now })
    await octokit.request('GET /a')
    now += 56 * 60_000
    await Promise.all([octokit.request('GET /b'), octokit.request('GET /c')])
    expect(asked().filter((line) => line.startsWith('POST'))).toHaveLength(2)
    expect(server.asked).toHaveLength(5)
  })

  test('asks for another token where the old one was revoked, once', async () => {
    const revoked = { status: 401, body: { message: 'Bad credentials' } }
    server.says(token('one', 60), fine, revoked, token('two', 60), fine)
    const octokit = await client()
    await octokit.request('GET /a')
    await octokit.request('GET /b')
    expect(server.asked).toHaveLength(5)
    server.says(token('one', 60), revoked)
    await expect((await client()).request('GET /a')).rejects.toMatchObject({ status: 401 })
    expect(server.asked).toHaveLength(2)
  })

  test('tries again after a token that could not be had', async () => {
    server.says({ status: 500, body: { message: 'no' } }, token('one', 60), fine)
    const octokit = await client()
    await expect(octokit.request('GET /a')).rejects.toMatchObject({ status: 500 })
    await expect(octokit.request('GET /a')).resolves.toMatchObject({ status: 200 })
  })
})

describe('addresses', () => {
  test.each([
    ['https://github.com', 'https://api.github.com'],
    ['https://octo.ghe.com', 'https://api.octo.ghe.com'],
    ['https://git.example.org', 'https://git.example.org/api/v3'],
    ['https://git.example.org:8443', 'https://git.example.org:8443/api/v3'],
    ['http://127.0.0.1:4010', 'http://127.0.0.1:4010'],
  ])('of %s and its API follow from each other', (web, api) => {
    expect(apiUrl(web)).toBe(api)
    expect(serverUrl(api)).toBe(web)
  })

  test('of GraphQL beside an Enterprise Server are at /api/graphql, else at /graphql', async () => {
    server.says({ status: 200, body: { data: {} } })
    await createClient({ apiUrl: `${server.url}/api/v3`, token: 't' }).graphql('{ viewer { login } }')
    await createClient({ apiUrl: server.url, token: 't' }).graphql('{ viewer { login } }')
    expect(asked()).toEqual(['POST /api/graphql', 'POST /graphql'])
  })
})

test("octokits of Probot, of @octokit/rest and of the Action's toolkit all fit", async () => {
  server.says(fine)
  const baseUrl = server.url
  const octokits: Octokit[] = [
    new RestOctokit({ baseUrl }),
    new ProbotOctokit({ baseUrl, throttle: { enabled: false }, auth: { token: 't' } }),
    getOctokit('t', { baseUrl }),
  ]
  for (const octokit of octokits) {
    expect(await octokit.request('GET /a', { request: { retries: 0 } })).toMatchObject({ status: 200 })
  }
})
