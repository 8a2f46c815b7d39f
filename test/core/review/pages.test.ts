import { describe, expect, test } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'

import { exampleIn } from '../../../bench/review/good-plans.ts'
import { ingest } from '../../../src/core/ingest/ingest.ts'
import { reviewPlan, RULES } from '../../../src/core/review/review.ts'
import { expectGolden } from '../../support/golden.ts'
import { memorySource } from '../ingest/memory-source.ts'

const PAGES = readdirSync('docs/rules')
  .filter((name) => name !== 'README.md')
  .map((name) => name.replace(/\.md$/, ''))
  .sort()

async function rulesFound(files: Record<string, string>): Promise<string[]> {
  const { plan, diagnostics } = await ingest(memorySource(files))
  if (plan === undefined) throw new Error(`this is no plan: ${JSON.stringify(diagnostics)}`)
  return [...new Set(reviewPlan(plan).diagnostics.map(({ rule }) => rule))]
}

test('every rule has a page and every page is of a rule', () => {
  expect(PAGES).toEqual(RULES.map(({ id }) => id).sort())
})

test('the list of rules is complete', () => {
  const rows = RULES.map(({ id, severity, why }) => `| [${id}](${id}.md) | ${severity} | ${why} |`)
  const readme = readFileSync('docs/rules/README.md', 'utf8')
  const table = ['| rule | severity | why |', '| --- | --- | --- |', ...rows].join('\n')
  expectGolden(
    readme.replace(/<!-- rules -->[\s\S]*<!-- \/rules -->/, `<!-- rules -->\n\n${table}\n\n<!-- /rules -->`),
    'docs/rules/README.md',
  )
})

describe.each(RULES.map((rule) => [rule.id, rule] as const))('the page of %s', (id, rule) => {
  const page = readFileSync(`docs/rules/${id}.md`, 'utf8')

  test('says what the rule says of itself', () => {
    const [head = ''] = page.split(/^## Bad$/m)
    expect(head).toContain(`# ${id}\n\nSeverity: ${rule.severity}\n`)
    expect(head).toContain(`**Why.** ${rule.why}\n`)
    expect(head).toContain(`**Fix.** ${rule.fix}\n`)
  })

  test('has a bad example that breaks this rule and no other', async () => {
    expect(await rulesFound(exampleIn(page, 'Bad'))).toEqual([id])
  })

  test('has a good example in which nothing is found', async () => {
    expect(await rulesFound(exampleIn(page, 'Good'))).toEqual([])
  })
})
