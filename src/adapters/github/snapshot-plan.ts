/** A plan and its project as they stand at a commit of the forge, without a checkout. */
import { posix } from 'node:path'

import picomatch from 'picomatch'

import type { FileSnapshot } from '../../core/forge.ts'
import { locatePlan } from '../../core/ingest/plan-dirs.ts'
import type { ProjectDocument } from '../../core/model/plan.ts'
import type { PlanSource, ProjectFiles } from '../../core/ports.ts'
import { documentKind, isSkippedFolder, MAX_DOCUMENTS, MAX_FILES, PLAN_DEPTH } from '../files/plan-limits.ts'

/** The plan at `plan`, a directory ("" or "." for the root) or a file, of what was read. Lists what a checkout would list; reads what was read. */
export function snapshotPlanSource(snapshot: FileSnapshot, plan: string): PlanSource {
  const path = posix.normalize(plan).replace(/^\.?\/*$|\/+$/gu, '')
  const isFile = snapshot.files.has(path) || snapshot.skipped.includes(path)
  const { dir, file } = isFile ? (locatePlan(path) ?? aloneAt(path)) : { dir: path }
  const prefix = dir === '' ? '' : `${dir}/`
  return {
    shown: path === '' ? '.' : path,
    dir,
    ...(file === undefined ? {} : { file }),
    read(path) {
      const file = snapshot.files.get(posix.join(dir, path))
      return Promise.resolve(file && { text: file.text, invalidUtf8: file.invalidUtf8 })
    },
    list(depth = PLAN_DEPTH) {
      const names = [...snapshot.files.keys(), ...snapshot.skipped]
        .filter((path) => path.startsWith(prefix))
        .map((path) => path.slice(prefix.length))
        .filter((name) => isListed(name, depth))
      return Promise.resolve([...new Set(names)].sort().slice(0, MAX_FILES))
    },
    documents() {
      const found = [...snapshot.files].flatMap(([path, { bytes }]): ProjectDocument[] => {
        const kind = documentKind(path)
        return kind === undefined ? [] : [{ path, kind, bytes }]
      })
      return Promise.resolve(found.sort((a, b) => (a.path < b.path ? -1 : 1)).slice(0, MAX_DOCUMENTS))
    },
  }
}

const aloneAt = (path: string): { dir: string; file: string } => {
  const folder = posix.dirname(path)
  return { dir: folder === '.' ? '' : folder, file: posix.basename(path) }
}

function isListed(path: string, depth: number): boolean {
  const folders = path.split('/').slice(0, -1)
  return folders.length <= depth && !folders.some(isSkippedFolder)
}

/** Entered only where a search starts in one, as on disk. */
const CLOSED = new Set(['node_modules', '.git'])

/** The project of what was read. There is no home; what is written is seen by later reads and goes nowhere else. */
export function snapshotProjectFiles(snapshot: FileSnapshot): ProjectFiles {
  const written = new Map<string, string>()
  const inside = (path: string): string | undefined => {
    const plain = posix.normalize(path)
    return plain.startsWith('../') || plain.startsWith('/') ? undefined : plain
  }
  return {
    read(path) {
      const at = inside(path)
      const text = at === undefined ? undefined : (written.get(at) ?? snapshot.files.get(at)?.text)
      return Promise.resolve(text)
    },
    glob(pattern, base) {
      const matches = picomatch(base === undefined ? pattern : posix.join(base, pattern), { dot: true })
      const isFree = base?.split('/').some((part) => CLOSED.has(part)) === true
      const paths = new Set([...snapshot.files.keys(), ...written.keys()])
      const found = [...paths].filter(
        (path) => (isFree || !path.split('/').some((part) => CLOSED.has(part))) && matches(path),
      )
      return Promise.resolve(found.sort())
    },
    readHome: () => Promise.resolve(undefined),
    globHome: () => Promise.resolve([]),
    modified: () => Promise.resolve(undefined),
    write(path, text) {
      const at = inside(path)
      if (at === undefined) return Promise.reject(new Error(`writing outside of the repository: ${path}`))
      written.set(at, text)
      return Promise.resolve()
    },
  }
}
