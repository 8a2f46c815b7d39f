/** Accounts and Apps. A bot's login has no `[bot]` here, unlike in REST. */
import { nodeId } from '../render/account.ts'
import type { Account, App, World } from '../state/records.ts'

export function actorNode(world: World, account: Account): Record<string, unknown> {
  const login = account.type === 'Bot' ? account.login.replace(/\[bot\]$/, '') : account.login
  return {
    __typename: account.type,
    id: nodeId(account.type, account.id),
    databaseId: account.id,
    login,
    name: account.login,
    url: `${world.url}/${login}`,
    resourcePath: `/${login}`,
    avatarUrl: `${world.url}/avatars/u/${account.id}`,
    createdAt: account.createdAt,
    updatedAt: account.createdAt,
  }
}

export const appNode = (world: World, app: App): Record<string, unknown> => ({
  __typename: 'App',
  id: nodeId('App', app.id),
  databaseId: app.id,
  slug: app.slug,
  name: app.name,
  url: `${world.url}/apps/${app.slug}`,
})
