import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'

import { createClient } from '../../../src/adapters/github/installation.ts'
import type { CheckWrite } from '../../../src/core/forge.ts'
import { COMMENT_MARKER } from '../../../src/core/model/forge-names.ts'
import type { Sha } from '../../../src/core/model/ids.ts'
import { OWNER, type Project, refusal, type Rig, startRig, value } from './rig.ts'

let rig: Rig
let shop: Project
let head: Sha
let number: number

beforeAll(async () => {
  rig = await startRig()
  shop = await rig.repository('shop')
  head = await shop.push('plan', { 'task_plan.md': '# Shop\n' })
  number = await shop.open('plan')
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
      mine: true,
      status: 'completed',
      conclusion: 'action_required',
      externalId: 'gate:read',
      sha: head,
    })
    expect(value(await shop.forge.check(id + 4711))).toBeUndefined()
  })
})

describe('comments', () => {
  const bodies = async (): Promise<string[]> =>
    ((await get(`/issues/${number}/comments?per_page=100`)) as { body: string }[]).map((each) => each.body)

  test('are written, replaced and deleted, which may happen twice', async () => {
    const { id } = value(await shop.forge.writeComment(number, 'first'))
    expect(value(await shop.forge.writeComment(number, 'second', id))).toEqual({ id })
    expect(await bodies()).toEqual(['second'])
    value(await shop.forge.deleteComment(id))
    value(await shop.forge.deleteComment(id))
    expect(await bodies()).toEqual([])
  })

  test.each([
    ['before', false],
    ['after', true],
  ])('are written once where a 502 came %s the work was done', async (when, after) => {
    failOnce('POST', /comments$/, after)
    const marked = `${COMMENT_MARKER} {} -->\n${when}`
    const { id } = value(await shop.forge.writeComment(number, marked))
    failOnce('POST', /comments$/, after)
    const plain = value(await shop.forge.writeComment(number, `plain ${when}`))
    expect(await bodies()).toEqual([marked, `plain ${when}`])
    value(await shop.forge.deleteComment(id))
    value(await shop.forge.deleteComment(plain.id))
  })

  test('are cut with a note where they are longer than GitHub takes', async () => {
    const { id } = value(await shop.forge.writeComment(number, 'x'.repeat(80_000)))
    const [body = ''] = await bodies()
    expect(body).toHaveLength(65_536)
    expect(body).toContain('cut here')
    value(await shop.forge.deleteComment(id))
  })

  test('take a reaction once', async () => {
    const { id } = value(await shop.forge.writeComment(number, 'react'))
    expect(value(await shop.forge.react(id, 'rocket'))).toEqual({ created: true })
    expect(value(await shop.forge.react(id, 'rocket'))).toEqual({ created: false })
    failOnce('POST', /reactions$/, true)
    expect(value(await shop.forge.react(id, 'eyes'))).toEqual({ created: true })
    value(await shop.forge.deleteComment(id))
  })
})

describe('what somebody said', () => {
  const say = async (body: string): Promise<number> => {
    const { data } = await shop.mona.request('POST /repos/{owner}/{repo}/issues/{number}/comments', {
      owner: OWNER,
      repo: 'shop',
      number,
      body,
    })
    return (data as { id: number }).id
  }

  test('is read as it stands now', async () => {
    const id = await say('/approve')
    expect(value(await shop.forge.statement('comment', id, number))).toEqual({
      kind: 'comment',
      id,
      author: { login: 'mona', id: expect.any(Number), kind: 'user' },
      body: '/approve',
      edited: false,
      minimized: false,
      pull: number,
    })
  })

  test('is known to be edited', async () => {
    const id = await say('/why-not')
    await shop.mona.request(`PATCH /repos/${OWNER}/shop/issues/comments/${id}`, { body: '/approve' })
    expect(value(await shop.forge.statement('comment', id, number))).toMatchObject({
      body: '/approve',
      edited: true,
    })
  })

  test('is known to be hidden', async () => {
    const id = await say('/approve')
    const { node_id: node } = (await get(`/issues/comments/${id}`)) as { node_id: string }
    await shop.mona.graphql(
      'mutation($id: ID!) { minimizeComment(input: { subjectId: $id, classifier: SPAM }) { minimizedComment { isMinimized } } }',
      { id: node },
    )
    expect(value(await shop.forge.statement('comment', id, number))).toMatchObject({ minimized: true })
  })

  test('is not there where it was deleted', async () => {
    const id = await say('/approve')
    await shop.mona.request(`DELETE /repos/${OWNER}/shop/issues/comments/${id}`)
    expect(value(await shop.forge.statement('comment', id, number))).toBeUndefined()
    expect(value(await shop.forge.statement('review', 4711, number))).toBeUndefined()
  })

  test('may be a review of a commit', async () => {
    const { token } = await rig.github.addUser('octo')
    rig.github.setRole(shop.full, 'octo', 'write')
    const octo = createClient({ apiUrl: rig.github.url, token })
    const review = await octo.request(`POST /repos/${OWNER}/shop/pulls/${number}/reviews`, {
      event: 'APPROVE',
      body: 'Fine',
    })
    const { id } = review.data as { id: number }
    expect(value(await shop.forge.statement('review', id, number))).toMatchObject({
      kind: 'review',
      id,
      author: { login: 'octo' },
      body: 'Fine',
      edited: false,
      pull: number,
      commit: head,
      state: 'approved',
    })
  })
})

describe('branches', () => {
  test('move on by fast-forward, and only from where they are thought to be', async () => {
    const from = await shop.push('line', { 'a.txt': '1' })
    const to = await shop.push('ahead', { 'a.txt': '2' }, 'line')
    const aside = await shop.push('aside', { 'a.txt': '3' })
    expect(refusal(await shop.forge.advanceBranch('line', from, aside)).reason).toBe('forge-refused')
    expect(refusal(await shop.forge.advanceBranch('line', head, to)).message).toContain(
      'somebody pushed to it',
    )
    value(await shop.forge.advanceBranch('line', from, to))
    value(await shop.forge.advanceBranch('line', from, to))
    expect(await get('/git/ref/heads/line')).toMatchObject({ object: { sha: to } })
    expect(refusal(await shop.forge.advanceBranch('gone', from, to)).message).toContain('not there any more')
  })

  test('are read again after a 502, whatever had happened', async () => {
    for (const after of [false, true]) {
      const branch = `feat/a#b{c}-${String(after)}`
      const from = await shop.push(branch, { 'a.txt': '1' })
      const to = await shop.push(`next-${String(after)}`, { 'a.txt': '2' }, branch)
      failOnce('PATCH', /git\/refs/, after)
      value(await shop.forge.advanceBranch(branch, from, to))
      const before = rig.github.requests.length
      value(await shop.forge.advanceBranch(branch, from, to))
      expect(asked(before)).toHaveLength(1)
    }
  })

  test('that are protected refuse, in the words of GitHub', async () => {
    const from = await shop.push('kept', { 'a.txt': '1' })
    const to = await shop.push('kept-next', { 'a.txt': '2' }, 'kept')
    rig.github.protectBranch(shop.full, 'kept', { requirePullRequest: true })
    expect(refusal(await shop.forge.advanceBranch('kept', from, to))).toMatchObject({
      reason: 'forge-refused',
      message: expect.stringContaining('moving the branch kept on to'),
    })
  })
})
