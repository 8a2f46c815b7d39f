/** Every edit of every plan that lies here, in any order of line ends: nothing but what it is for changes. */
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { planFilesOf, PLANS } from '../core/ingest/fixtures.ts'
import { appendFaults, revisionFaults, statusFaults } from './edit-faults.ts'
import { editByReview, editProgress, editStatus, ENDS, statusesOf, withEnds } from './edit-plan.ts'
import { FORMAT_PLANS, formatPlan, RUN_PLANS, runPlan } from './fixtures.ts'
import { type Files, readIn } from './memory-plan.ts'

/** Fixtures that are not read: no phase in them, or no UTF-8. */
const NO_PLAN = ['gbk', 'no-phases']

const CASES: { name: string; files: Files; path: string; runs: number }[] = [
  ...PLANS.filter((name) => !NO_PLAN.includes(name)).map((name) => ({
    name,
    files: Object.fromEntries(
      Object.entries(planFilesOf(name)).map(([file, text]) => [`plan/${file}`, text]),
    ),
    path: 'plan',
    runs: 3,
  })),
  ...FORMAT_PLANS.map((name) => ({ name, ...formatPlan(name), runs: 1 })),
  ...RUN_PLANS.map((name) => ({ name: `${name}, cut`, ...runPlan(name), runs: 2 })),
]

/** With each of the line ends, any of its phases in any status that its format writes. */
const edits = fc.tuple(fc.constantFrom(...ENDS), fc.nat(), fc.nat())

describe.each(CASES)('$name', ({ files, path, runs }) => {
  test('keeps every byte that an edit is not for', async () => {
    await fc.assert(
      fc.asyncProperty(edits, async ([{ change }, which, how]) => {
        const before = withEnds(files, change)
        const { plan } = await readIn(before, path)
        const phase = plan?.phases[which % plan.phases.length]
        if (plan === undefined || phase === undefined) throw new Error('no plan')
        const statuses = statusesOf(plan)
        const status = statuses[how % statuses.length] ?? 'completed'
        const written = await editStatus(before, path, plan, phase, status)
        const entry = editProgress(before, plan, phase)
        const revised = await editByReview(before, path, plan)
        expect([...written.faults, ...entry.faults, ...revised.faults]).toEqual([])
      }),
      { numRuns: runs },
    )
  })
})

/** What the check has to find: it would prove nothing otherwise. */
describe('the check of edits', () => {
  const own = (line: number): boolean => line === 2
  const text = '# P\n- [ ] one  \n- [ ] two\n'

  test.each([
    ['a mark', text.replace('[ ] one', '[x] one'), 0],
    ['a word behind the mark', text.replace('[ ] one', '[x] done: one'), 1],
    ['blanks at the end of the line', text.replace('[ ] one  ', '[x] one'), 1],
    ['the line end', text.replace('[ ] one  \n', '[x] one  \r\n'), 1],
    ['a line of another phase', text.replace('[ ] two', '[x] two'), 1],
    ['a line less', text.replace('- [ ] one  \n', ''), 1],
    ['the final line end', text.trimEnd(), 1],
    ['the byte order mark', `\uFEFF${text}`, 1],
  ])('of a status: %s', (_name, after, faults) => {
    expect(statusFaults(text, after, own)).toHaveLength(faults)
  })

  test.each([
    ['a block', `${text}\n## Done\n`, 0],
    ['a block with other line ends', `${text}\r\n## Done\r\n`, 2],
    ['a change above it', `${text.replace('two', 'too')}\n## Done\n`, 1],
    ['nothing', text, 1],
  ])('of an entry: %s', (_name, after, faults) => {
    expect(appendFaults(text, after)).toHaveLength(faults)
  })

  const change = (what: string) => [{ what, why: '', place: { file: 'task_plan.md', line: 1 } }]
  const plan = '## Phase 1: A\n- [ ] one\n## Phase 2: B\n- [ ] two'

  test.each([
    ['Add to phase 1: Test it', plan.replace('one\n', 'one\n- [ ] Test it\n'), 0],
    ['Add to phase 1: Test it', plan.replace('one\n', 'one\r\n- [ ] Test it\n'), 3],
    ['Add to phase 1: Test it', plan.replace('one\n', 'one\n- [ ] Test it'), 3],
    ['Let phase 2 depend on phase 1', plan.replace('B\n', 'B\n**Depends on:** Phase 1\n'), 0],
    ['Let phase 2 depend on phase 1', plan.replace('B\n', 'B\n**Depends on:** Phase 1\r\n'), 1],
    ['Let phase 2 depend on phase 1', `${plan}\n`, 1],
    ['Move phase 1 behind phase 2', '## Phase 2: B\n- [ ] two\n## Phase 1: A\n- [ ] one', 0],
    ['Move phase 1 behind phase 2', '## Phase 2: B\n- [ ] two\n## Phase 1: A', 1],
  ])('of a revision: %s, %j', (what, after, faults) => {
    const found = revisionFaults(plan, after, change(what))
    expect(found.length > 0 ? faults : 0).toBe(faults)
    expect(found.length > 0).toBe(faults > 0)
  })
})
