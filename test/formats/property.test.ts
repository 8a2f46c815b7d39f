/** What holds for writing into plans that people wrote, whatever is done in which order and however their files end lines. */
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { formatOf } from '../../src/core/ingest/formats/index.ts'
import type { Plan } from '../../src/core/model/plan.ts'
import { pathFromRoot } from '../../src/core/model/plan-path.ts'
import { FORMAT_PLANS, formatPlan, RUN_PLANS, runPlan } from './fixtures.ts'
import { bareOf } from './marks.ts'
import type { Files } from './memory-plan.ts'
import { planOf } from './read-plan.ts'
import { written } from './write-back.ts'

interface Case {
  name: string
  files: Files
  path: string
  runs: number
}
const PLANS: Case[] = [
  ...FORMAT_PLANS.map((name) => ({ name, ...formatPlan(name), runs: 1 })),
  ...RUN_PLANS.map((name) => ({ name: `${name}, cut`, ...runPlan(name), runs: 5 })),
]

const mapped = (files: Files, change: (text: string, name: string) => string): Files =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [name, change(text, name)]))

/** How an editor on another system leaves a file. */
const endings = fc.record({ crlf: fc.boolean(), mark: fc.boolean() }).map(({ crlf, mark }) => {
  return (text: string): string => {
    const lines = crlf ? text.replace(/\r?\n/gu, '\r\n') : text
    return mark && !lines.startsWith('\uFEFF') ? `\uFEFF${lines}` : lines
  }
})

const said = (plan: Plan): unknown[] =>
  plan.phases.map(({ id, title, tasks }) => [id, title, tasks.map((task) => [task.id, task.title])])

describe.each(PLANS)('$name', ({ files, path, runs }) => {
  test('any phases in any order are written without touching another byte', async () => {
    const { phases } = await planOf(files, path)
    const order = fc.shuffledSubarray([...phases.keys()], {
      minLength: 1,
      maxLength: Math.min(6, phases.length),
    })
    await fc.assert(
      fc.asyncProperty(endings, order, async (change, picked) => {
        const before = mapped(files, change)
        const plan = await planOf(before, path)
        const done = picked.reduce<Files>((now, at) => written(now, plan, at, 'completed'), before)
        const after = await planOf(done, path)

        expect(after.digest).toBe(plan.digest)
        const statuses = plan.phases.map(({ status }, at) => (picked.includes(at) ? 'completed' : status))
        expect(after.phases.map(({ status }) => status)).toEqual(statuses)
        expect(said(after)).toEqual(said(plan))
        const bare = bareOf(plan.mode)
        expect(mapped(before, (_, name) => bare(done[name] ?? ''))).toEqual(
          mapped(before, (text) => bare(text)),
        )
        // what is done stays done
        expect(picked.reduce<Files>((now, at) => written(now, plan, at, 'completed'), done)).toEqual(done)
      }),
      { numRuns: runs },
    )
  })
})

describe.each(RUN_PLANS)('an approval of a plan of %s', (name) => {
  const { files, path } = runPlan(name)

  test('is for every document that its agents get, however lines end', async () => {
    const plan = await planOf(files, path)
    const { digestText } = formatOf(plan.mode)
    const other = await planOf(
      mapped(files, (text) => text.replace(/\r?\n/gu, '\r\n')),
      path,
    )
    expect(other.digest).toBe(plan.digest)
    const counted = plan.files.filter(
      (file) => digestText?.(file.path, file.text) !== undefined || digestText === undefined,
    )
    for (const file of counted.filter((one) => /\.md$|tasks\.json$/u.test(one.path))) {
      const at = pathFromRoot(plan.dir, file.path)
      const text = file.path.endsWith('.json')
        ? file.text.replace('"details": "', '"details": "First of all: ')
        : `${file.text.trimEnd()}\n\nNobody may see it.\n`
      const changed = await planOf({ ...files, [at]: text }, path)
      expect([at, changed.digest === plan.digest]).toEqual([at, false])
    }
    // every document beside the tasks counts
    const beside = plan.context.map((piece) => piece.path)
    expect(counted.map((one) => one.path)).toEqual(expect.arrayContaining(beside))
  })
})
