import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { asksFor, type EventFacts } from '../../../local-github/runner/filters.ts'
import { matchesPatterns } from '../../../local-github/runner/patterns.ts'
import { readWorkflow } from '../../../local-github/runner/workflow-file.ts'

describe('a pattern', () => {
  // Rows of GitHub's cheat sheet.
  test.each([
    ['feature/*', 'feature/my-branch', true],
    ['feature/*', 'feature/my/branch', false],
    ['feature/**', 'feature/beta-a/my-branch', true],
    ['*', 'all/the/branches', false],
    ['**', 'all/the/branches', true],
    ['*feature', 'ver-10-feature', true],
    ['v[12].[0-9]+.[0-9]+', 'v1.10.1', true],
    ['v[12].[0-9]+.[0-9]+', 'v3.0.0', false],
    ['*.jsx?', 'page.js', true],
    ['*.jsx?', 'page.jsx', true],
    ['**/docs/**', 'dir/docs/my-file.txt', true],
    ['docs/**/*.md', 'docs/README.md', true],
    ['**.js', 'src/js/app.js', true],
    ['**/README.md', 'README.md', true],
    ['*.yml', 'sub/a.yml', false],
  ])('%s for %s: %s', (pattern, value, hit) => {
    expect(matchesPatterns([pattern], value)).toBe(hit)
  })

  test('the last one that matches decides', () => {
    expect(matchesPatterns(['**', '!docs/**'], 'docs/a.md')).toBe(false)
    expect(matchesPatterns(['**', '!docs/**', 'docs/keep.md'], 'docs/keep.md')).toBe(true)
  })

  test('without special signs means just itself', () => {
    const plain = fc.stringMatching(/^[a-z0-9._/-]{1,20}$/)
    fc.assert(fc.property(plain, plain, (a, b) => matchesPatterns([a], b) === (a === b)))
  })
})

const on = async (yaml: string) =>
  (await readWorkflow('a.yml', `on:\n${yaml}\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: echo\n`))
    .on
const facts = (more: Partial<EventFacts> & { files?: string[] }): EventFacts => ({
  event: 'push',
  action: undefined,
  ref: 'refs/heads/main',
  baseBranch: undefined,
  schedule: undefined,
  completed: undefined,
  changedFiles: async () => more.files,
  ...more,
})

describe('a workflow asks for', () => {
  const pull = (action: string, more: Partial<EventFacts> = {}) =>
    facts({ event: 'pull_request', action, baseBranch: 'main', ...more })

  test.each([
    ['  pull_request:', pull('opened'), true],
    ['  pull_request:', pull('labeled'), false],
    ['  pull_request: { types: [labeled] }', pull('labeled'), true],
    ['  pull_request: { types: [labeled] }', pull('opened'), false],
    ['  pull_request: { branches: [main] }', pull('opened'), true],
    ['  pull_request: { branches: [main] }', pull('opened', { baseBranch: 'next' }), false],
    ['  pull_request: { branches-ignore: [main] }', pull('opened'), false],
    ['  issue_comment:', facts({ event: 'issue_comment', action: 'edited' }), true],
    ['  push: { branches: [main] }', facts({}), true],
    ['  push: { branches: [main] }', facts({ ref: 'refs/tags/main' }), false],
    ['  push: { tags: ["v*"] }', facts({ ref: 'refs/tags/v1' }), true],
    ['  push: { tags: ["v*"] }', facts({}), false],
    ['  push:', facts({ ref: 'refs/tags/v1' }), true],
    ['  push: { paths: ["src/**"] }', facts({ files: ['src/a.ts', 'docs/b.md'] }), true],
    ['  push: { paths: ["src/**"] }', facts({ files: ['docs/b.md'] }), false],
    ['  push: { paths-ignore: ["docs/**"] }', facts({ files: ['docs/b.md'] }), false],
    ['  push: { paths-ignore: ["docs/**"] }', facts({ files: ['docs/b.md', 'a'] }), true],
    ['  schedule: [{ cron: "5 4 * * *" }]', facts({ event: 'schedule', schedule: '5 4 * * *' }), true],
    ['  schedule: [{ cron: "5 4 * * *" }]', facts({ event: 'schedule', schedule: '0 0 * * *' }), false],
    [
      '  repository_dispatch: { types: [go] }',
      facts({ event: 'repository_dispatch', action: 'stop' }),
      false,
    ],
    [
      '  workflow_run: { workflows: [ci], types: [completed], branches: [main] }',
      facts({ event: 'workflow_run', action: 'completed', completed: { workflow: 'ci', branch: 'main' } }),
      true,
    ],
    [
      '  workflow_run: { workflows: [ci], types: [completed] }',
      facts({ event: 'workflow_run', action: 'completed', completed: { workflow: 'other', branch: 'main' } }),
      false,
    ],
    ['  push:', facts({ event: 'pull_request', action: 'opened' }), false],
  ])('%s', async (yaml, event, expected) => {
    expect(await asksFor(await on(yaml), event)).toBe(expected)
  })
})
