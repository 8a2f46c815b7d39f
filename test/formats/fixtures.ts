import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Files } from './memory-plan.ts'

const root = fileURLToPath(new URL('../fixtures/formats', import.meta.url))

/** Plans of other planners that people wrote, by name: `kiro__owner__repository`. */
export const FORMAT_PLANS = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort()

export interface FormatLabels {
  format: string
  filesScored: boolean
  phases: {
    id: string
    title: string
    status: 'done' | 'pending' | 'in-progress' | 'cancelled' | 'deferred'
    taskCount: number
    dependsOn: string[]
    files?: string[]
    optionalTasks?: number
  }[]
}

/** The repository's files, where the plan lies in it, and what a reader has to find. */
export function formatPlan(name: string): { files: Files; path: string; labels: FormatLabels } {
  const json = (file: string): unknown => JSON.parse(readFileSync(join(root, name, file), 'utf8'))
  const repo = join(root, name, 'repo')
  const files = readdirSync(repo, { withFileTypes: true, recursive: true }).flatMap((entry) => {
    if (!entry.isFile()) return []
    const path = join(entry.parentPath, entry.name)
    const inRepo = path.slice(repo.length + 1).replaceAll('\\', '/')
    return [[inRepo, readFileSync(path, 'utf8')] as const]
  })
  const { path } = json('SOURCE.json') as { path: string }
  return { files: Object.fromEntries(files), path, labels: json('labels.json') as FormatLabels }
}
