// The token as git sends it, and how it leaves a checkout again.
import { spawnSync } from 'node:child_process'

export const credentialKey = (server) => `http.${server}/.extraheader`
export const authorization = (token) =>
  `AUTHORIZATION: basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`

/** No problem where there is none. */
export function forget(dir, server) {
  spawnSync('git', ['config', '--local', '--unset-all', credentialKey(server)], { cwd: dir })
}
