import { describe, expect, test } from '@jest/globals'
import type { Diagnostic } from '../../../src/core/model/diagnostic.ts'
import { annotationsOf } from '../../../src/core/report/annotations.ts'
import { planSummary } from '../../../src/core/report/plan-summary.ts'

const finding = (over: Partial<Diagnostic> = {}): Diagnostic => ({
  rule: 'a-rule',
  severity: 'warning',
  file: 'task_plan.md',
  line: 3,
  message: 'Something is weak',
  hint: 'Make it strong.',
  ...over,
})
const none = { plan: undefined, dir: 'plan', confidence: new Map(), questions: [] }

describe('planSummary', () => {
  test('stays below what GitHub takes, and says what it leaves out', () => {
    const diagnostics = Array.from({ length: 20_000 }, (_, i) =>
      finding({ line: i + 1, message: '计'.repeat(400) }),
    )
    const questions = diagnostics.map(({ message }) => ({ text: message }))
    const summary = planSummary({ ...none, diagnostics, questions })
    expect(Buffer.byteLength(summary)).toBeLessThan(1_048_576)
    const shown = summary.match(/^\| warning \|/gm)?.length ?? 0
    expect(shown).toBeGreaterThan(100)
    expect(summary).toContain(`\nand ${20_000 - shown} more findings that GitHub has no room for here.\n`)
    expect(summary).toMatch(/\nand \d+ more questions that GitHub has no room for here\.\n$/)
  })
})

describe('annotationsOf', () => {
  test('gives columns only where start and end are on one line', () => {
    const [one, many] = annotationsOf(
      [finding({ column: 2, endColumn: 9 }), finding({ endLine: 5, column: 2, endColumn: 9 })],
      'plans/a',
    )
    expect(one).toMatchObject({ file: 'plans/a/task_plan.md', startLine: 3, startColumn: 2, endColumn: 9 })
    expect(many).toEqual({
      level: 'warning',
      title: 'a-rule',
      message: 'Something is weak\nMake it strong.',
      file: 'plans/a/task_plan.md',
      startLine: 3,
      endLine: 5,
    })
  })

  test('names no file outside the repository', () => {
    expect(annotationsOf([finding({ file: '~/skills/x.md' })], 'plan')[0]).not.toHaveProperty('file')
    expect(annotationsOf([finding({ file: '../../x.md' })], 'plan')[0]).not.toHaveProperty('file')
  })

  test('shows exactly ten of a kind without a remark about more', () => {
    const ten = annotationsOf(
      Array.from({ length: 10 }, () => finding()),
      'plan',
    )
    expect(ten.map(({ title }) => title)).toEqual(Array.from({ length: 10 }, () => 'a-rule'))
  })
})
