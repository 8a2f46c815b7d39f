import * as z from 'zod/mini'

import { failure } from '../../core/model/failure.ts'
import type { Sha } from '../../core/model/ids.ts'
import { lazily } from '../../core/model/lazily.ts'
import { err, ok, type Result } from '../../core/model/result.ts'
import type { Calls } from './calls.ts'

const refSchema = lazily(() => z.object({ object: z.object({ sha: z.string() }) }))

/**
 * Fast-forwards `branch` from `from` to `to`, never by force. GitHub's update knows no expected value, so the branch is
 * read first; a push in between is refused as no fast-forward, unless `to` descends from it too.
 */
export async function advanceBranch(calls: Calls, branch: string, from: Sha, to: Sha): Promise<Result<void>> {
  const at = await tip(calls, branch)
  if (!at.ok) return at
  if (at.value === to) return ok(undefined)
  if (at.value !== from)
    return err([
      failure(
        'forge-refused',
        at.value === undefined
          ? `The branch ${branch} is not there any more.`
          : `The branch ${branch} is at ${at.value.slice(0, 7)}, not at ${from.slice(0, 7)}: somebody pushed to it.`,
        'Look at what was pushed, then land again.',
      ),
    ])
  const answer = await calls.send({
    what: `moving the branch ${branch} on to ${to.slice(0, 7)}`,
    needs: 'contents: write',
    route: `PATCH /repos/{owner}/{repo}/git/refs/heads/${path(branch)}`,
    params: { sha: to, force: false },
    schema: refSchema,
    async recover() {
      const now = await tip(calls, branch)
      if (!now.ok) return now
      return ok(now.value === to ? { object: { sha: to } } : undefined)
    },
  })
  return answer.ok ? ok(undefined) : answer
}

async function tip(calls: Calls, branch: string): Promise<Result<string | undefined>> {
  const answer = await calls.find({
    what: `reading the branch ${branch}`,
    needs: 'contents: read',
    route: `GET /repos/{owner}/{repo}/git/ref/heads/${path(branch)}`,
    schema: refSchema,
  })
  return answer.ok ? ok(answer.value?.data.object.sha) : answer
}

/** Slashes of a branch stay; `{`, `:` and the like would be read as part of the route. */
const path = (branch: string): string => branch.split('/').map(encodeURIComponent).join('/')
