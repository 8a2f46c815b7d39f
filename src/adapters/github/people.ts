import * as z from 'zod/mini'

import { type Role, ROLES } from '../../core/forge.ts'
import { lazily } from '../../core/model/lazily.ts'
import { ok, type Result } from '../../core/model/result.ts'
import type { Calls } from './calls.ts'

/** The legacy `permission` knows three; a custom role has the one that it inherits from. */
const answerSchema = lazily(() =>
  z.object({
    permission: z.enum(['admin', 'write', 'read', 'none']),
    role_name: z.optional(z.string()),
  }),
)

/** The role of somebody in the repository; who is unknown has none. */
export async function readRole(calls: Calls, login: string): Promise<Result<Role>> {
  const answer = await calls.find({
    what: `reading the role of ${login}`,
    needs: 'metadata: read',
    route: 'GET /repos/{owner}/{repo}/collaborators/{login}/permission',
    params: { login },
    schema: answerSchema,
  })
  if (!answer.ok) return answer
  if (answer.value === undefined) return ok('none')
  const { permission, role_name: name } = answer.value.data
  return ok(ROLES.find((role) => role === name) ?? permission)
}
