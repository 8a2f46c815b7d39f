import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { theEvent } from '../../src/action/event.ts'
import { tempDir } from '../support/git.ts'

const HEAD = 'a'.repeat(40)
const sender = { login: 'mona', id: 1, type: 'User' }

/** As the runner hands an event over. */
async function event(name: string, payload: unknown) {
  const path = join(tempDir(), 'event.json')
  await writeFile(path, JSON.stringify(payload))
  return await theEvent({ GITHUB_EVENT_NAME: name, GITHUB_EVENT_PATH: path })
}

describe('the event that started the workflow', () => {
  test('is read by its name, what is not used left out', async () => {
    const pull = { number: 4, head: { sha: HEAD, ref: 'x' }, labels: [{ name: 'orchestrate', color: 'f00' }] }
    expect(
      await event('pull_request_target', {
        action: 'labeled',
        pull_request: pull,
        label: { name: 'orchestrate' },
        sender,
        repository: { id: 1 },
      }),
    ).toEqual({
      kind: 'pull',
      event: {
        action: 'labeled',
        pull_request: { number: 4, head: { sha: HEAD }, labels: [{ name: 'orchestrate' }] },
        label: { name: 'orchestrate' },
        sender,
      },
    })
    expect(
      await event('issue_comment', { action: 'created', issue: { number: 4 }, comment: { id: 7 } }),
    ).toEqual({ kind: 'comment', event: { action: 'created', issue: { number: 4 }, comment: { id: 7 } } })
    expect(
      await event('pull_request_review', {
        action: 'submitted',
        pull_request: { number: 4 },
        review: { id: 9 },
      }),
    ).toMatchObject({ kind: 'review', event: { review: { id: 9 } } })
    expect(await event('merge_group', { merge_group: { head_sha: HEAD } })).toEqual({
      kind: 'merge-group',
      head: HEAD,
    })
    expect(await event('schedule', { schedule: '17 * * * *' })).toEqual({ kind: 'schedule' })
    expect(await event('push', {})).toEqual({ kind: 'other', name: 'push' })
  })

  test('has "" for every input of a dispatch that is left out or null', async () => {
    expect(await event('workflow_dispatch', { inputs: { pull: '4', run: null } })).toEqual({
      kind: 'dispatch',
      inputs: { pull: '4', run: '', head: '', 'plan-dir': '', command: '', source: '', phases: '', app: '' },
    })
  })

  test.each([
    ['a head that is no commit', { number: 4, head: { sha: 'main' }, labels: [] }],
    ['a number that is a text', { number: '4', head: { sha: HEAD }, labels: [] }],
    ['no labels', { number: 4, head: { sha: HEAD } }],
  ])('is refused with %s', async (_, pull) => {
    await expect(
      event('pull_request_target', { action: 'opened', pull_request: pull, sender }),
    ).rejects.toThrow()
  })
})
