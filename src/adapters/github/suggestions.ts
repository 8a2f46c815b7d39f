import * as z from 'zod'

import type { Forge } from '../../core/forge.ts'
import type { Sha } from '../../core/model/ids.ts'
import { lazily } from '../../core/model/lazily.ts'
import { ok, type Result } from '../../core/model/result.ts'
import type { Calls } from './calls.ts'
import { cut, LIMITS } from './limits.ts'

type Suggest = NonNullable<Forge['suggest']>
type Given = Parameters<Suggest>[2]
type Commentable = Awaited<ReturnType<NonNullable<Forge['commentable']>>>

const MARKER = '<!-- orchestrate:suggestions -->'
/** GitHub lists no more than 3,000 files. */
const MAX_PAGES = 30

/** Lines of the head that the diff shows, hunk by hunk. A file whose diff GitHub does not show has none. */
export async function readCommentable(calls: Calls, pull: number): Promise<Commentable> {
  const files = await listAll(calls, {
    what: `reading the diff of pull request ${pull}`,
    route: 'GET /repos/{owner}/{repo}/pulls/{pull}/files',
    pull,
    schema: () => z.object({ filename: z.string(), patch: z.string().optional() }),
  })
  if (!files.ok) return files
  return ok(new Map(files.value.map(({ filename, patch = '' }) => [filename, hunksOf(patch)])))
}

function hunksOf(patch: string): { from: number; to: number }[] {
  return [...patch.matchAll(/^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@/gm)]
    .map(([, from, count]) => ({ from: Number(from), to: Number(from) + Number(count ?? 1) - 1 }))
    .filter(({ from, to }) => from <= to)
}

const made = lazily(() => z.object({ html_url: z.string() }))
type Made = z.infer<ReturnType<typeof made>>
const reviewSchema = lazily(() =>
  made().extend({
    body: z.string().nullable(),
    commit_id: z.string().nullable(),
    user: z.object({ type: z.string() }).nullable(),
  }),
)

/** Once for each commit: whoever asks again gets the review that stands there. */
export async function suggest(
  calls: Calls,
  pull: number,
  sha: Sha,
  { body, suggestions }: Given,
): ReturnType<Suggest> {
  const there = await findOurs(calls, pull, sha)
  if (!there.ok) return there
  if (there.value !== undefined) return ok({ url: there.value.html_url })
  const answer = await calls.send({
    what: `suggesting changes of pull request ${pull}`,
    needs: 'pull requests: write',
    route: 'POST /repos/{owner}/{repo}/pulls/{pull}/reviews',
    params: {
      pull,
      commit_id: sha,
      event: 'COMMENT',
      body: cut(`${MARKER}\n${body}`, LIMITS.comment),
      comments: suggestions.map(({ path, startLine, endLine, body: text }) => ({
        ...{ path, body: text, line: endLine, side: 'RIGHT' },
        ...(startLine < endLine && { start_line: startLine, start_side: 'RIGHT' }),
      })),
    },
    schema: made,
    recover: () => findOurs(calls, pull, sha),
  })
  return answer.ok ? ok({ url: answer.value.data.html_url }) : answer
}

async function findOurs(calls: Calls, pull: number, sha: Sha): Promise<Result<Made | undefined>> {
  const reviews = await listAll(calls, {
    what: `looking for our suggestions on pull request ${pull}`,
    route: 'GET /repos/{owner}/{repo}/pulls/{pull}/reviews',
    pull,
    schema: reviewSchema,
  })
  if (!reviews.ok) return reviews
  return ok(
    reviews.value.find(
      ({ body, commit_id: commit, user }) =>
        commit === sha && user?.type === 'Bot' && body?.startsWith(MARKER) === true,
    ),
  )
}

async function listAll<T>(
  calls: Calls,
  { what, route, pull, schema }: { what: string; route: string; pull: number; schema: () => z.ZodType<T> },
): Promise<Result<T[]>> {
  const found: T[] = []
  for (let page = 1; page <= MAX_PAGES; page += 1) {
    const params = { pull, per_page: 100, page }
    const answer = await calls.send({
      ...{ what, needs: 'pull requests: read', route, params, schema: () => z.array(schema()) },
    })
    if (!answer.ok) return answer
    found.push(...answer.value.data)
    if (answer.value.data.length < 100) break
  }
  return ok(found)
}
