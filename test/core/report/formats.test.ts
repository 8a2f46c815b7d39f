import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'

import type { Diagnostic } from '../../../src/core/model/diagnostic.ts'
import { toGithub, toJson, toSarif } from '../../../src/core/report/formats.ts'
import { CATALOGUE, reviewPlan } from '../../../src/core/review/review.ts'
import { planOf } from '../../support/plan-builder.ts'

const found: Diagnostic = {
  rule: 'vague-task',
  severity: 'warning',
  file: 'task_plan.md',
  line: 3,
  message: '100% vague: a, b\nand c',
  hint: 'Say what.',
  column: 3,
  endColumn: 7,
}
const context = { dir: 'plans/a b', version: '1.2.3', rules: CATALOGUE }

describe('toGithub', () => {
  test('writes an annotation on the file from the root, escaped', () => {
    expect(toGithub([found], context)).toBe(
      '::warning file=plans/a b/task_plan.md,line=3,col=3,endColumn=7,title=vague-task::100%25 vague: a, b%0Aand c%0ASay what.\n',
    )
  })

  test('escapes colons and commas of a file name', () => {
    expect(toGithub([{ ...found, file: 'a:b,c.md', severity: 'info' }], { dir: '' })).toMatch(
      /^::notice file=a%3Ab%2Cc\.md,line=3,/,
    )
  })

  test('leaves no place for what is outside of the repository', () => {
    expect(toGithub([{ ...found, file: '~/.claude/skills/x/SKILL.md' }], context)).toMatch(
      /^::warning title=vague-task::/,
    )
  })

  test('writes one line per finding whatever a plan contains', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (message, file) => {
        const out = toGithub([{ ...found, message, file }], { dir: 'p' })
        expect(out.split(/\r\n|\n|\r/)).toHaveLength(2)
      }),
    )
  })
})

describe('toSarif', () => {
  const log = JSON.parse(
    toSarif([found, { ...found, rule: 'from-ingest', file: '../../CLAUDE.md' }], context),
  )
  const [run] = log.runs

  test('is SARIF 2.1.0 with every rule of the catalogue and those that others found', () => {
    expect(log.version).toBe('2.1.0')
    expect(run.tool.driver).toMatchObject({ name: 'orchestrate', version: '1.2.3' })
    const ids = run.tool.driver.rules.map((rule: { id: string }) => rule.id)
    expect(ids).toEqual([...CATALOGUE.map(({ id }) => id), 'from-ingest'])
    for (const result of run.results) expect(ids[result.ruleIndex]).toBe(result.ruleId)
  })

  test('places results by URI from the root', () => {
    expect(run.results[0]).toMatchObject({
      ruleId: 'vague-task',
      level: 'warning',
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'plans/a%20b/task_plan.md' },
            region: { startLine: 3, startColumn: 3, endColumn: 7 },
          },
        },
      ],
    })
    expect(run.results[1].locations[0].physicalLocation.artifactLocation.uri).toBe('CLAUDE.md')
  })

  test('keeps a fingerprint when lines are inserted above', () => {
    const sketch = { id: '1', title: 'A', tasks: ['Improve performance'] }
    const prints = [planOf([sketch]), planOf({ phases: [sketch], preamble: ['', 'More text.', ''] })].map(
      (plan) =>
        JSON.parse(toSarif(reviewPlan(plan).diagnostics, context)).runs[0].results.map(
          (result: { partialFingerprints: object }) => result.partialFingerprints,
        ),
    )
    expect(prints[0]).toEqual(prints[1])
  })
})

test('JSON has the diagnostics as they are and the summary', () => {
  expect(JSON.parse(toJson([found]))).toEqual({
    summary: '1 warning',
    diagnostics: [found],
    silenced: [],
  })
})
