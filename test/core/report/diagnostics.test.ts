import { describe, expect, test } from '@jest/globals'

import type { Diagnostic } from '../../../src/core/model/diagnostic.ts'
import { renderDiagnostics } from '../../../src/core/report/diagnostics.ts'
import { reviewPlan } from '../../../src/core/review/review.ts'
import type { PlanSketch } from '../../support/plan-builder.ts'
import { planOf, sourcesOf } from '../../support/plan-builder.ts'

const PLAIN = { color: false, width: 80 }

function printed(sketch: PlanSketch | PlanSketch['phases'], ...rules: string[]): string {
  const plan = planOf(sketch)
  const found = reviewPlan(plan).diagnostics.filter(({ rule }) => rules.length === 0 || rules.includes(rule))
  return renderDiagnostics(found, sourcesOf(plan), PLAIN)
}

const bare = (over: Partial<Diagnostic>): Diagnostic => ({
  rule: 'some-rule',
  severity: 'warning',
  file: 'task_plan.md',
  line: 1,
  message: 'Something',
  hint: 'Do it.',
  ...over,
})

describe('renderDiagnostics', () => {
  test('shows a cycle with the places that belong to it', () => {
    expect(
      printed(
        [
          { id: '1', title: 'Schema', dependsOn: ['3'] },
          { id: '2', title: 'API', dependsOn: ['1'] },
          { id: '3', title: 'UI', dependsOn: ['2'] },
        ],
        'cyclic-dependency',
      ),
    ).toBe(`error[cyclic-dependency]: Circular dependency: 1 → 3 → 2 → 1.
 --> task_plan.md:2
  |
2 | ## Phase 1: Schema
  | ^^^^^^^^^^^^^^^^^^
  = see: task_plan.md:6, Phase 3 (UI) is part of it
  = see: task_plan.md:4, Phase 2 (API) is part of it
  = why: Each waits for the next, so none of them can ever start.
  = fix: Remove one of these dependencies, or move what both need into a phase
         before them.

1 error in 1 phase
`)
  })

  test('shows titles with line ends in them on one line, so that no terminal writes over another', () => {
    const text = renderDiagnostics(
      [
        bare({
          message: 'Phase “A\rerror” is\u2028odd',
          related: [{ file: 'a\rb', line: 1, message: 'x\ny' }],
        }),
      ],
      () => undefined,
      PLAIN,
    )
    expect(text).toContain('warning[some-rule]: Phase “A error” is odd\n')
    expect(text).toContain('= see: a b:1, x y\n')
  })

  test('puts the caret below what is meant, and explains a rule once', () => {
    expect(
      printed(
        [
          { id: '1', tasks: ['Wipe it with `rm -rf ~/cache` first'] },
          { id: '2', tasks: ['Then git push --force'] },
        ],
        'destructive-command',
      ),
    ).toBe(`warning[destructive-command]: “rm -rf ~/cache” deletes what lies in a person’s
    home
 --> task_plan.md:3
  |
3 | - [ ] Wipe it with \`rm -rf ~/cache\` first
  |                     ^^^^^^^^^^^^^^
  = why: Agents run what a plan tells them to, and this cannot be undone from
         git.
  = fix: Narrow the command to what the phase made, or leave it to a person.

warning[destructive-command]: “git push --force” overwrites history on the
    remote
 --> task_plan.md:5
  |
5 | - [ ] Then git push --force
  |            ^^^^^^^^^^^^^^^^
  = fix: Narrow the command to what the phase made, or leave it to a person.

2 warnings
`)
  })

  test('proposes the split of a phase that is too large', () => {
    const tasks = ['one', 'two', 'three', 'four', 'five', 'six'].map((name) => `Write chapter ${name}`)
    expect(printed([{ id: '3', title: 'Book', tasks }], 'too-many-tasks')).toBe(
      `warning[too-many-tasks]: Phase 3 (Book) has 6 open tasks, more than 5
 --> task_plan.md:2
  |
2 | ## Phase 3: Book
  | ^^^^^^^^^^^^^^^^
  = why: A phase is built, tested and reviewed as a whole: the larger it is, the
         less its reviews find and the more a retry costs.
  = fix: Split it, for example into 3a (3.1, 3.2, 3.3) and 3b (3.4, 3.5, 3.6).

1 warning in 1 phase
`,
    )
  })

  test('makes hidden characters and terminal sequences visible', () => {
    const text = renderDiagnostics(
      [bare({ message: 'Evil \u001b[2J here', column: 4, endColumn: 5 })],
      () => 'ab\tc\u202e\u001b]0;x\u0007d',
      PLAIN,
    )
    expect(text).not.toMatch(/[\u001b\u202e\u0007]/)
    expect(text).toContain('1 | ab  c<U+202E><U+001B>]0;x<U+0007>d\n  |     ^\n')
  })

  test('stays within the width, with wide characters and a long line', () => {
    const line = `前置 ${'非常长的任务描述'.repeat(30)} rm -rf / ${'后面'.repeat(50)}`
    const column = line.indexOf('rm') + 1
    const text = renderDiagnostics([bare({ column, endColumn: column + 8 })], () => line, {
      color: false,
      width: 60,
    })
    const [source = '', caret = ''] = text.split('\n').slice(3, 5)
    expect(source).toContain('rm -rf /')
    const columns = [...source].reduce((sum, char) => sum + (char > '\u2e80' ? 2 : 1), 0)
    expect(columns).toBeLessThanOrEqual(60)
    const before = source.slice(0, source.indexOf('rm'))
    const start = [...before].reduce((sum, char) => sum + (char > '\u2e80' ? 2 : 1), 0)
    expect(caret.indexOf('^')).toBe(start)
  })

  test('leaves the source out where there is none', () => {
    expect(renderDiagnostics([bare({ file: 'gone.md', line: 7 })], () => undefined, PLAIN)).toBe(
      'warning[some-rule]: Something\n --> gone.md:7\n  = fix: Do it.\n\n1 warning\n',
    )
  })

  test('names the first related places and the lines of the others', () => {
    const related = [2, 3, 4, 5, 6, 7].map((line) => ({ file: 'task_plan.md', line, message: 'neither' }))
    expect(renderDiagnostics([bare({ related })], () => undefined, PLAIN)).toContain(
      '  = see: task_plan.md:5, neither\n  = see: also line 6 and line 7\n',
    )
  })

  test('is one line on a clean plan', () => {
    expect(renderDiagnostics([], () => undefined, PLAIN)).toBe('The review found nothing to improve.\n')
  })

  test('counts by severity, and by phase where everything stands in one', () => {
    const all = [
      bare({ severity: 'error', phase: '1' }),
      bare({ phase: '1' }),
      bare({ phase: '2' }),
      bare({ severity: 'info', phase: '2' }),
    ]
    expect(renderDiagnostics(all, () => undefined, PLAIN)).toMatch(
      /\n1 error, 2 warnings, 1 note in 2 phases\n$/,
    )
    expect(renderDiagnostics([...all, bare({})], () => undefined, PLAIN)).toMatch(
      /\n1 error, 3 warnings, 1 note\n$/,
    )
  })

  test('colours what matters when asked to', () => {
    expect(renderDiagnostics([bare({})], () => 'x', { color: true, width: 80 })).toContain('\u001b[')
  })
})
