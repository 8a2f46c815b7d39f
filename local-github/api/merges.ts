/** `PUT pulls/{n}/merge`: a real merge, refused where a conflict, a moved head or a missing check stands in the way. */
import * as z from 'zod'
import { reading, writing } from '../auth/may.ts'
import { pullOf, type Api, type Call } from '../http/api.ts'
import { notFound, Refusal } from '../http/refusal.ts'
import { empty, json, type Reply } from '../http/reply.ts'
import { refsChanged } from '../events/ref-changes.ts'
import { missingChecks, missingReviews } from '../protection/rules.ts'
import { emailOf } from '../state/make.ts'
import type { PullRequest, Repository } from '../state/records.ts'
import { isoNow } from '../state/time.ts'

const Merge = z.object({
  sha: z.string().optional(),
  merge_method: z.enum(['merge', 'squash', 'rebase']).optional(),
  commit_title: z.string().optional(),
  commit_message: z.string().optional(),
})

export function mergeRoutes(api: Api): void {
  api.repo('PUT', '/pulls/:number/merge', writing('contents'), merge)
  api.repo('GET', '/pulls/:number/merge', reading('contents'), (call, repo) => {
    if (!pullOf(repo, call.id('number')).pull.merged) throw notFound()
    return empty()
  })
}

function merge(call: Call, repo: Repository): Promise<Reply> {
  const issue = pullOf(repo, call.id('number'))
  const input = call.body(Merge)
  return repo.git.turns.take(async () => {
    const { pull } = issue
    const ref = `refs/heads/${pull.base.ref}`
    const base = await repo.git.tip(pull.base.ref)
    if (issue.state !== 'open' || pull.draft || base === undefined)
      throw new Refusal(405, 'Pull Request is not mergeable')
    if (input.sha !== undefined && input.sha !== pull.head.sha)
      throw new Refusal(409, 'Head branch was modified. Review and try the merge again.')
    const missing = missingChecks(repo, pull.base.ref, pull.head.sha)
    if (missing.length > 0) throw new Refusal(405, `Required status check "${missing[0] ?? ''}" is expected.`)
    const reviews = missingReviews(repo, issue)
    if (reviews !== undefined) throw new Refusal(405, reviews)
    const { tree } = await repo.git.comparisons.merge(base, pull.head.sha)
    if (tree === undefined) throw new Refusal(405, 'Pull Request is not mergeable')
    const sha = await mergeCommit(call, repo, issue, { tree, base }, input)
    await repo.git.updateRef(ref, sha, base)
    pull.base.sha = base
    pull.merged = { at: isoNow(call.world), by: call.account, sha }
    await refsChanged(call, repo, [{ ref, before: base, after: sha }], call.actor)
    return json({ sha, merged: true, message: 'Pull Request successfully merged' })
  })
}

async function mergeCommit(
  call: Call,
  repo: Repository,
  issue: PullRequest,
  { tree, base }: { tree: string; base: string },
  input: z.infer<typeof Merge>,
): Promise<string> {
  const { pull, number, title } = issue
  const whole = input.merge_method === undefined || input.merge_method === 'merge'
  const headline =
    input.commit_title ??
    (whole
      ? `Merge pull request #${number} from ${pull.head.repository.owner.login}/${pull.head.ref}`
      : `${title} (#${number})`)
  return repo.git.writeCommit({
    tree,
    parents: whole ? [base, pull.head.sha] : [base],
    message: `${headline}\n\n${input.commit_message ?? title}\n`,
    author: { name: call.account.login, email: emailOf(call.account) },
    committer: { name: 'GitHub', email: 'noreply@github.com' },
  })
}
