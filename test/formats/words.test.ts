import { describe, expect, test } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import { formatOf } from '../../src/core/ingest/formats/index.ts'
import { reviewPlan } from '../../src/core/review/review.ts'
import { FORMAT_PLANS, formatPlan } from './fixtures.ts'
import { readIn } from './memory-plan.ts'
import { plural } from '../../src/core/text/display.ts'

/** One labelled plan of each format. */
const ONE_EACH = [...new Map(FORMAT_PLANS.map((name) => [name.split('__')[0] ?? '', name])).entries()]

const formsOf = (word: string): string[] => [word, plural(word)]

describe.each(ONE_EACH)('%s', (format, name) => {
  test("the review speaks in the plan's own words", async () => {
    const { files, path } = formatPlan(name)
    const { plan } = await readIn(files, path)
    if (plan === undefined) throw new Error('not read')
    // nothing is done, and no file is named: then the rules have something to say of every plan
    const phases = plan.phases.map((phase) => ({
      ...phase,
      status: 'pending' as const,
      title: 'x',
      ...{ files: [], targets: [], criteria: [] },
      tasks: phase.tasks.map((task) => ({ ...task, title: 'x', done: false, files: [] })),
    }))
    const { diagnostics, questions } = reviewPlan({ ...plan, phases, diagnostics: [] })
    const said = [
      ...diagnostics.flatMap(({ message, hint, why = '' }) => [message, hint, why]),
      ...questions.map(({ text }) => text),
    ]
    const quoted = /“[^”]*”|\(x\)/gu
    const speaks = (words: string[]) => {
      const pattern = new RegExp(String.raw`\b(?:${words.join('|')})\b`, 'iu')
      return said.filter((text) => pattern.test(text.replaceAll(quoted, '')))
    }
    expect(speaks(formsOf(plan.words.phase))).not.toEqual([])
    const others = ['phase', 'story', 'section', 'subtask'].filter(
      (word) => word !== plan.words.phase && word !== plan.words.task,
    )
    expect(speaks(others.flatMap(formsOf))).toEqual([])
  })

  test('its page says which rules apply, and how they speak', async () => {
    const page = await readFile(new URL(`../../docs/formats/${format}.md`, import.meta.url), 'utf8')
    const { words } = formatOf(format as Parameters<typeof formatOf>[0])
    const said = /\*\*Review\.\*\* ([^*]*)/u.exec(page)?.[1] ?? ''
    expect(said).toMatch(/rules/u)
    expect(said).toContain(`${words.phase} `)
    expect(said).toContain(`${words.task} `)
  })
})
