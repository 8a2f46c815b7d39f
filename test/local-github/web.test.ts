/** Pages for a person who looks around: what they show, and that texts of people stay texts. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { markdown } from '../../local-github/web/markdown.ts'
import { pick, pushBranch, REPO, stage, type Stage } from './support.ts'

let it: Stage
let head: string

beforeAll(async () => {
  it = await stage()
  head = await pushBranch(it, 'feature', { 'src/a.ts': 'export const a = "<script>"\n' })
  const { alice, bob } = it.tokens
  await it.api(bob, 'POST', `/repos/${REPO}/pulls`, {
    title: 'Count <b>things</b>',
    head: 'feature',
    base: 'main',
    body: '# A plan\n\n| Phase | Title |\n| --- | --- |\n| 1 | Money |\n',
  })
  await it.api(alice, 'POST', `/repos/${REPO}/issues/1/labels`, { labels: ['orchestrate'] })
  await it.api(alice, 'POST', `/repos/${REPO}/issues/1/comments`, {
    body: '<!-- secret marker -->\nBefore <script>alert(1)</script> <img src=x onerror=alert(1)>\n\n[go](javascript:alert(1))\n\n<details>\n<summary>More</summary>\n\n**bold**\n\n</details>',
  })
})
afterAll(() => it.close())

async function page(
  where: string,
  token?: string,
): Promise<{ status: number; text: string; headers: Headers }> {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const answer = await fetch(it.github.url + where, { headers: { accept: 'text/html', ...authorization } })
  return { status: answer.status, text: await answer.text(), headers: answer.headers }
}

/** What a browser would show, roughly: without tags and style. */
const read = (text: string): string =>
  text
    .replace(/<style>[\s\S]*?<\/style>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')

test('a pull request shows its text, its conversation, its checks, its commits and its files', async () => {
  const made = await it.api(it.installation, 'POST', `/repos/${REPO}/check-runs`, {
    name: 'Orchestrate',
    head_sha: head,
    conclusion: 'action_required',
    output: {
      title: 'Needs approval',
      summary: '**Three** phases',
      annotations: [
        { path: 'src/a.ts', start_line: 1, end_line: 1, annotation_level: 'warning', message: 'a < b' },
      ],
    },
    actions: [{ label: 'Approve', description: 'Run it', identifier: 'approve' }],
  })
  const { text, headers } = await page(`/${REPO}/pull/1`)
  expect(headers.get('content-type')).toBe('text/html; charset=utf-8')
  const said = read(text)
  for (const part of [
    'Count &lt;b&gt;things&lt;/b&gt; #1',
    'bob wants to merge feature',
    'orchestrate',
    'Orchestrate Needs approval',
    'Change feature',
    'modified src/a.ts +1 −1',
    'Merging: clean',
  ])
    expect(said).toContain(part)
  expect(text).toContain('<td>Money</td>')
  expect(text).toContain(`href="/${REPO}/commit/${head}"`)

  const check = await page(`/${REPO}/runs/${String(pick(made.body, 'id'))}`)
  expect(check.text).toContain('<strong>Three</strong> phases')
  expect(read(check.text)).toContain('a &lt; b')
  expect(read(check.text)).toContain('Approve Run it approve')
})

test('no text of a person becomes a tag, a script or a link that runs', async () => {
  const { text, headers } = await page(`/${REPO}/pull/1`)
  expect(headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(text).not.toMatch(/<script|<img|<b>things|javascript:|secret marker/i)
  expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
  expect(text).toMatch(/<details>\s*<summary>More<\/summary>\s*<p><strong>bold<\/strong><\/p>\s*<\/details>/)
})

test('a merge lists what it brought', async () => {
  const { alice, bob } = it.tokens
  await pushBranch(it, 'inner', { 'inner.txt': 'x\n' })
  await it.api(bob, 'POST', `/repos/${REPO}/pulls`, { title: 'I', head: 'inner', base: 'feature' })
  expect((await it.api(alice, 'PUT', `/repos/${REPO}/pulls/2/merge`, {})).status).toBe(200)
  const { text } = await page(`/${REPO}/pull/1`)
  expect(text).toMatch(/Merge pull request #2[\s\S]*<ul>\s*<li>[\s\S]*Change inner[\s\S]*<\/ul>/)
})

test('runs show their jobs, and jobs their steps, summary and log; what still moves is loaded again', async () => {
  const at = '2026-01-01T00:00:00Z'
  const run = {
    ...{ id: 77, repository: REPO, workflow: { id: 5, name: 'W', path: '.github/workflows/w.yml' } },
    ...{ event: 'push', displayTitle: 'Build <it>', headBranch: 'main', headSha: head, actor: 'alice' },
    ...{ conclusion: null, attempt: 1, createdAt: at, updatedAt: at },
  }
  const job = {
    id: 78,
    runId: 77,
    name: 'phase 1',
    startedAt: at,
    completedAt: null,
    conclusion: null,
    log: '',
  }
  it.github.actions.putRun({ ...run, status: 'in_progress' })
  it.github.actions.putJob({ ...job, status: 'in_progress' })
  expect((await page(`/${REPO}/actions/runs/77/job/78`)).text).toContain('http-equiv="refresh"')
  it.github.actions.putJob({
    ...{ ...job, status: 'completed', conclusion: 'success', completedAt: at, log: 'one\n<two>\n' },
    ...{ summary: '## Phase 1', steps: [{ number: 1, name: 'Check out', conclusion: 'success' }] },
  })
  it.github.actions.putRun({ ...run, status: 'completed', conclusion: 'success' })
  expect(read((await page(`/${REPO}/actions`)).text)).toContain('Build &lt;it&gt;')
  expect((await page(`/${REPO}/actions/runs/77`)).text).toContain(`/${REPO}/actions/runs/77/job/78`)
  const { text } = await page(`/${REPO}/actions/runs/77/job/78`)
  expect(text).not.toContain('http-equiv')
  expect(text).toContain('<h2>Phase 1</h2>')
  expect(text).toContain('one\n&lt;two&gt;')
  expect(read(text)).toContain('Check out')
})

test('commits and files are shown, what is not there is not found', async () => {
  const commit = await page(`/${REPO}/commit/${head}`)
  expect(commit.text).toMatch(
    /\n<span class="del">-export const a = 1<\/span>\n<span class="add">\+export const a = &quot;&lt;script&gt;&quot;<\/span>\n/,
  )
  const file = await page(`/${REPO}/blob/feature/src/a.ts`)
  expect(file.text).toMatch(/id="L1"[^\n]*export const a = &quot;&lt;script&gt;&quot;\n/)
  expect((await page('/')).text).toContain(`href="/${REPO}"`)
  expect(read((await page(`/${REPO}`)).text)).toContain('feature')
  for (const missing of ['pull/99', 'runs/99', 'actions/runs/99', 'commit/beef', 'blob/main/no.txt'])
    expect((await page(`/${REPO}/${missing}`)).status).toBe(404)
})

test('a private repository has pages only for those who may read it', async () => {
  const { alice, mallory } = it.tokens
  await it.github.createRepository({ owner: 'acme', name: 'hidden', private: true })
  it.github.setRole('acme/hidden', 'alice', 'read')
  expect((await page('/acme/hidden', alice)).status).toBe(200)
  expect((await page('/acme/hidden', mallory)).status).toBe(404)
  expect((await page('/acme/hidden')).status).toBe(404)
  expect((await page('/')).text).not.toContain('hidden')
})

describe('Markdown', () => {
  test.each([
    ['a comment is left out', 'a <!-- b\nc --> d', '<p>a \n d</p>'],
    ['a comment without end takes the rest', '<!-- a\nb', '\n'],
    ['a tag with attributes is shown', '<p onclick=x>', '&lt;p onclick=x&gt;'],
    ['an entity stays one', '<sub>&lt;b&gt;</sub>', '<p><sub>&lt;b&gt;</sub></p>'],
    ['a tag in a comment of another', '<details><!--</details>--><x>', '<details>&lt;x&gt;'],
  ])('%s', (_, written, shown) => {
    expect(markdown(written).text).toBe(shown)
  })
})
