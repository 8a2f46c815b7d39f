import { describe, expect, test } from '@jest/globals'

import { accountOfActor, accountOfUser } from '../../../src/adapters/github/account.ts'
import {
  changedFile,
  checkRuns,
  hasOtherWriters,
  peopleOf,
  runsOf,
  stickyComments,
} from '../../../src/adapters/github/pull-facts.ts'

const user = (login: string) => ({ __typename: 'User', login, databaseId: 1 })
const bot = (login: string) => ({ __typename: 'Bot', login, databaseId: 2 })

describe('accounts', () => {
  test('of bots have the same login in both APIs, which no person can have', () => {
    expect(accountOfActor(bot('orchestrate'))).toEqual({ login: 'orchestrate[bot]', id: 2, kind: 'bot' })
    expect(accountOfUser({ login: 'orchestrate[bot]', id: 2, type: 'Bot' })).toEqual(
      accountOfActor(bot('orchestrate')),
    )
    expect(accountOfActor(user('orchestrate'))).toMatchObject({ login: 'orchestrate', kind: 'user' })
  })

  test('that are gone are the ghost', () => {
    expect(accountOfActor(null)).toEqual({ login: 'ghost', id: 0, kind: 'user' })
    expect(accountOfUser(null)).toEqual({ login: 'ghost', id: 0, kind: 'user' })
  })
})

describe('comments with our marker', () => {
  const note = (body: string, author: ReturnType<typeof user>, viewerDidAuthor = false) => ({
    fullDatabaseId: 5,
    viewerDidAuthor,
    body,
    author,
  })

  test('count where the marker begins them: a quote of it is none', () => {
    const notes = [
      note('<!-- orchestrate:comment {} -->\nhello', bot('orchestrate')),
      note('> <!-- orchestrate:comment {} -->', user('mona')),
      note('see <!-- orchestrate:comment {} -->', user('mona')),
    ]
    expect(stickyComments(notes, { login: 'orchestrate[bot]' })).toMatchObject([{ id: 5, mine: true }])
  })

  test('of somebody else are not mine, though the marker is the same', () => {
    const notes = [note('<!-- orchestrate:comment {} -->', user('orchestrate'))]
    expect(stickyComments(notes, { login: 'orchestrate[bot]' })).toMatchObject([{ mine: false }])
  })

  test('are mine where the token says so', () => {
    const notes = [note('<!-- orchestrate:comment {} -->', bot('github-actions'), true)]
    expect(stickyComments(notes, {})).toMatchObject([{ mine: true }])
  })
})

describe('checks', () => {
  const suite = (databaseId: number, slug: string) => ({
    app: { databaseId, slug },
    checkRuns: {
      nodes: [
        {
          databaseId: 9,
          name: 'Orchestrate',
          status: 'PENDING',
          conclusion: 'ACTION_REQUIRED',
          externalId: null,
        },
        null,
      ],
    },
  })

  test('are mine by the id of the App, never by its name', () => {
    const suites = [suite(7, 'orchestrate'), suite(8, 'orchestrate')]
    expect(checkRuns(suites, { appId: 7 }).map((run) => run.mine)).toEqual([true, false])
  })

  test('are mine without an App where GITHUB_TOKEN wrote them', () => {
    const suites = [suite(15_368, 'github-actions'), suite(7, 'orchestrate')]
    expect(checkRuns(suites, {}).map((run) => run.mine)).toEqual([true, false])
  })

  test('that wait in any way are queued, in the words of the port', () => {
    expect(checkRuns([suite(7, 'orchestrate')], { appId: 7 })).toEqual([
      {
        id: 9,
        name: 'Orchestrate',
        app: 'orchestrate',
        appId: 7,
        mine: true,
        status: 'queued',
        conclusion: 'action_required',
        externalId: '',
      },
    ])
  })
})

test('runs are those of this pull request alone', () => {
  const branches = ['pr12-search/plan', 'pr12-search/phase-1-set-up', 'pr12-b/plan', 'pr112-x/plan', 'xpr12-']
  expect(runsOf(branches, 12)).toEqual(['pr12-b', 'pr12-search'])
})

test('committers are authors, co-authors and who committed; the web is nobody', () => {
  const person = (login: string | undefined) => ({ user: login === undefined ? null : { login } })
  const commits = [
    {
      commit: { authors: { nodes: [person('mona'), person('hubot')] }, committer: person('web-flow') },
    },
    { commit: { authors: { nodes: [person(undefined)] }, committer: person('octo') } },
    { commit: { authors: { nodes: null }, committer: null } },
  ]
  expect(peopleOf(commits)).toEqual(['hubot', 'mona', 'octo'])
})

describe('whether others may write', () => {
  const edge = (login: string, permission: string) => ({ permission, node: { login } })
  const list = (edges: ReturnType<typeof edge>[], hasNextPage = false) => ({
    pageInfo: { hasNextPage },
    edges,
  })

  test('is known from the list', () => {
    expect(hasOtherWriters(list([edge('mona', 'ADMIN'), edge('reader', 'READ')]), 'mona')).toBe(false)
    expect(hasOtherWriters(list([edge('mona', 'ADMIN'), edge('octo', 'MAINTAIN')], true), 'mona')).toBe(true)
  })

  test('is not known where the list is hidden or goes on', () => {
    expect(hasOtherWriters(null, 'mona')).toBeUndefined()
    expect(hasOtherWriters(list([edge('mona', 'ADMIN')], true), 'mona')).toBeUndefined()
  })
})

test('what happened to a file reads the same from both APIs', () => {
  expect(
    ['ADDED', 'added', 'COPIED', 'DELETED', 'removed', 'RENAMED', 'CHANGED', 'unchanged'].map(
      (word) => changedFile('a', word).change,
    ),
  ).toEqual(['added', 'added', 'added', 'removed', 'removed', 'renamed', 'modified', 'modified'])
})
