import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'

import { createClient } from '../../../src/adapters/github/installation.ts'
import { COMMENT_MARKER } from '../../../src/core/model/forge-names.ts'
import type { Sha } from '../../../src/core/model/ids.ts'
import { OWNER, type Project, type Rig, startRig, value } from './rig.ts'

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
