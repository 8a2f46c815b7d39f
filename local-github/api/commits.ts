/** Commits and comparisons. */
import { reading } from '../auth/may.ts'
import type { Api, Call } from '../http/api.ts'
import { linkHeader, pageOf } from '../http/paging.ts'
import { notFound, Refusal } from '../http/refusal.ts'
import { json, type Reply } from '../http/reply.ts'
import { diffFiles, EMPTY_TREE } from '../git/diff.ts'
import { isPull } from '../state/find.ts'
import { renderCommit, renderFile, renderPullSummary } from '../render/pull.ts'
import type { Repository } from '../state/records.ts'

const MAX_COMMITS = 250
const MAX_FILES = 300

export function commitRoutes(api: Api): void {
  api.repo('GET', '/commits', reading('contents'), list)
  api.repo('GET', '/commits/:ref', reading('contents'), one)
  api.repo('GET', '/commits/:ref/pulls', reading('pull_requests'), async (call, repo) => {
    const sha = await named(repo, call.param('ref'))
    const found = [...repo.issues.values()].filter(isPull).filter(({ pull }) => pull.head.sha === sha)
    return call.page(found, (issue) => renderPullSummary(call.world, repo, issue))
  })
  api.repo('GET', '/compare/*range', reading('contents'), compare)
}

async function named(repo: Repository, name: string): Promise<string> {
  const sha = await repo.git.resolveCommit(name)
  if (sha === undefined) throw new Refusal(422, `No commit found for SHA: ${name}`)
  return sha
}

async function list(call: Call, repo: Repository): Promise<Reply> {
  const sha = await named(repo, call.query('sha') ?? repo.defaultBranch)
  const page = pageOf(call.url.searchParams)
  const path = call.query('path')
  const range = [sha, ...(path === undefined ? [] : ['--', path])]
  const skip = [`--skip=${(page.page - 1) * page.perPage}`, `--max-count=${page.perPage + 1}`]
  const shas = await repo.git.revList([...skip, ...range])
  const total = (page.page - 1) * page.perPage + shas.length
  const commits = await repo.git.commits(shas.slice(0, page.perPage))
  const body = commits.map((commit) => renderCommit(call.world, repo, commit))
  return json(body, 200, linkHeader(call.url, total, page))
}

async function one(call: Call, repo: Repository): Promise<Reply> {
  const commit = await repo.git.commit(await named(repo, call.param('ref')))
  if (!commit) throw notFound()
  const files = await diffFiles(repo.git, commit.parents[0] ?? EMPTY_TREE, commit.sha)
  const additions = files.reduce((sum, file) => sum + file.additions, 0)
  const deletions = files.reduce((sum, file) => sum + file.deletions, 0)
  return json({
    ...renderCommit(call.world, repo, commit),
    stats: { total: additions + deletions, additions, deletions },
    files: files.map((file) => renderFile(call.world, repo, commit.sha, file)),
  })
}

async function compare(call: Call, repo: Repository): Promise<Reply> {
  const [from, to, more] = call.param('range').split('...')
  if (from === undefined || to === undefined || more !== undefined) throw notFound()
  const [base, head] = [await repo.git.resolveCommit(from), await repo.git.resolveCommit(to)]
  if (base === undefined || head === undefined) throw notFound()
  const compared = await repo.git.comparisons.compare(base, head)
  const [baseCommit, mergeBase] = [
    await repo.git.commit(base),
    await repo.git.commit(compared.mergeBase ?? base),
  ]
  if (!baseCommit || !mergeBase) throw notFound()
  const [ahead, behind] = [compared.commits.length, compared.behindBy]
  const page = pageOf(call.url.searchParams)
  const paged = call.query('page') !== undefined || call.query('per_page') !== undefined
  const shas = paged
    ? compared.commits.slice((page.page - 1) * page.perPage, page.page * page.perPage)
    : compared.commits.slice(-MAX_COMMITS)
  const commits = await repo.git.commits(shas)
  const html = `${call.world.url}/${repo.fullName}/compare/${from}...${to}`
  return json({
    url: `${call.world.url}/repos/${repo.fullName}/compare/${from}...${to}`,
    html_url: html,
    permalink_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    base_commit: renderCommit(call.world, repo, baseCommit),
    merge_base_commit: renderCommit(call.world, repo, mergeBase),
    status: ahead > 0 && behind > 0 ? 'diverged' : ahead > 0 ? 'ahead' : behind > 0 ? 'behind' : 'identical',
    ahead_by: ahead,
    behind_by: behind,
    total_commits: ahead,
    commits: commits.map((commit) => renderCommit(call.world, repo, commit)),
    files: compared.files.slice(0, MAX_FILES).map((file) => renderFile(call.world, repo, head, file)),
  })
}
