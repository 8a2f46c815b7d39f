import * as z from 'zod/mini'

import type { ChangedFile, PullFacts } from '../../core/forge.ts'
import { failure } from '../../core/model/failure.ts'
import { CONFIG_FILE, runPrefix, WORKFLOW } from '../../core/model/forge-names.ts'
import { err, ok, type Result } from '../../core/model/result.ts'
import { accountOfActor } from './account.ts'
import type { Calls } from './calls.ts'
import { allPages } from './pages.ts'
import {
  askForChanges,
  changedFile,
  checkRuns,
  hasOtherWriters,
  type Me,
  peopleOf,
  present,
  pullRequest,
  runsOf,
  stickyComments,
} from './pull-facts.ts'
import * as queries from './pull-query.ts'

const NEEDS = 'pull requests: read, contents: read, checks: read'
/** GitHub lists no more changed files of a pull request. */
const MAX_FILES = 3_000
/** Pages of files that are asked for at once. */
const AT_ONCE = 6

/** Everything that the gate decides on, from one query; more only where a page was not enough. */
export async function readPull(calls: Calls, me: Me, number: number): Promise<Result<PullFacts>> {
  const base = { owner: calls.owner, repo: calls.repo }
  const what = `reading pull request ${number} of ${calls.owner}/${calls.repo}`
  const got = await calls.query({
    what,
    needs: NEEDS,
    query: queries.PULL_QUERY,
    variables: {
      ...base,
      number,
      runs: runPrefix(number),
      config: CONFIG_FILE,
      workflow: `HEAD:.github/workflows/${WORKFLOW}`,
    },
    schema: queries.pullAnswer,
    // shown to those only who may write
    mayLack: (path) => path[1] === 'collaborators',
  })
  if (!got.ok) return got
  const { repository } = got.value
  const raw = repository.pullRequest
  const pull = pullRequest(raw)
  const config = configOf(raw.baseRef, raw.baseRefName)
  if (!config.ok) return config

  const [files, notes, commits, branches, otherWriters] = await Promise.all([
    allFiles(calls, number, raw, what),
    allNotes(calls, number, raw, what, me),
    allCommits(calls, number, raw, what),
    allBranches(calls, number, repository.runs, what),
    hasOtherWriters(repository.collaborators, pull.author.login) ?? askForWriters(calls, pull.author.login),
  ])
  if (!files.ok) return files
  if (!notes.ok) return notes
  if (!commits.ok) return commits
  if (!branches.ok) return branches

  const askers = askForChanges(raw.latestOpinionatedReviews)
  const pushers = present(raw.timelineItems).flatMap(({ actor }) =>
    actor === null || actor === undefined ? [] : [accountOfActor(actor).login],
  )
  return ok({
    pull,
    files: files.value,
    filesCut: raw.changedFiles > MAX_FILES,
    comments: stickyComments(notes.value, me),
    checks: checkRuns(
      present(raw.head).flatMap(({ commit }) => present(commit.checkSuites)),
      me,
    ),
    runs: runsOf(branches.value, number),
    config: config.value,
    hasWorkflow: repository.workflow !== null,
    defaultBranch: repository.defaultBranchRef?.name ?? '',
    committers: [...new Set([...peopleOf(commits.value), ...pushers])].sort(),
    otherWriters,
    changesRequestedBy: askers.map(({ login }) => login),
    changeRequests: askers.map(({ review }) => review),
  })
}

/** A configuration that is there and cannot be read is not "none": the rules in it may be stricter than the default. */
function configOf(branch: queries.Configured | null, name: string): Result<string | undefined> {
  const file = branch?.target?.config
  if (file === null || file === undefined) return ok(undefined)
  const text = file.object?.text
  if (typeof text === 'string' && file.object?.isTruncated !== true) return ok(text)
  return err([
    failure(
      'invalid-config',
      `${CONFIG_FILE} on ${name} is not a text file that can be read.`,
      'Write it as UTF-8 text below 500 KB, or remove it.',
      { file: CONFIG_FILE },
    ),
  ])
}

async function allFiles(
  calls: Calls,
  number: number,
  raw: queries.RawPull,
  what: string,
): Promise<Result<ChangedFile[]>> {
  const first = present(raw.files)
  // `files` is null for a pull request whose diff GitHub cannot make; then REST says why
  if (raw.files !== null && raw.changedFiles <= first.length)
    return ok(first.map((file) => changedFile(file.path, file.changeType)))
  const pages = Math.max(1, Math.ceil(Math.min(raw.changedFiles, MAX_FILES) / 100))
  const found: ChangedFile[] = []
  for (let from = 1; from <= pages; from += AT_ONCE) {
    const numbers = Array.from({ length: Math.min(AT_ONCE, pages - from + 1) }, (_, i) => from + i)
    const answers = await Promise.all(
      numbers.map((page) =>
        calls.send({
          what,
          needs: 'pull requests: read',
          route: 'GET /repos/{owner}/{repo}/pulls/{number}/files',
          params: { number, per_page: 100, page },
          schema: () => z.array(z.object({ filename: z.string(), status: z.string() })),
        }),
      ),
    )
    for (const answer of answers) {
      if (!answer.ok) return answer
      found.push(...answer.value.data.map((file) => changedFile(file.filename, file.status)))
    }
  }
  return ok(found)
}

/** Back in time until a comment of ours is found: the last hundred may all be younger. */
async function allNotes(
  calls: Calls,
  number: number,
  raw: queries.RawPull,
  what: string,
  me: Me,
): Promise<Result<queries.Note[]>> {
  const inOrder = (pages: readonly (typeof raw.comments)[]) => pages.toReversed().flatMap(present)
  const pages = await allPages(
    raw.comments,
    async (before) => {
      const answer = await calls.query({
        ...{ what, needs: NEEDS, query: queries.MORE_COMMENTS, schema: queries.commentsAnswer },
        variables: { owner: calls.owner, repo: calls.repo, number, before },
      })
      return answer.ok ? ok(answer.value.repository.pullRequest.comments) : answer
    },
    (found) => stickyComments(inOrder(found), me).some((comment) => comment.mine),
  )
  return pages.ok ? ok(inOrder(pages.value)) : pages
}

async function allCommits(
  calls: Calls,
  number: number,
  raw: queries.RawPull,
  what: string,
): Promise<Result<queries.People[]>> {
  const pages = await allPages(raw.commits, async (after) => {
    const answer = await calls.query({
      ...{ what, needs: NEEDS, query: queries.MORE_COMMITS, schema: queries.commitsAnswer },
      variables: { owner: calls.owner, repo: calls.repo, number, after },
    })
    return answer.ok ? ok(answer.value.repository.pullRequest.commits) : answer
  })
  return pages.ok ? ok(pages.value.flatMap(present)) : pages
}

async function allBranches(
  calls: Calls,
  number: number,
  first: queries.PullAnswer['repository']['runs'],
  what: string,
): Promise<Result<string[]>> {
  const pages = await allPages(first, async (after) => {
    const answer = await calls.query({
      ...{ what, needs: NEEDS, query: queries.MORE_RUNS, schema: queries.runsAnswer },
      variables: { owner: calls.owner, repo: calls.repo, runs: runPrefix(number), after },
    })
    return answer.ok ? ok(answer.value.repository.runs) : answer
  })
  return pages.ok ? ok(pages.value.flatMap((page) => present(page).map(({ name }) => name))) : pages
}

/** Where it cannot be known, there are others: that asks for another person's approval, never for less. */
async function askForWriters(calls: Calls, author: string): Promise<boolean> {
  const answer = await calls.send({
    what: 'reading who may write',
    needs: 'metadata: read',
    route: 'GET /repos/{owner}/{repo}/collaborators',
    params: { permission: 'push', per_page: 100 },
    schema: () =>
      z.array(
        z.object({
          login: z.string(),
          type: z.string(),
          permissions: z.optional(z.object({ push: z.boolean() })),
        }),
      ),
  })
  if (!answer.ok) return true
  return answer.value.data.some(
    (person) => person.login !== author && person.type !== 'Bot' && person.permissions?.push !== false,
  )
}

export async function readDefaultConfig(calls: Calls): Promise<Result<string | undefined>> {
  const answer = await calls.query({
    what: `reading ${CONFIG_FILE} of the default branch`,
    needs: 'contents: read',
    query: queries.DEFAULT_CONFIG,
    variables: { owner: calls.owner, repo: calls.repo, config: CONFIG_FILE },
    schema: queries.defaultConfigAnswer,
  })
  if (!answer.ok) return answer
  const branch = answer.value.repository.defaultBranchRef
  return configOf(branch, branch?.name ?? 'the default branch')
}

/** Open pull requests with the label. */
export async function readLabelled(calls: Calls, label: string): Promise<Result<number[]>> {
  const ask = async (after: string | null) => {
    const answer = await calls.query({
      what: `listing pull requests labelled ${label}`,
      needs: 'pull requests: read',
      query: queries.LABELLED,
      variables: { owner: calls.owner, repo: calls.repo, label, after },
      schema: queries.labelledAnswer,
    })
    return answer.ok ? ok(answer.value.repository.pullRequests) : answer
  }
  const first = await ask(null)
  if (!first.ok) return first
  const pages = await allPages(first.value, ask)
  return pages.ok ? ok(pages.value.flatMap((page) => present(page).map((pull) => pull.number))) : pages
}
