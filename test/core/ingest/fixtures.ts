import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../fixtures/plans', import.meta.url))

export const PLANS = readdirSync(root).sort()

/** The files of a fixture plan by path, labels.json left out. */
export function planFilesOf(name: string): Record<string, string> {
  const files: Record<string, string> = {}
  const walk = (directory: string, prefix: string): void => {
    for (const entry of readdirSync(directory)) {
      const path = join(directory, entry)
      if (statSync(path).isDirectory()) walk(path, `${prefix}${entry}/`)
      else if (entry !== 'labels.json') files[prefix + entry] = readFileSync(path, 'utf8')
    }
  }
  walk(join(root, name), '')
  return files
}

export interface Labels {
  mode: string
  scoring: string
  phases: {
    id: string
    title: string | null
    status: string | null
    taskCount: number | null
    dependsOn: string[]
  }[]
}

export const labelsOf = (name: string): Labels =>
  JSON.parse(readFileSync(join(root, name, 'labels.json'), 'utf8')) as Labels
