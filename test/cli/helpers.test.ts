/** What agents are given besides the plan, and an agent that reads along: by the built program, with an agent that is a program. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { git, orchestrate, type Ran, repository, TempDirs } from '../support/cli.ts'
import { site, textAnswer } from '../support/site.ts'

const dirs = new TempDirs()
afterAll(dirs.remove)

/** Tells what it was asked in a file beside it, does one task, and answers every step; `ANSWER` is a review's findings. */
const AGENT = `
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
const { ORCHESTRATE_STEP: step, ORCHESTRATE_NONCE: nonce, ORCHESTRATE_MODEL: model } = process.env
const here = new URL('.', import.meta.url)
const prompt = readFileSync(0, 'utf8')
// A review is caged: it writes nothing outside.
if (step !== 'plan-review') appendFileSync(new URL('calls.jsonl', here), JSON.stringify({ step, model, prompt }) + '\\n')
const answer = { nonce, summary: 'Done.' }
if (step === 'plan-review') {
  const kind = readFileSync(new URL('answer.txt', here), 'utf8').trim()
  const at = (line, title, more) => ({ severity: 'P1', file: 'plan/task_plan.md', line, title, detail: 'Because.', ...more })
  answer.findings = {
    hostile: [
      at(7, '\\u001b[31mRed\\u001b[0m \\u202Etxet neddih\\u202C\\u200b, ::error::and ]]> <script>'),
      at(99999, 'Beyond the end'), at(7, 'In another file', { file: '../../etc/passwd' }),
      at(7, 'Quoted where nothing is', { quote: 'nobody wrote this' }),
    ],
    many: Array.from({ length: 10000 }, (_, n) => at(7, 'Finding ' + n)),
    negative: [at(-3, 'Before the beginning')],
  }[kind]
}
if (step === 'phase') {
  writeFileSync('cranes.txt', 'folded\\n')
  answer.reviews = ['test', 'code', 'perf'].map((kind) => ({ kind, summary: 'Clean.', findings: [] }))
  answer.criteria = [{ id: 'AC-1', met: true, evidence: 'cranes.txt' }]
}
writeFileSync(process.env.ORCHESTRATE_ARTIFACT, JSON.stringify(answer))
`
const PLAN = `# Cranes

## Phase 1: Cranes

Fold paper cranes from square sheets with \`frob-js\`.

### Tasks

- [ ] Write \`cranes.txt\`

### Acceptance Criteria

- AC-1: \`cranes.txt\` says "folded"
`
const FILES = {
  'plan/task_plan.md': PLAN,
  'package.json': '{"dependencies":{"frob-js":"2.1.0"}}',
  'kit/.claude-plugin/marketplace.json': JSON.stringify({
    name: 'kit',
    plugins: [{ name: 'paper', source: './plugins/paper' }],
  }),
  'kit/plugins/paper/skills/paper-folding/SKILL.md':
    '---\nname: paper-folding\ndescription: Folding paper cranes from square sheets\n---\n\nFold along the diagonal first.\n',
}
const PAGE =
  '# Frob\n\n> Frob frobnicates whatever you give it.\n\n## Use\n\n```js\nfrob(thing, { twice: true })\n```\n'
const plain = ({ stderr }: Ran): string => stderr.replaceAll(/\s+/g, ' ')

let beside: string
let agent: string[]
beforeAll(async () => {
  beside = await dirs.make()
  await writeFile(join(beside, 'agent.mjs'), AGENT)
  agent = ['--agent-command', `"${process.execPath}" "${join(beside, 'agent.mjs')}"`, '--sandbox', 'off']
})
const calls = async () =>
  (await readFile(join(beside, 'calls.jsonl'), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { step: string; model: string; prompt: string })

describe('skills, documentation, model and one agent for a phase', () => {
  test('are shown before they are used, used as asked, told by logs and ledger, and leave nothing behind', async () => {
    const { url, asked } = await site({ '/frob.txt': textAnswer(PAGE) })
    const settings = [
      'setup_cmd: "true"',
      'skills: { catalogues: [./kit, acme/other] }',
      `research: { sources: { frob-js: "${url}/frob.txt" } }`,
      '',
    ].join('\n')
    const root = await repository(await dirs.make(), { ...FILES, '.github/orchestrate.yml': settings })
    const env = { XDG_STATE_HOME: await dirs.make(), HOME: await dirs.make(), GITHUB_API_URL: url }
    const run = async (...flags: string[]) =>
      await orchestrate(root, ['run', 'plan', ...agent, ...flags], { env })

    const offline = await run('--dry-run')
    expect(offline.code).toBe(0)
    expect(plain(offline)).toContain(
      'Offered by catalogues, not used - phase 1: skill paper-folding (0.9 in paper of ./kit:',
    )
    expect(plain(offline)).toContain(
      'nothing known about frob-js: agents work from what they know (--online looks it up)',
    )
    expect(plain(offline)).toContain('Not asked, since that needs the network: 1 catalogue (acme/other)')
    expect(asked).toEqual([])

    const shown = await run('--dry-run', '--online', '--install-skills', '--model', 'big', '--no-subprocess')
    expect(plain(shown)).toContain('skills paper-folding (0.9 in paper of ./kit:')
    expect(plain(shown)).toContain(`frob-js: looked up today at ${url}/frob.txt for 2.1.0`)
    expect(plain(shown)).toContain('one agent: asked for with --no-subprocess')
    expect(plain(shown)).toContain(' · model big · ')
    expect(plain(shown)).toContain('The catalogue acme/other is not used:')
    expect(asked).toContain('/frob.txt')
    expect(await git(root, 'for-each-ref', '--format=%(refname)')).toBe('refs/heads/main')

    const before = asked.length
    const ran = await run('--yes', '--install-skills', '--model', 'big', '--no-subprocess')
    expect({ code: ran.code, text: ran.stderr }).toMatchObject({ code: 0 })
    expect(asked).toHaveLength(before)
    const made = await calls()
    expect(made.map(({ step, model }) => [step, model])).toEqual([['phase', 'big']])
    expect(made[0]?.prompt).toContain('### paper-folding\n```md\nFold along the diagonal first.\n```')
    // Kept from the look before: offline is no reason to forget it.
    expect(made[0]?.prompt).toContain('### frob-js 2.1.0')
    const logs = await orchestrate(root, ['logs', '--step', 'phase'], { env })
    expect(logs.stderr).toMatch(/^phase 1 · phase · /)
    const [name = ''] = (
      await git(root, 'for-each-ref', '--format=%(refname)', 'refs/orchestrate/*/run')
    ).split('\n')
    expect(await git(root, 'ls-tree', '-r', '--name-only', name)).toContain('skills/skill-paper-folding.md')
    expect(await git(root, 'ls-files', '.claude/skills', '.claude/docs')).toBe('')
    expect(await git(root, 'status', '--porcelain')).toBe('')
  }, 60_000)
})

describe('orchestrate review --agent-command', () => {
  const said = async (kind: string, ...flags: string[]) => {
    await writeFile(join(beside, 'answer.txt'), kind)
    const root = await repository(await dirs.make(), { 'plan/task_plan.md': PLAN })
    return await orchestrate(root, ['review', 'plan', ...agent.slice(0, 2), ...flags])
  }
  /** Escapes, and characters that turn text round or do not show. */
  const UNSEEN = /[\u001b\u200b\u202a-\u202e]/

  test('shows of a hostile answer what points at the plan, harmless on every surface', async () => {
    const text = await said('hostile')
    expect(text.code).toBe(0)
    expect(text.stderr).toContain('command read the plan: 1 finding, 3 left out that point at nothing in it.')
    expect(text.stderr).not.toMatch(UNSEEN)
    const json = await said('hostile', '--format', 'json')
    const { diagnostics } = JSON.parse(json.stdout) as {
      diagnostics: { rule: string; line: number; message: string }[]
    }
    expect(diagnostics.filter(({ rule }) => rule === 'agent-review')).toEqual([
      expect.objectContaining({
        line: 7,
        message: expect.stringContaining('Red txet neddih, ::error::and ]]>'),
      }),
    ])
    expect(json.stdout).not.toMatch(UNSEEN)
    const github = await said('hostile', '--format', 'github')
    expect(github.stdout).not.toMatch(UNSEEN)
    // What it says stays within its own line and command.
    for (const line of github.stdout.trimEnd().split('\n'))
      expect(line).toMatch(/^::(?:warning|notice) file=plan\//)
    const sarif = await said('hostile', '--format', 'sarif')
    expect(sarif.stdout).not.toMatch(UNSEEN)
    expect(JSON.parse(sarif.stdout)).toMatchObject({ version: '2.1.0' })
  }, 60_000)

  test.each([
    ['many', 'does not fit its schema at findings'],
    ['negative', 'does not fit its schema at findings[0].line'],
  ])(
    'says once that an answer cannot be used (%s), and the rules’ review stands',
    async (kind, why) => {
      const { code, stderr } = await said(kind)
      expect(code).toBe(0)
      expect(stderr).toContain('No agent read the plan (review: agent): ')
      expect(stderr).toContain(why)
      expect(stderr).toContain('The rules did.')
      expect(stderr.length).toBeLessThan(4_000)
      expect(stderr).not.toContain('Finding 1')
    },
    30_000,
  )
})
