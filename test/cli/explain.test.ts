import { afterAll, describe, expect, test } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { orchestrate, packageRoot, repository, TempDirs } from '../support/cli.ts'

const dirs = new TempDirs()
afterAll(dirs.remove)

describe('orchestrate explain', () => {
  test('prints the page of a rule, and the list without one', async () => {
    const cwd = await dirs.make()
    const pageOf = (name: string) => readFile(join(packageRoot, 'docs/rules', `${name}.md`), 'utf8')
    expect(await orchestrate(cwd, ['explain', 'vague-task'])).toEqual({
      code: 0,
      stdout: await pageOf('vague-task'),
      stderr: '',
    })
    expect(await orchestrate(cwd, ['explain'])).toMatchObject({ code: 0, stdout: await pageOf('README') })
  })

  test.each([
    ['vage-task', 'Did you mean vague-task?'],
    ['../../README', '`orchestrate explain` lists all rules.'],
    ['unknown-status', '`orchestrate explain` lists all rules.'],
  ])('says of %s that it is no rule', async (name, hint) => {
    expect(await orchestrate(await dirs.make(), ['explain', name])).toEqual({
      code: 2,
      stdout: '',
      stderr: `error: ${name} is no rule of the review.\n  hint: ${hint}\n`,
    })
  })
})

describe('orchestrate review', () => {
  const PLAN = `# Orders

## Phase 1: Orders

<!-- orchestrate-ignore-section no-acceptance-criteria: the contract has them -->

- [ ] Improve performance
- [ ] Create \`src/orders.ts\`
- [ ] Test it in \`test/orders.test.ts\`
`

  test('shows the line, why and what to do, what is silenced, and where to read more', async () => {
    const root = await repository(await dirs.make(), { 'plan/task_plan.md': PLAN })
    expect(await orchestrate(root, ['review', 'plan'])).toEqual({
      code: 0,
      stdout: '',
      stderr: `warning[vague-task]: Task 1.1 “Improve performance” says that something gets better, not what
 --> task_plan.md:7
  |
7 | - [ ] Improve performance
  | ^^^^^^^^^^^^^^^^^^^^^^^^^
  = why: An agent fills in what a task leaves open, and each one differently.
  = fix: Say what shall be true afterwards: the behaviour, the number, the files.

1 warning in 1 phase
silenced[no-acceptance-criteria]: task_plan.md:3, the contract has them (task_plan.md:5)
More about a rule, with examples: orchestrate explain vague-task
`,
    })
  })

  test('weighs rules as the configuration in the checkout says', async () => {
    const config = 'review:\n  rules:\n    vague-task: error\n'
    const root = await repository(await dirs.make(), {
      'plan/task_plan.md': PLAN,
      '.github/orchestrate.yml': config,
    })
    const ran = await orchestrate(root, ['review', 'plan'])
    expect(ran).toMatchObject({ code: 1, stderr: expect.stringMatching(/^error\[vague-task\]/) })
  })

  test('refuses a configuration that names no rule', async () => {
    const root = await repository(await dirs.make(), {
      'plan/task_plan.md': PLAN,
      '.github/orchestrate.yml': 'review:\n  rules:\n    vage-task: off\n',
    })
    expect(await orchestrate(root, ['review', 'plan'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('review.rules.vage-task is no setting of Orchestrate'),
    })
  })

  test('says one line of a good plan', async () => {
    const good = PLAN.replace(/<!--.*-->\n\n- \[ \] Improve performance\n/, '').concat(
      '\n### Acceptance criteria\n\n- AC-1: an order without lines is refused with status 422\n',
    )
    const root = await repository(await dirs.make(), { 'plan/task_plan.md': good })
    expect(await orchestrate(root, ['review', 'plan'])).toEqual({
      code: 0,
      stdout: '',
      stderr: 'The review found nothing to improve.\n',
    })
  })
})
