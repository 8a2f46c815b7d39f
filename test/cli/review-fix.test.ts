import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from '@jest/globals'
import { git, orchestrate, repository, run, TempDirs, writeFiles } from '../support/cli.ts'
import { ENTER, Terminal } from '../support/terminal.ts'
import { TASK_PLAN } from './plan.ts'

const dirs = new TempDirs()
afterAll(dirs.remove)
const opened: Terminal[] = []
afterEach(() => opened.splice(0).forEach((terminal) => terminal.close()))

const LARGE = `# Pages

## Phase 1: Pages
### Tasks
${['home', 'about', 'news', 'shop', 'cart', 'help', 'find'].map((page) => `- [ ] Write the page ${page}.html`).join('\n')}

## Phase 2: Links
**Depends on:** Phase 1
### Tasks
- [ ] Check the links in \`links.txt\`
`
const FILE = 'plan/task_plan.md'
const project = async (text = LARGE) => repository(await dirs.make(), { [FILE]: text })
const ids = async (root: string) => {
  const { phases } = JSON.parse((await orchestrate(root, ['ingest', 'plan', '--json'])).stdout) as {
    phases: { id: string; dependsOn: string[]; tasks: unknown[] }[]
  }
  return phases.map(({ id, dependsOn, tasks }) => [id, dependsOn, tasks.length])
}
const SPLIT = [
  ['1a', [], 4],
  ['1b', ['1a'], 3],
  ['2', ['1b'], 1],
]

describe('orchestrate review --fix', () => {
  test('without a terminal writes nothing, prints a patch that git applies, and exits 3', async () => {
    const root = await project()
    const fixed = await orchestrate(root, ['review', 'plan', '--fix'])
    expect(fixed.code).toBe(3)
    expect(fixed.stderr).toMatch(/^task_plan\.md:3 Split phase 1 into 1a .* and 1b .*\n {4}A smaller phase /)
    expect(fixed.stderr).toMatch(
      /Nothing was written: there was nobody to ask\.\n {2}hint: Add --yes to write it, or give the patch to `git apply`\.\n$/,
    )
    expect(await readFile(join(root, FILE), 'utf8')).toBe(LARGE)
    await writeFile(join(root, 'fix.patch'), fixed.stdout)
    expect(await run('git', ['apply', 'fix.patch'], { cwd: root })).toMatchObject({ code: 0, stderr: '' })
    expect(await ids(root)).toEqual(SPLIT)
  })

  test('with --yes writes it, and finds nothing to do the next time', async () => {
    const root = await project()
    const fixed = await orchestrate(root, ['review', 'plan', '--fix', '--yes'])
    expect(fixed).toMatchObject({ code: 0, stdout: '' })
    expect(fixed.stderr).toMatch(/\nWritten: plan\/task_plan\.md\n$/)
    expect(await ids(root)).toEqual(SPLIT)
    expect(await git(root, 'status', '--porcelain')).toBe(' M plan/task_plan.md')
    const again = await orchestrate(root, ['review', 'plan', '--fix'])
    expect(again.code).toBe(0)
    expect(again.stderr).toBe(
      'Nothing to change: what the review finds, if anything, is for a person to put right.\n',
    )
  })

  test('in a terminal shows the diff, asks, and writes it', async () => {
    const root = await project()
    const terminal = new Terminal(['review', 'plan', '--fix'], { cwd: root })
    opened.push(terminal)
    await terminal.until(/\+## Phase 1b: Pages[\s\S]*Write it\?[\s\S]*Keep the plan as it is/)
    expect(await readFile(join(root, FILE), 'utf8')).toBe(LARGE)
    terminal.type(ENTER)
    expect(await terminal.ended()).toBe(0)
    expect(await ids(root)).toEqual(SPLIT)
  })

  test('is named by the review where it has something to propose, and only there', async () => {
    const large = await orchestrate(await project(), ['review', 'plan'])
    expect(large.stderr).toMatch(/\n1 change of the plan can be proposed for this: \S.* review plan --fix\n$/)
    const small = await orchestrate(await project(TASK_PLAN), ['review', 'plan'])
    expect(small.stderr).not.toContain('--fix')
  })

  test('needs no repository, and leaves a file alone that is no UTF-8', async () => {
    const root = await dirs.make()
    await writeFiles(root, { 'plan/task_plan.md': '' })
    const bytes = Buffer.concat([Buffer.from(LARGE), Buffer.from([0xff, 0x0a])])
    await writeFile(join(root, FILE), bytes)
    const fixed = await orchestrate(root, ['review', 'plan', '--fix', '--yes'])
    expect(fixed.stderr).toMatch(/^Nothing to change: /)
    expect(await readFile(join(root, FILE))).toEqual(bytes)
  })

  test('does not go with a format for machines', async () => {
    const root = await project()
    const { code, stderr } = await orchestrate(root, ['review', 'plan', '--fix', '--json'])
    expect(code).toBe(2)
    expect(stderr).toBe(
      'error: --fix and --json contradict each other.\n' +
        '  hint: --fix shows a patch and writes it. Leave --json out, or review without --fix.\n',
    )
  })
})
