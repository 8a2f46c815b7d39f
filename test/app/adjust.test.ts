/** What the review would change in a plan, offered as suggestions that a person takes over. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { takeOver } from '../support/suggestions.ts'
import { taskPlan, workflow } from '../support/plans.ts'
import { pick, type Repo, rig, type Rig } from './support.ts'

let it: Rig
beforeAll(async () => {
  it = await rig()
})
afterAll(() => it.close())

/** Phases 2 and 3 change one file, and neither waits for the other. */
const MENDABLE = taskPlan([
  { id: '1' },
  { id: '2', after: ['1'], tasks: ['Write `shared.txt`'] },
  { id: '3', after: ['1'], tasks: ['Go on with `shared.txt`'] },
])

interface Seen {
  body: string
  commit_id: string
  comments: { path: string; line: number; start_line: number | null; body: string }[]
}

async function reviewsOn(repo: Repo, pull: number): Promise<Seen[]> {
  const reviews = (await repo.api('alice', 'GET', `/pulls/${pull}/reviews`)) as (Seen & { id: number })[]
  return await Promise.all(
    reviews.map(async (one) => ({
      ...one,
      comments: (await repo.api(
        'alice',
        'GET',
        `/pulls/${pull}/reviews/${one.id}/comments`,
      )) as Seen['comments'],
    })),
  )
}

test('suggests what mends the findings, once for a head; taken over, the findings are gone', async () => {
  const repo = await it.repository()
  const pull = await repo.planned({ 'plan/task_plan.md': MENDABLE, 'plan/workflow.md': workflow() })
  const [offered] = await repo.said(pull)
  expect(offered).toContain('`/adjust`: suggest 1 change of the plan, for what the review found')
  expect(offered).toContain('neither waits for the other')

  await repo.comment(pull, '/adjust', 'carol')
  await it.settled()
  expect(await reviewsOn(repo, pull)).toEqual([])
  expect((await repo.said(pull))[0]).toContain('/adjust needs the role triage')

  await repo.comment(pull, '/adjust', 'bob')
  await it.settled()
  const check = await repo.gate(pull)
  await it.github.pressButton(repo.fullName, check.id, 'adjust', 'alice')
  await it.settled()
  const reviews = await reviewsOn(repo, pull)
  expect(reviews).toHaveLength(1)
  const [review] = reviews
  expect(review?.commit_id).toBe(await repo.head(pull))
  expect(review?.body).toContain('Let phase 3 depend on phase 2')
  expect((await repo.said(pull))[0]).toContain('1 change of the plan suggested in a review')

  const suggestions = (review?.comments ?? []).map(({ line, start_line: start, body }) => ({
    ...{ startLine: start ?? line, endLine: line, body },
  }))
  await repo.push('the-plan', { 'plan/task_plan.md': takeOver(MENDABLE, suggestions) })
  await it.settled()
  const [after] = await repo.said(pull)
  expect(after).toContain('| 3 | Part 3 | 1 and 2 |')
  expect(after).not.toContain('neither waits for the other')
  expect(after).not.toContain('- `/adjust`')
})

test('what stands at no line of the diff is shown as a patch', async () => {
  const repo = await it.repository()
  await repo.push('main', { 'plan/task_plan.md': MENDABLE, 'plan/workflow.md': workflow() }, 'alice')
  const pull = await repo.planned({
    'plan/task_plan.md': MENDABLE.replace('A thing that works.', 'It works.'),
  })
  await repo.comment(pull, '/adjust', 'alice')
  await it.settled()
  const [review] = await reviewsOn(repo, pull)
  expect(review?.comments).toEqual([])
  expect(review?.body).toContain('+++ b/plan/task_plan.md')
  expect(review?.body).toContain('+**Depends on:** Phase 1, Phase 2')
  expect(String(pick(review, 'body'))).toContain('git apply')
})
