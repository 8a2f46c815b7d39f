/** What every reader of plans decides alike, wherever the files lie. */
import type { ProjectDocument } from '../../core/model/plan.ts'

/** More than this of a file is never read: a plan is text that people wrote. */
export const MAX_BYTES = 5_000_000
export const MAX_FILES = 5_000
/** How many folders below the plan directory are looked into. */
export const PLAN_DEPTH = 2
export const MAX_DOCUMENTS = 2_000

const SKIPPED = new Set([
  'node_modules',
  'vendor',
  'dist',
  'build',
  'target',
  'out',
  'coverage',
  '__pycache__',
  'venv',
])

/** Folders of tools and of what is built hold no plan and no document of the project. */
export const isSkippedFolder = (name: string): boolean => name.startsWith('.') || SKIPPED.has(name)

/** Text as it was written: a byte order mark stays, bytes that are no UTF-8 are replaced and told. */
export function decodeText(bytes: Uint8Array): { text: string; invalidUtf8: boolean } {
  try {
    return {
      text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes),
      invalidUtf8: false,
    }
  } catch {
    return { text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes), invalidUtf8: true }
  }
}

/** Which document of the project a path is, from the repository's root; undefined for anything else. */
export function documentKind(path: string): ProjectDocument['kind'] | undefined {
  const name = path.split('/').at(-1) ?? ''
  if (/^(?:CLAUDE|AGENTS)\.md$/u.test(name)) return 'agent-instructions'
  if (path === 'docs/CODEBASE_MAP.md') return 'codebase-map'
  if (/^README(?:\.\w+)?$/iu.test(name)) return 'readme'
  return path.startsWith('docs/') && /\.mdx?$/iu.test(name) ? 'doc' : undefined
}
