// npm run verify-github -- OWNER/REPO: tries on a real repository what docs/assumptions.md says, and prints a table.
import { Octokit } from '@octokit/rest'
import { ASSUMPTIONS } from './assumptions.mjs'
import { openPlace } from './place.mjs'

const { env } = process
const [name = ''] = process.argv.slice(2)
const [owner, repo, more] = name.split('/')
const token = env['GITHUB_TOKEN'] ?? env['GH_TOKEN'] ?? ''
const problems = [
  ...(owner && repo && more === undefined
    ? []
    : [`error: "${name}" names no repository.\n  hint: npm run verify-github -- OWNER/REPO`]),
  ...(token === ''
    ? ['error: There is no token.\n  hint: GITHUB_TOKEN=$(gh auth token) npm run verify-github -- OWNER/REPO']
    : []),
]
if (problems.length > 0) {
  console.error(problems.join('\n'))
  process.exit(2)
}

const baseUrl = env['GITHUB_API_URL'] ?? 'https://api.github.com'
const server = env['GITHUB_SERVER_URL'] ?? 'https://github.com'
const quiet = { debug() {}, info() {}, warn() {}, error() {} }
const octokit = new Octokit({ auth: token, baseUrl, log: quiet })
const place = openPlace({ octokit, owner, repo, token, cloneUrl: `${server}/${owner}/${repo}.git` })

const rows = []
try {
  for (const { id, try: attempt, untried } of ASSUMPTIONS) {
    if (attempt === undefined) {
      rows.push(['not tried', id, untried])
      continue
    }
    try {
      rows.push(['holds', id, await attempt(place)])
    } catch (error) {
      rows.push(['DIFFERS', id, String(error.message).split('\n')[0]])
    }
  }
} finally {
  const left = await place.close()
  for (const what of left) console.error(`warning: could not be taken away again: ${what}`)
}

const width = Math.max(...rows.map(([, id]) => id.length))
for (const [verdict, id, seen] of rows)
  console.log(`${verdict.padEnd(9)}  ${id.padEnd(width)}  ${seen}`.trimEnd())
const counted = (verdict) => rows.filter(([seen]) => seen === verdict).length
console.log(
  `\n${counted('holds')} hold, ${counted('DIFFERS')} differ, ${counted('not tried')} not tried, on ${server}/${owner}/${repo}`,
)
process.exitCode = counted('DIFFERS') > 0 ? 1 : 0
