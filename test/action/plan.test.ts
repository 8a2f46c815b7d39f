import { afterAll, describe, expect, test } from '@jest/globals'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmTableFromMarkdown } from 'mdast-util-gfm-table'
import { toString } from 'mdast-util-to-string'
import { gfmTable } from 'micromark-extension-gfm-table'
import { packageRoot, repository, TempDirs } from '../support/cli.ts'
import { expectGolden } from '../support/golden.ts'
import { runAction } from './run-action.ts'

const dirs = new TempDirs()
afterAll(dirs.remove)
const fixture = (name: string) => join(packageRoot, 'test', 'fixtures', 'plans', name)

/** The Action on a plan of our fixtures or on files, checked out at `plan/` of the workspace. */
async function review(plan: string | Record<string, string>, inputs: Record<string, string> = {}) {
  const files =
    typeof plan === 'string'
      ? {}
      : Object.fromEntries(Object.entries(plan).map(([path, text]) => [`plan/${path}`, text]))
  const workspace = await repository(await dirs.make(), files)
  if (typeof plan === 'string') await cp(fixture(plan), join(workspace, 'plan'), { recursive: true })
  return await runAction({ 'plan-dir': 'plan', ...inputs }, { workspace, scratch: await dirs.make() })
}

const phase = (id: number, title: string, lines: string[] = []): string =>
  [
    `## Phase ${id}: ${title}`,
    ...lines,
    `- [ ] Write \`src/part-${id}.ts\``,
    `- AC-${id}: it is there`,
    '',
  ].join('\n')

describe('a plan with an error', () => {
  test('puts out the phases still to be done, the counts and the digest, and fails', async () => {
    const { code, outputs, log, stderr } = await review('cycle')
    expect({ code, log, stderr }).toEqual({ code: 1, log: [], stderr: '' })
    expect({ ...outputs, phases: JSON.parse(outputs['phases'] ?? '') }).toEqual({
      phases: [
        { id: '1', title: 'docker-sandbox, dspy-integration, mcp-server', after: ['2'] },
        { id: '2', title: 'session-persistence, claude-integration', after: ['1'] },
      ],
      errors: '1',
      warnings: '3',
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
  })

  test('annotates lines by their path from the root of the repository, errors first, the reason of the failure last', async () => {
    const { commands } = await review('cycle')
    expect(commands.map(({ name, properties: { file, line, title } }) => [name, title, file, line])).toEqual([
      ['error', 'cyclic-dependency', 'plan/manifest.md', '29'],
      ['warning', 'unverifiable-criterion', 'plan/specs/dspy-integration-spec.md', '28'],
      ['warning', 'unmet-need', 'plan/specs/dspy-integration-spec.md', '63'],
      ['warning', 'unmet-need', 'plan/specs/mcp-server-spec.md', '81'],
      ['notice', 'orphaned-requirement', 'plan/specs/docker-sandbox-spec.md', '22'],
      ['notice', 'orphaned-requirement', 'plan/specs/session-persistence-spec.md', '21'],
      ['notice', 'unused-provision', 'plan/specs/session-persistence-spec.md', '62'],
      ['error', 'Orchestrate', undefined, undefined],
    ])
    expect(commands[0]?.message).toBe(
      'Circular dependency: 1 → 2 → 1.\n' +
        'Each waits for the next, so none of them can ever start.\n' +
        'Remove one of these dependencies, or move what both need into a phase before them.',
    )
    expect(commands.at(-1)?.message).toBe('The review found 1 error; fail-on is "error".')
  })

  test('is summed up for the job', async () => {
    const { summary } = await review('cycle')
    expectGolden(summary, join(import.meta.dirname, 'golden', 'cycle.md'))
  })
})

describe('fail-on', () => {
  test('never lets a plan with errors pass', async () => {
    const { code, outputs, commands } = await review('cycle', { 'fail-on': 'never' })
    expect({ code, errors: outputs['errors'] }).toEqual({ code: 0, errors: '1' })
    expect(commands.filter(({ name }) => name === 'error')).toHaveLength(1)
  })

  test('error lets warnings pass, warning does not', async () => {
    expect(await review('chinese-dependencies')).toMatchObject({ code: 0, outputs: { warnings: '5' } })
    const strict = await review('chinese-dependencies', { 'fail-on': 'warning' })
    expect(strict.code).toBe(1)
    expect(strict.commands.at(-1)?.message).toBe('The review found 5 warnings; fail-on is "warning".')
  })

  test('counts what keeps a plan from being run as an error of it', async () => {
    const files = {
      'task_plan.md': `# Parts\n\n${phase(1, 'One')}`,
      'workflow.md': '---\nexecution:\n  max_phase_retries: many\n---\n',
    }
    const { code, commands } = await review(files)
    expect(code).toBe(1)
    expect(commands[0]).toMatchObject({
      name: 'error',
      properties: { title: 'invalid-contract', file: 'plan/workflow.md', line: '3' },
    })
    expect((await review(files, { 'fail-on': 'never' })).code).toBe(0)
  })
})

describe('more findings than GitHub shows', () => {
  test('ten of a kind, of which the last says how many more there are', async () => {
    // 1 and 2 wait for each other, 3 and 4, …
    const text = Array.from({ length: 28 }, (_, i) =>
      phase(i + 1, `Part ${i + 1}`, [`**Depends on:** Phase ${i % 2 === 0 ? i + 2 : i}`]),
    )
    const { commands, outputs, summary } = await review({ 'task_plan.md': `# Parts\n\n${text.join('\n')}` })
    const errors = commands.filter(({ name }) => name === 'error')
    expect(outputs['errors']).toBe('14')
    expect(errors).toHaveLength(10)
    expect(errors.slice(-2).map(({ message }) => message)).toEqual([
      "6 more errors: GitHub shows 10 of a kind. The job's summary lists them all.",
      'The review found 14 errors; fail-on is "error".',
    ])
    expect(summary.match(/^\| error \|/gm)).toHaveLength(14)
  })
})

describe('a hostile title', () => {
  const TITLE =
    '::error file=x::owned | <img src=x onerror=alert(1)> @org/team #1 ${{ github.token }} %0A::add-mask::a \u202edesrever ##[set-env name=A]b'

  test('reaches the matrix as data and forges no command, row, mention or HTML', async () => {
    const files = { 'task_plan.md': `# ${TITLE}\n\n${phase(1, TITLE)}\n${phase(2, 'Plain')}` }
    const { log, commands, outputs, summary } = await review(files)
    expect(log).toEqual([])
    expect(new Set(commands.map(({ name }) => name))).toEqual(new Set(['warning', 'notice']))
    expect(commands.filter(({ properties }) => properties['file'] === 'x')).toEqual([])
    const shown = TITLE.replace('\u202e', '')
    expect(JSON.parse(outputs['phases'] ?? '')[0]).toEqual({ id: '1', title: shown, after: [] })

    const tree = fromMarkdown(summary, {
      extensions: [gfmTable()],
      mdastExtensions: [gfmTableFromMarkdown()],
    })
    const rows = tree.children.flatMap((node) => (node.type === 'table' ? node.children.slice(1) : []))
    expect(new Set(rows.map(({ children }) => children.length))).toEqual(new Set([7, 4]))
    const cell = rows[0]?.children[1]
    expect(cell?.children.map(({ type }) => type)).toEqual(['text'])
    expect(toString(cell).replaceAll('\u200b', '')).toBe(shown)
    expect(summary).not.toMatch(/@org|(?<!\\)<|\u202e/)
  })
})

describe('a checkout in a subdirectory', () => {
  test('annotates paths from the root of that repository', async () => {
    const workspace = await dirs.make()
    await repository(join(workspace, 'project'), { 'README.md': 'x' })
    await cp(fixture('cycle'), join(workspace, 'project', 'plans', 'a'), { recursive: true })
    const options = { workspace, scratch: await dirs.make() }
    const { commands } = await runAction({ 'plan-dir': 'project/plans/a' }, options)
    expect(commands[0]?.properties['file']).toBe('plans/a/manifest.md')
  })
})

describe('bad input', () => {
  test('a directory without phases fails whatever fail-on says, with empty outputs', async () => {
    const { code, outputs, commands, summary } = await review('no-phases', { 'fail-on': 'never' })
    expect(code).toBe(1)
    expect(outputs).toEqual({ phases: '[]', errors: '1', warnings: '0', digest: '' })
    expect(commands[0]).toMatchObject({
      name: 'error',
      properties: { title: 'empty-plan', file: 'plan/task_plan.md', line: '1' },
    })
    expect(commands.at(-1)?.message).toBe('There is no plan to review.')
    expect(summary).toMatch(/^## No plan to review\n/)
  })

  test('neither index file', async () => {
    const { code, commands } = await review({ 'notes.md': 'x' })
    expect(code).toBe(1)
    expect(commands[0]?.properties).toEqual({ title: 'not-a-plan' })
    expect(commands[0]?.message).toContain(
      'holds neither manifest.md nor task_plan.md, nor a plan of another planner.',
    )
  })

  test.each([
    ['nowhere', /nowhere does not exist\.\nName the directory or the file of the plan\.$/],
    ['..', /lies outside the repository/],
    ['', /^The input plan-dir is empty\.\nGive the plan from the root/],
  ])('plan-dir "%s" is refused, nothing is put out', async (planDir, message) => {
    const { code, commands, outputs, summary } = await review('cycle', { 'plan-dir': planDir })
    expect({ code, outputs, summary }).toEqual({ code: 1, outputs: {}, summary: '' })
    expect(commands).toHaveLength(1)
    expect(commands[0]?.message).toMatch(message)
  })

  test('unknown values are all told in one pass, with what there is', async () => {
    const { code, commands } = await review('cycle', { mode: 'phase\n::add-mask::x', 'fail-on': 'info' })
    expect(code).toBe(1)
    expect(commands.map(({ name, message }) => [name, message])).toEqual([
      [
        'error',
        'The input mode is "phase ::add-mask::x", which this version does not know.\nWhat it knows: plan, phase and advance.',
      ],
      [
        'error',
        'The input fail-on is "info", which this version does not know.\nWhat it knows: error, warning and never.',
      ],
    ])
  })
})
