/**
 * Where a GitHub's API is, from where its pages are: `https://api.github.com` for github.com, `https://api.<name>.ghe.com` for
 * one with data residency, `<host>/api/v3` for an Enterprise Server, the same address for a server on this machine.
 * GraphQL follows from it: octokit asks `<host>/api/graphql` where the API ends in `/api/v3`, `<API>/graphql` anywhere else.
 */
export function apiUrl(serverUrl: string): string {
  const url = new URL(serverUrl)
  if (url.hostname === 'github.com') return 'https://api.github.com'
  if (url.hostname.endsWith('.ghe.com')) return `${url.protocol}//api.${url.host}`
  if (isThisMachine(url.hostname)) return url.origin
  return `${url.origin}/api/v3`
}

/** The other way round. */
export function serverUrl(api: string): string {
  const url = new URL(api)
  const host = /^api\.(?:github\.com|.+\.ghe\.com)$/u.test(url.hostname)
    ? url.host.slice('api.'.length)
    : url.host
  return `${url.protocol}//${host}`
}

const isThisMachine = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || /^127(?:\.\d+){3}$/u.test(host)
