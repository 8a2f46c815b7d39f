/** Who somebody is, from REST and from GraphQL alike. */
import * as z from 'zod/mini'

import type { Account } from '../../core/forge.ts'
import { lazily } from '../../core/model/lazily.ts'

/** Somebody whose account is gone: GitHub shows them as this user. */
const GHOST: Account = { login: 'ghost', id: 0, kind: 'user' }

/** `author` of anything; goes with the fragment `Account`. */
export const actorSchema = lazily(() =>
  z.nullable(z.object({ __typename: z.string(), login: z.string(), databaseId: z.nullish(z.number()) })),
)

export const ACTOR = `fragment Account on Actor {
  __typename
  login
  ... on User { databaseId }
  ... on Bot { databaseId }
  ... on Organization { databaseId }
  ... on Mannequin { databaseId }
}`

/** A bot's login ends in `[bot]` in REST only: without it, a person could be named like our App. */
export function accountOfActor(actor: z.infer<ReturnType<typeof actorSchema>>): Account {
  if (actor === null) return GHOST
  const kind =
    actor.__typename === 'Bot' ? 'bot' : actor.__typename === 'Organization' ? 'organization' : 'user'
  const login = kind === 'bot' && !actor.login.endsWith('[bot]') ? `${actor.login}[bot]` : actor.login
  return { login, id: actor.databaseId ?? 0, kind }
}

export const userSchema = lazily(() =>
  z.nullable(z.object({ login: z.string(), id: z.number(), type: z.string() })),
)

export function accountOfUser(user: z.infer<ReturnType<typeof userSchema>>): Account {
  if (user === null) return GHOST
  const kind = user.type === 'Bot' ? 'bot' : user.type === 'Organization' ? 'organization' : 'user'
  return { login: user.login, id: user.id, kind }
}
