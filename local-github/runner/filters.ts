/** Whether a workflow's `on` asks for an event. */
import * as z from 'zod'
import type { EventsConfig } from './library.ts'
import { matchesPatterns } from './patterns.ts'

export interface EventFacts {
  event: string
  action: string | undefined
  /** The full ref of a push. */
  ref: string
  /** Where a pull request or a merge group wants to go, short. */
  baseBranch: string | undefined
  schedule: string | undefined
  /** Of `workflow_run`: which workflow ran, on which branch. */
  completed: { workflow: string; branch: string } | undefined
  /** Asked only where a filter needs it; undefined where nothing can be compared, and then every path filter passes. */
  changedFiles(): Promise<string[] | undefined>
}

/** Of an event with many activities, those that count where a workflow names none. */
const DEFAULT_TYPES: Readonly<Record<string, readonly string[]>> = {
  pull_request: ['opened', 'synchronize', 'reopened'],
  pull_request_target: ['opened', 'synchronize', 'reopened'],
}

const List = z.array(z.string()).optional()
const Filters = z.looseObject({
  types: List,
  branches: List,
  'branches-ignore': List,
  tags: List,
  'tags-ignore': List,
  paths: List,
  'paths-ignore': List,
  workflows: List,
})
type Filters = z.infer<typeof Filters>
const Schedules = z.array(z.looseObject({ cron: z.string() }))

export async function asksFor(on: EventsConfig, facts: EventFacts): Promise<boolean> {
  const config = on[facts.event]
  if (config === undefined) return false
  if (facts.event === 'schedule')
    return (
      facts.schedule === undefined || Schedules.parse(config).some((entry) => entry.cron === facts.schedule)
    )
  if (facts.event === 'workflow_dispatch') return true
  const filters = Filters.parse(config)

  const types = filters.types ?? DEFAULT_TYPES[facts.event]
  if (types && facts.action !== undefined && !types.includes(facts.action)) return false
  if (facts.completed) {
    const { workflow, branch } = facts.completed
    if (filters.workflows && !matchesPatterns(filters.workflows, workflow)) return false
    return passes(filters.branches, filters['branches-ignore'], branch)
  }
  if (facts.event === 'push') {
    if (!passesRef(filters, facts.ref)) return false
    // Tags have no path filters.
    if (facts.ref.startsWith('refs/tags/')) return true
  } else if (facts.baseBranch !== undefined) {
    if (!passes(filters.branches, filters['branches-ignore'], facts.baseBranch)) return false
  }
  if (!filters.paths && !filters['paths-ignore']) return true
  const files = await facts.changedFiles()
  if (files === undefined) return true
  if (filters.paths) return files.some((file) => matchesPatterns(filters.paths ?? [], file))
  return files.some((file) => !matchesPatterns(filters['paths-ignore'] ?? [], file))
}

function passes(only: string[] | undefined, ignore: string[] | undefined, value: string): boolean {
  if (only) return matchesPatterns(only, value)
  return !ignore || !matchesPatterns(ignore, value)
}

/** A push of a branch where only tags are asked for starts nothing, and the other way round. */
function passesRef(filters: Filters, ref: string): boolean {
  const tag = ref.startsWith('refs/tags/')
  const name = ref.replace(/^refs\/(heads|tags)\//, '')
  const branches = filters.branches ?? filters['branches-ignore']
  const tags = filters.tags ?? filters['tags-ignore']
  if (!branches && !tags) return true
  if (tag) return tags !== undefined && passes(filters.tags, filters['tags-ignore'], name)
  return branches !== undefined && passes(filters.branches, filters['branches-ignore'], name)
}
