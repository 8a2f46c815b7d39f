import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startLocalGitHub } from '../local-github/start.ts'
import type { LocalGitHub } from '../local-github/types.ts'
import { packageRoot, run } from './support/cli.ts'

let github: LocalGitHub
let token: string
beforeAll(async () => {
  github = await startLocalGitHub()
  token = (await github.addUser('alice')).token
  await github.createRepository({ owner: 'alice', name: 'app', files: { 'README.md': '# App\n' } })
})
afterAll(() => github.close())

const script = join(packageRoot, 'scripts', 'verify-github')
const verify = (args: string[], env: Record<string, string>) =>
  run(process.execPath, [join(script, 'main.mjs'), ...args], {
    cwd: packageRoot,
    env: { PATH: process.env['PATH'] ?? '', ...env },
  })

test('every behaviour that can be tried holds here, and nothing is left behind', async () => {
  const before = await refs()
  const env = { GITHUB_TOKEN: token, GITHUB_API_URL: github.url, GITHUB_SERVER_URL: github.url }
  const tried = await verify(['alice/app'], env)
  expect(tried).toMatchObject({ code: 0, stderr: '' })
  expect(tried.stdout).toMatch(/^holds {6}custom-refs /m)
  expect(tried.stdout).toMatch(/\n\d\d hold, 0 differ, \d+ not tried, on http/)
  expect(tried.stdout).not.toContain(token)
  expect(await refs()).toBe(before)
}, 60_000)

test('what GitHub does otherwise is told, with what was seen', async () => {
  github.faults.respond = ({ method, path }) =>
    method === 'POST' && path.endsWith('/reactions') ? { status: 201, body: { id: 1 } } : undefined
  const env = { GITHUB_TOKEN: token, GITHUB_API_URL: github.url, GITHUB_SERVER_URL: github.url }
  const tried = await verify(['alice/app'], env)
  delete github.faults.respond
  expect(tried.code).toBe(1)
  expect(tried.stdout).toMatch(/^DIFFERS {4}reaction-once +statuses: 201, 201, and we rely on 201, 200$/m)
}, 60_000)

test('asks for repository and token in one go', async () => {
  expect(await verify([], {})).toMatchObject({
    code: 2,
    stderr: `error: "" names no repository.
  hint: npm run verify-github -- OWNER/REPO
error: There is no token.
  hint: GITHUB_TOKEN=$(gh auth token) npm run verify-github -- OWNER/REPO
`,
  })
})

test('the page is made from the list, and every test that it names is there', async () => {
  const page = await readFile(join(packageRoot, 'docs', 'assumptions.md'), 'utf8')
  const made = await run(process.execPath, [join(script, 'document.mjs'), '--print'], { cwd: packageRoot })
  expect(page).toBe(made.stdout)
  const named = [...page.matchAll(/\]\(\.\.\/([^)]+)\)/g)].map(([, path = '']) => path)
  expect(named.filter((path) => !existsSync(join(packageRoot, path)))).toEqual([])
  expect(named.length).toBeGreaterThan(10)
})

/** Refs that stay are refs of the repository itself, without GitHub's own of pull requests. */
async function refs(): Promise<string> {
  const { stdout } = await run('git', ['ls-remote', github.cloneUrl('alice/app', token)], {
    cwd: packageRoot,
  })
  return stdout
    .split('\n')
    .filter((line) => !line.includes('refs/pull/'))
    .join('\n')
}
