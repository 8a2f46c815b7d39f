/** Where a repository is on a GitHub, from the address of a git remote; undefined for what is none. */
export function repositoryOf(remote: string): { serverUrl: string; owner: string; repo: string } | undefined {
  // `git@github.com:acme/shop.git` is no URL, and ssh says nothing of the address of the pages.
  const scp = /^(?:[^@/]+@)?([^/:]+):(?!\/)(.+)$/.exec(remote)
  const text = scp === null || remote.includes('://') ? remote : `ssh://${scp[1]}/${scp[2]}`
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  const [owner = '', name = '', ...more] = url.pathname.replace(/^\/+|\/+$/g, '').split('/')
  const repo = name.replace(/\.git$/, '')
  if (url.host === '' || owner === '' || repo === '' || more.length > 0) return undefined
  const web = url.protocol === 'http:' || url.protocol === 'https:'
  return { serverUrl: web ? url.origin : `https://${url.hostname}`, owner, repo }
}
