import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Files } from './memory-plan.ts'

const root = fileURLToPath(new URL('../fixtures/formats', import.meta.url))
const runs = fileURLToPath(new URL('../fixtures/runs', import.meta.url))

const foldersOf = (dir: string): string[] =>
  readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()

/** Plans of other planners that people wrote, by name: `kiro__owner__repository`. */
export const FORMAT_PLANS = foldersOf(root)

/** Formats of which a cut plan is there to be run. */
export const RUN_PLANS = foldersOf(runs)

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
  const folder = join(root, name)
  return { ...planAt(folder), labels: json(folder, 'labels.json') as FormatLabels }
}

/** A cut plan of a format: the repository's files, and where the plan lies in it. */
export const runPlan = (format: string): { files: Files; path: string } => planAt(join(runs, format))

const json = (folder: string, file: string): unknown => JSON.parse(readFileSync(join(folder, file), 'utf8'))

function planAt(folder: string): { files: Files; path: string } {
  const repo = join(folder, 'repo')
  const files = readdirSync(repo, { withFileTypes: true, recursive: true }).flatMap((entry) => {
    if (!entry.isFile()) return []
    const path = join(entry.parentPath, entry.name)
    const inRepo = path.slice(repo.length + 1).replaceAll('\\', '/')
    return [[inRepo, readFileSync(path, 'utf8')] as const]
  })
  const { path } = json(folder, 'SOURCE.json') as { path: string }
  return { files: Object.fromEntries(files), path }
}
