import type { PhaseView, RunView } from '../pipeline-types.ts'
import { count } from '../text/display.ts'

/** Where things are on the code host. Every part is encoded, so that no name breaks out of a link. */
export interface Links {
  commit(sha: string): string
  branch(name: string): string
  /** All commits that a branch has. */
  commits(branch: string): string
  pullCommits: string
}

export function linksOf(url: string, pull: number): Links {
  const at = (path: string): string => path.split('/').map(part).join('/')
  return {
    commit: (sha) => `${url}/commit/${part(sha)}`,
    branch: (name) => `${url}/tree/${at(name)}`,
    commits: (branch) => `${url}/commits/${at(branch)}`,
    pullCommits: `${url}/pull/${pull}/commits`,
  }
}

const part = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)

/** "3 commits" as a link: to the pull request once the run has landed, before that to the phase's branch. */
export function commitsLink({ result, branch }: PhaseView, run: RunView, links: Links): string {
  const n = result?.commits.length ?? 0
  if (n === 0) return '–'
  const to = run.state === 'landed' ? links.pullCommits : links.commits(branch)
  return `[${count(n, 'commit')}](${to})`
}
