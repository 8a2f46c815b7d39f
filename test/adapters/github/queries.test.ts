import { describe, expect, test } from '@jest/globals'
import { validate } from '@octokit/graphql-schema'

import { LAST_COMMENTS } from '../../../src/adapters/github/comments.ts'
import { ledgerQuery } from '../../../src/adapters/github/ledger.ts'
import {
  LABELLED,
  MORE_COMMENTS,
  MORE_COMMITS,
  MORE_RUNS,
  PULL_QUERY,
} from '../../../src/adapters/github/pull-query.ts'
import { STATEMENT_QUERY } from '../../../src/adapters/github/statements.ts'
import { treeQuery } from '../../../src/adapters/github/tree-query.ts'

describe('queries', () => {
  test.each([
    ['a pull request', PULL_QUERY],
    ['more comments', MORE_COMMENTS],
    ['more commits', MORE_COMMITS],
    ['more runs', MORE_RUNS],
    ['labelled pull requests', LABELLED],
    ['a ledger', ledgerQuery(0)],
    ['a ledger with chains of phases', ledgerQuery(3)],
    ['a statement', STATEMENT_QUERY],
    ['the last comments', LAST_COMMENTS],
    ['directories', treeQuery('0'.repeat(40), ['a', 'b'], [], true).query],
    ['files', treeQuery('0'.repeat(40), [], ['a.md', 'b.md'], true).query],
    ['names only', treeQuery('0'.repeat(40), [''], ['CLAUDE.md'], false).query],
  ])("of %s are what GitHub's published schema allows", (_, query) => {
    expect(validate(query).map((error) => error.message)).toEqual([])
  })

  test('hold nothing of a path: it goes as a variable', () => {
    const path = 'a") { __typename } evil: object(expression: "x/plan.md'
    const asked = treeQuery('0'.repeat(40), [path], [path], true)
    expect(asked.query).not.toContain('evil')
    expect(asked.variables).toMatchObject({ d0: `${'0'.repeat(40)}:${path}`, p0: path })
  })
})
