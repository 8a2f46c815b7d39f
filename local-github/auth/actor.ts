/** Who is asking, from the token that a request carries. */
import { createVerify } from 'node:crypto'
import { Refusal } from '../http/refusal.ts'
import type { Account, App, Installation, Repository, World } from '../state/records.ts'
import type { TokenPermissions } from '../types.ts'

export type Actor =
  | { kind: 'anonymous' }
  | { kind: 'user'; account: Account }
  /** With an App's JWT: what it may do is under `/app`. */
  | { kind: 'app'; app: App; account: Account }
  | {
      kind: 'installation'
      installation: Installation
      app: App
      account: Account
      permissions: TokenPermissions
      repositories: ReadonlySet<Repository>
    }
  /** A GITHUB_TOKEN. What it does starts no workflow. */
  | { kind: 'job'; app: App; account: Account; repository: Repository; permissions: TokenPermissions }

/** The App that workflows' tokens and checks belong to, with the ids that it has on github.com. */
export const ACTIONS_APP = { id: 15368, slug: 'github-actions', botId: 41898282 }

export const ANONYMOUS: Actor = { kind: 'anonymous' }
const badCredentials = (): Refusal => new Refusal(401, 'Bad credentials')

export function actorName(actor: Actor): string {
  if (actor.kind === 'anonymous') return 'anonymous'
  return actor.kind === 'app' ? `jwt:${actor.app.slug}` : actor.account.login
}

/** The account that stands as sender, author, creator. Anonymous requests write nothing. */
export function accountOf(actor: Actor): Account {
  if (actor.kind === 'anonymous') throw new Refusal(401, 'Requires authentication')
  return actor.account
}

/** `authorization` as `Bearer`, `token` or, for git, `Basic` with the token as password (or as the name, without one). */
export function identify(world: World, authorization: string | undefined): Actor {
  if (authorization === undefined || authorization === '') return ANONYMOUS
  const [scheme = '', value = ''] = authorization.trim().split(/\s+/, 2)
  if (/^basic$/i.test(scheme)) {
    const [name = '', ...password] = Buffer.from(value, 'base64').toString().split(':')
    return byToken(world, password.join(':') || name)
  }
  if (!/^(bearer|token)$/i.test(scheme)) throw badCredentials()
  return value.split('.').length === 3 ? byJwt(world, value) : byToken(world, value)
}

function byToken(world: World, token: string): Actor {
  const record = world.tokens.get(token)
  if (!record) throw badCredentials()
  if (record.kind === 'user') return { kind: 'user', account: record.account }
  if (record.kind === 'job') {
    const app = world.apps.get(ACTIONS_APP.id)
    if (!app) throw new Error('the App of Actions is missing')
    return { ...record, app, account: app.bot }
  }
  const { installation, permissions, expiresAt } = record
  if (expiresAt <= world.now().getTime() || !world.installations.has(installation.id)) throw badCredentials()
  const { app } = installation
  const repositories = record.repositories ?? installation.repositories
  return { kind: 'installation', installation, app, account: app.bot, permissions, repositories }
}

/** GitHub takes an App's JWT for at most ten minutes, and clocks may differ by one. */
const MAX_JWT_SECONDS = 600
const DRIFT_SECONDS = 60

function byJwt(world: World, token: string): Actor {
  const [head = '', claims = '', signature = ''] = token.split('.')
  const read = (part: string): Record<string, unknown> => {
    try {
      const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
      return typeof value === 'object' && value !== null ? { ...value } : {}
    } catch {
      return {}
    }
  }
  const { iss, iat, exp } = read(claims)
  const app = world.apps.get(Number(iss))
  const unreadable = new Refusal(401, 'A JSON web token could not be decoded')
  if (read(head)['alg'] !== 'RS256' || !app) throw unreadable
  const signed = createVerify('RSA-SHA256').update(`${head}.${claims}`)
  if (!signed.verify(app.publicKey, signature, 'base64url')) throw unreadable
  const now = world.now().getTime() / 1000
  if (typeof exp !== 'number' || exp <= now)
    throw new Refusal(
      401,
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
    )
  if (exp > now + MAX_JWT_SECONDS + DRIFT_SECONDS)
    throw new Refusal(401, "'Expiration time' claim ('exp') is too far in the future")
  if (typeof iat === 'number' && iat > now + DRIFT_SECONDS)
    throw new Refusal(
      401,
      "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
    )
  return { kind: 'app', app, account: app.bot }
}
