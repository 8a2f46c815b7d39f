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

/** Cut plans that are there to be run, by format: `kiro`, `bmad-v4`. */
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

/** A cut plan: the repository's files, where the plan lies in it, and its mode. */
export const runPlan = (name: string): { files: Files; path: string; mode: string } => ({
  ...planAt(join(runs, name)),
  mode: name.replace(/-v\d+$/u, ''),
})

const json = (folder: string, file: string): unknown => JSON.parse(readFileSync(join(folder, file), 'utf8'))

/** Files below a directory, by path relative to it; none of git's own. */
export function filesIn(dir: string): Files {
  const entries = readdirSync(dir, { withFileTypes: true, recursive: true }).flatMap((entry) => {
    if (!entry.isFile()) return []
    const path = join(entry.parentPath, entry.name)
    const inDir = path.slice(dir.length + 1).replaceAll('\\', '/')
    return inDir.startsWith('.git/') ? [] : [[inDir, readFileSync(path, 'utf8')] as const]
  })
  return Object.fromEntries(entries)
}

function planAt(folder: string): { files: Files; path: string } {
  const { path } = json(folder, 'SOURCE.json') as { path: string }
  return { files: filesIn(join(folder, 'repo')), path }
}
