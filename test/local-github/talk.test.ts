import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { pick, pushBranch, REPO, stage, type Stage } from './support.ts'

let it: Stage
let head: string
const repo = `/repos/${REPO}`

beforeAll(async () => {
  it = await stage()
  head = await pushBranch(it, 'topic', { 'a.txt': 'a\n' })
  await it.api(it.tokens.bob, 'POST', `${repo}/pulls`, { title: 'T', head: 'topic', base: 'main' })
})
afterAll(() => it.close())
beforeEach(async () => {
  await it.github.idle()
  it.hook.clear()
})

const NODE = `query($id: ID!) { node(id: $id) {
  ... on IssueComment { fullDatabaseId lastEditedAt isMinimized viewerDidAuthor pullRequest { number } author { login } }
  ... on PullRequestReview { state commit { oid } author { login } }
} }`

test('a comment that was edited or hidden says so', async () => {
  const made = await it.api(it.tokens.carol, 'POST', `${repo}/issues/1/comments`, { body: '/approve' })
  const [id, node] = [Number(pick(made.body, 'id')), String(pick(made.body, 'node_id'))]
  const ask = async (): Promise<unknown> =>
    pick(await it.graphql(it.installation, NODE, { id: node }), 'data.node')
  expect(await ask()).toEqual({
    fullDatabaseId: String(id),
    lastEditedAt: null,
    isMinimized: false,
    viewerDidAuthor: false,
    pullRequest: { number: 1 },
    author: { login: 'carol' },
  })
  await it.api(it.tokens.bob, 'PATCH', `${repo}/issues/comments/${id}`, { body: '/approve --all' })
  expect(pick(await ask(), 'lastEditedAt')).not.toBeNull()
  const hide = `mutation($id: ID!) { minimizeComment(input: { subjectId: $id, classifier: SPAM }) { minimizedComment { isMinimized } } }`
  const carol = await it.graphql(it.tokens.mallory, hide, { id: node })
  expect(pick(carol, 'errors.0.message')).toContain('admin rights')
  await it.graphql(it.tokens.bob, hide, { id: node })
  expect(pick(await ask(), 'isMinimized')).toBe(true)
  expect((await it.api(it.tokens.mallory, 'DELETE', `${repo}/issues/comments/${id}`)).status).toBe(403)
  expect((await it.api(it.tokens.carol, 'DELETE', `${repo}/issues/comments/${id}`)).status).toBe(204)
  await it.github.idle()
  expect(it.hook.names()).toEqual(['issue_comment.created', 'issue_comment.edited', 'issue_comment.deleted'])
  expect(it.hook.last('issue_comment', 'edited')).toMatchObject({
    changes: { body: { from: '/approve' } },
    sender: { login: 'bob' },
  })
})

test('the same reaction twice is one', async () => {
  const made = await it.api(it.tokens.bob, 'POST', `${repo}/issues/1/comments`, { body: 'x' })
  const where = `${repo}/issues/comments/${String(pick(made.body, 'id'))}/reactions`
  const react = async (token: string, content: string): Promise<number> =>
    (await it.api(token, 'POST', where, { content })).status
  expect([await react(it.installation, 'eyes'), await react(it.installation, 'eyes')]).toEqual([201, 200])
  expect([await react(it.tokens.carol, 'eyes'), await react(it.installation, 'unknown')]).toEqual([201, 422])
  expect((await it.api(undefined, 'GET', where)).body).toHaveLength(2)
})

test('too long a comment is refused', async () => {
  const say = async (body: string) =>
    (await it.api(it.installation, 'POST', `${repo}/issues/1/comments`, { body })).status
  expect([await say('x'.repeat(65_537)), await say(' '), await say('x'.repeat(65_536))]).toEqual([
    422, 422, 201,
  ])
})

test('a review holds to the commit that it was made on, and can be dismissed', async () => {
  const own = await it.api(it.tokens.bob, 'POST', `${repo}/pulls/1/reviews`, { event: 'APPROVE' })
  expect(own).toMatchObject({ status: 422, body: { errors: ['Can not approve your own pull request'] } })
  const made = await it.api(it.tokens.alice, 'POST', `${repo}/pulls/1/reviews`, { event: 'APPROVE' })
  expect(made.body).toMatchObject({ state: 'APPROVED', commit_id: head, user: { login: 'alice' } })
  const asked = await it.graphql(it.installation, NODE, { id: pick(made.body, 'node_id') })
  expect(pick(asked, 'data.node')).toEqual({
    state: 'APPROVED',
    commit: { oid: head },
    author: { login: 'alice' },
  })
  const dismissal = `${repo}/pulls/1/reviews/${String(pick(made.body, 'id'))}/dismissals`
  expect((await it.api(it.tokens.carol, 'PUT', dismissal, { message: 'no' })).status).toBe(403)
  expect((await it.api(it.tokens.bob, 'PUT', dismissal, { message: 'no' })).body).toMatchObject({
    state: 'DISMISSED',
  })
  await it.github.idle()
  expect(it.hook.names()).toEqual(['pull_request_review.submitted', 'pull_request_review.dismissed'])
  expect(pick(it.hook.last('pull_request_review', 'submitted'), 'review.state')).toBe('approved')
})

test('a review speaks about lines that the diff shows, or is refused as a whole', async () => {
  const review = async (...comments: object[]) =>
    await it.api(it.tokens.alice, 'POST', `${repo}/pulls/1/reviews`, {
      ...{ event: 'COMMENT', body: 'Look', comments },
    })
  const said = { path: 'a.txt', line: 1, side: 'RIGHT', body: 'Why a?' }
  expect(await review(said, { ...said, line: 2 })).toMatchObject({
    ...{ status: 422, body: { errors: ['Line could not be resolved'] } },
  })
  expect(await review({ ...said, path: 'b.txt' })).toMatchObject({ status: 422 })
  const made = await review(said)
  const listed = await it.api(
    it.installation,
    'GET',
    `${repo}/pulls/1/reviews/${String(pick(made.body, 'id'))}/comments`,
  )
  expect(listed.body).toMatchObject([
    { path: 'a.txt', original_line: 1, body: 'Why a?', diff_hunk: '@@ -0,0 +1 @@\n+a' },
  ])
  const asked = await it.graphql(
    it.installation,
    `query($id: ID!) { node(id: $id) { ... on PullRequestReview {
      comments(first: 10) { nodes { path originalLine originalCommit { oid } body } } } } }`,
    { id: pick(made.body, 'node_id') },
  )
  expect(pick(asked, 'data.node.comments.nodes')).toEqual([
    { path: 'a.txt', originalLine: 1, originalCommit: { oid: head }, body: 'Why a?' },
  ])
})

test('another base is told with the old one', async () => {
  await it.api(it.tokens.alice, 'POST', `${repo}/git/refs`, { ref: 'refs/heads/next', sha: await main() })
  await it.api(it.tokens.bob, 'PATCH', `${repo}/pulls/1`, { base: 'next' })
  await it.github.idle()
  expect(it.hook.last('pull_request', 'edited')).toMatchObject({
    changes: { base: { ref: { from: 'main' } } },
    pull_request: { base: { ref: 'next' } },
  })
})

const main = async (): Promise<unknown> =>
  pick((await it.api(undefined, 'GET', `${repo}/git/ref/heads/main`)).body, 'object.sha')

test('GraphQL refuses what GitHub would refuse, and says what is not served', async () => {
  const message = async (query: string, token = it.installation): Promise<unknown> =>
    pick(await it.graphql(token, query), 'errors.0.message')
  const inRepo = (fields: string): string => `{ repository(owner: "acme", name: "app") { ${fields} } }`
  expect(await message(inRepo('nonsense'))).toContain('Cannot query field "nonsense"')
  expect(await message(inRepo('pullRequests { totalCount }'))).toContain(
    'You must provide a `first` or `last` value',
  )
  expect(await message(inRepo('pullRequests(first: 101) { totalCount }'))).toContain('limit of 100 records')
  expect(await message(inRepo('stargazerCount'))).toBe(
    'The local GitHub does not serve Repository.stargazerCount.',
  )
  expect(await message('{ repository(owner: "acme", name: "none") { id } }')).toContain(
    'Could not resolve to a Repository',
  )
  expect(await message(inRepo('collaborators(first: 1) { totalCount }'), it.tokens.mallory)).toContain(
    'permission',
  )
})

test('many files are read by one query', async () => {
  const query = `query($e: String!) { repository(owner: "acme", name: "app") { object(expression: $e) { __typename
    ... on Tree { entries { name type mode object { ... on Blob { text byteSize isBinary isTruncated }
      ... on Tree { entries { name object { ... on Blob { text } } } } } } } } } }`
  const answer = await it.graphql(it.installation, query, { e: `${head}:` })
  expect(pick(answer, 'data.repository.object')).toEqual({
    __typename: 'Tree',
    entries: [
      {
        name: 'README.md',
        type: 'blob',
        mode: 33188,
        object: { text: '# App\n', byteSize: 6, isBinary: false, isTruncated: false },
      },
      {
        name: 'a.txt',
        type: 'blob',
        mode: 33188,
        object: { text: 'a\n', byteSize: 2, isBinary: false, isTruncated: false },
      },
      {
        name: 'src',
        type: 'tree',
        mode: 16384,
        object: { entries: [{ name: 'a.ts', object: { text: 'export const a = 1\n' } }] },
      },
    ],
  })
})
