import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'

import type { Sha } from '../../../src/core/model/ids.ts'
import { OWNER, type Project, refusal, type Rig, startRig, value } from './rig.ts'

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
