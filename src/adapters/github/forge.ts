/** The forge port on GitHub: REST and GraphQL of github.com, of an Enterprise Server, and of the local GitHub. */
import { setTimeout as wait } from 'node:timers/promises'

import type { Forge } from '../../core/forge.ts'
import type { Clock } from '../../core/ports.ts'
import { advanceBranch } from './branches.ts'
import { createCalls, POLICY, type Policy, type Wait } from './calls.ts'
import { readCheck, tagCheck, writeCheck } from './checks.ts'
import { addLabel, deleteComment, react, writeComment } from './comments.ts'
import { readFiles } from './files.ts'
import { readLedger } from './ledger.ts'
import type { Octokit } from './octokit.ts'
import { readRole } from './people.ts'
import type { Me } from './pull-facts.ts'
import { readDefaultConfig, readLabelled, readPull } from './pull.ts'
import { readStatement } from './statements.ts'
import { readCommentable, suggest } from './suggestions.ts'
import { dispatch, readJobs } from './workflows.ts'

export interface ForgeInput {
  octokit: Octokit
  owner: string
  repo: string
  /** Root of the web pages: `https://github.com`. */
  serverUrl: string
  /** The account that the token is of. With `appId`, checks of this App are ours; without, those of GITHUB_TOKEN. */
  me: Me
  /** What differs from `POLICY`. */
  policy?: Partial<Policy>
  clock?: Clock
  sleep?: (ms: number) => Promise<void>
  /** Told before every wait for a limit of requests or for a GitHub that does not answer. */
  onWait?: (wait: Wait) => void
}

export function createForge(input: ForgeInput): Forge {
  const { owner, repo, me } = input
  const calls = createCalls({
    octokit: input.octokit,
    owner,
    repo,
    policy: { ...POLICY, ...input.policy },
    clock: input.clock ?? { now: () => Date.now() },
    sleep: input.sleep ?? ((ms) => wait(ms)),
    onWait: input.onWait ?? (() => {}),
  })
  return {
    owner,
    repo,
    url: `${input.serverUrl.replace(/\/+$/u, '')}/${owner}/${repo}`,
    pull: (number) => readPull(calls, me, number),
    labelled: (label) => readLabelled(calls, label),
    defaultConfig: () => readDefaultConfig(calls),
    role: (login) => readRole(calls, login),
    files: (commit, wanted) => readFiles(calls, commit, wanted),
    statement: (kind, id, pull) => readStatement(calls, kind, id, pull),
    check: (id) => readCheck(calls, me, id),
    writeCheck: (check, id) => writeCheck(calls, me, check, id),
    tagCheck: (id, externalId) => tagCheck(calls, id, externalId),
    writeComment: (pull, body, id) => writeComment(calls, me, pull, body, id),
    commentable: (pull) => readCommentable(calls, pull),
    suggest: (pull, commit, review) => suggest(calls, pull, commit, review),
    addLabel: (pull, label) => addLabel(calls, pull, label),
    deleteComment: (id) => deleteComment(calls, id),
    react: (comment, content) => react(calls, comment, content),
    dispatch: (workflow, ref, inputs) => dispatch(calls, workflow, ref, inputs),
    jobs: (run) => readJobs(calls, run),
    ledger: (run, attempts) => readLedger(calls, run, attempts),
    advanceBranch: (branch, from, to) => advanceBranch(calls, branch, from, to),
  }
}
