/** The logs of the jobs and the gate's check, as lines for a person who watches: what begins, passes, merges. */
import type { LocalGitHub, WorkflowEvent } from '../types.ts'

/** What is said of a phase there and matters here. */
const TOLD = /^phase \S+ · (started|commit|build|test|merged|needs|stopped|\S.* findings?|.*\bP[0-3]\b)/

/** A runner's log line, `phase 2 | phase 2 · build · green`; undefined for one that says nothing to a person. */
export function lineOfLog(line: string, seen: Set<string>): string | undefined {
  const [, job = '', text = ''] = /^(.+?) \| (.*)$/.exec(line) ?? []
  const shown = `[${job}]`.padEnd(10)
  if (text.startsWith('##[group]Run ') && !seen.has(job)) {
    seen.add(job)
    return `${shown} job begins`
  }
  // The next job of that name is another one.
  if (text.startsWith('##[group]Post ')) seen.delete(job)
  return TOLD.test(text) ? `${shown} ${text}` : undefined
}

/** Tells how the title of the gate's check changes, until the function that it returns is called. */
export function watchGate(github: LocalGitHub, name: string, tell: (line: string) => void): () => void {
  let last = ''
  return github.onWorkflowEvent(({ event, payload }: WorkflowEvent) => {
    const run = payload['check_run']
    if (event !== 'check_run' || typeof run !== 'object' || run === null) return
    const title = titleOf(run)
    if (Reflect.get(run, 'name') !== name || title === '' || title === last) return
    last = title
    tell(`check "${name}": ${title}`)
  })
}

function titleOf(run: object): string {
  const output: unknown = Reflect.get(run, 'output')
  const title: unknown = typeof output === 'object' && output !== null ? Reflect.get(output, 'title') : ''
  return typeof title === 'string' ? title : ''
}
