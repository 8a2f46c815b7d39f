import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'

import type { CheckWrite } from '../../../src/core/forge.ts'
import type { Sha } from '../../../src/core/model/ids.ts'
import { OWNER, type Project, type Rig, startRig, value } from './rig.ts'

let rig: Rig
let shop: Project
let head: Sha

beforeAll(async () => {
  rig = await startRig()
  shop = await rig.repository('shop')
  head = await shop.push('plan', { 'task_plan.md': '# Shop\n' })
})
afterAll(() => rig.close())
afterEach(() => {
  delete rig.github.faults.respond
})

/** Answers the first such request with a 502; with `after`, once the server did its work. */
function failOnce(method: string, path: RegExp, after: boolean): void {
  let left = 1
  rig.github.faults.respond = (request) =>
    request.method === method && path.test(request.path) && left-- > 0
      ? { status: 502, body: { message: 'Bad Gateway' }, after }
      : undefined
}

const get = async (path: string): Promise<unknown> =>
  (await shop.mona.request(`GET /repos/${OWNER}/shop${path}`)).data

const asked = (from: number): string[] =>
  rig.github.requests
    .slice(from)
    .filter(({ as, path }) => as === rig.app.bot && !path.includes('access_tokens'))
    .map(
      ({ method, path, operation }) =>
        operation ?? `${method} ${path.split('?')[0]?.split('/').at(-1) ?? ''}`,
    )

describe('checks', () => {
  const annotated = (count: number, name = 'Orchestrate'): CheckWrite => ({
    name,
    sha: head,
    status: 'completed',
    conclusion: 'action_required',
    externalId: `gate:${name}`,
    title: 'Reviewed',
    summary: 'What was found.',
    annotations: Array.from({ length: count }, (_, i) => ({
      path: 'task_plan.md',
      startLine: i + 1,
      endLine: i + 1,
      level: 'warning',
      title: 'A rule',
      message: `Finding ${i}`,
    })),
    buttons: [
      { label: 'Approve', description: 'Runs every phase', identifier: 'approve' },
      { label: 'x'.repeat(30), description: 'y'.repeat(60), identifier: 'long' },
      { label: 'Bad', description: 'Its identifier is too long', identifier: 'z'.repeat(21) },
    ],
  })
  const messages = async (id: number): Promise<string[]> => {
    const pages = await Promise.all(
      [1, 2].map((page) => get(`/check-runs/${id}/annotations?per_page=100&page=${page}`)),
    )
    return (pages.flat() as { message: string }[]).map((each) => each.message)
  }
  const all = (count: number) => Array.from({ length: count }, (_, i) => `Finding ${i}`)

  test('show all of 120 annotations, 50 a request', async () => {
    const before = rig.github.requests.length
    const { id } = value(await shop.forge.writeCheck(annotated(120, 'many')))
    expect(asked(before)).toEqual(['POST check-runs', `PATCH ${id}`, `PATCH ${id}`])
    expect(await messages(id)).toEqual(all(120))
  })

  test('that are written again show nothing twice, and show what came new', async () => {
    const { id } = value(await shop.forge.writeCheck(annotated(3, 'again')))
    value(await shop.forge.writeCheck(annotated(3, 'again'), id))
    expect(await messages(id)).toEqual(all(3))
    value(await shop.forge.writeCheck({ ...annotated(60, 'again'), title: 'More' }, id))
    expect(await messages(id)).toEqual(all(60))
    expect(await get(`/check-runs/${id}`)).toMatchObject({ output: { title: 'More' } })
  })

  test('keep within what GitHub takes', async () => {
    const large = { ...annotated(1, 'large'), summary: 's'.repeat(70_000), text: 't'.repeat(70_000) }
    const { id } = value(await shop.forge.writeCheck(large))
    const { output } = (await get(`/check-runs/${id}`)) as { output: { summary: string; text: string } }
    expect([output.summary.length, output.text.length]).toEqual([65_535, 65_535])
  })

  test.each([
    ['before', false],
    ['after', true],
  ])('are made once where a 502 came %s the work was done', async (when, after) => {
    failOnce('POST', /check-runs$/, after)
    const { id } = value(await shop.forge.writeCheck(annotated(60, `once-${when}`)))
    const listed = (await get(`/commits/${head}/check-runs?check_name=once-${when}&filter=all`)) as {
      check_runs: { id: number }[]
    }
    expect(listed.check_runs.map((run) => run.id)).toEqual([id])
    expect(await messages(id)).toEqual(all(60))
    expect(shop.waits.at(-1)).toMatchObject({
      reason: 'unavailable',
      what: `writing the check "once-${when}"`,
    })
  })

  test('show annotations once where a 502 came after they were added', async () => {
    failOnce('PATCH', /check-runs/, true)
    const { id } = value(await shop.forge.writeCheck(annotated(70, 'patched')))
    expect(await messages(id)).toEqual(all(70))
  })

  test('are read by id, with the commit that they stand on', async () => {
    const { id } = value(await shop.forge.writeCheck(annotated(0, 'read')))
    expect(value(await shop.forge.check(id))).toEqual({
      id,
      name: 'read',
      app: rig.app.slug,
      appId: rig.app.id,
      mine: true,
      status: 'completed',
      conclusion: 'action_required',
      externalId: 'gate:read',
      sha: head,
    })
    expect(value(await shop.forge.check(id + 4711))).toBeUndefined()
  })
})
