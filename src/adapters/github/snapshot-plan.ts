/** A plan and its project as they stand at a commit of the forge, without a checkout. */
import { posix } from 'node:path'

import picomatch from 'picomatch'

import type { FileSnapshot } from '../../core/forge.ts'
import type { ProjectDocument } from '../../core/model/plan.ts'
import type { PlanSource, ProjectFiles } from '../../core/ports.ts'
import { documentKind, isSkippedFolder, MAX_DOCUMENTS, MAX_FILES, PLAN_DEPTH } from '../files/plan-limits.ts'

/** The plan in `planDir` ("" or "." for the root) of what was read. Lists what a checkout would list; reads what was read. */
export function snapshotPlanSource(snapshot: FileSnapshot, planDir: string): PlanSource {
  const dir = posix.normalize(planDir).replace(/^\.?\/*$|\/+$/gu, '')
  const prefix = dir === '' ? '' : `${dir}/`
  return {
    shown: dir === '' ? '.' : dir,
    dir,
    read(path) {
      const file = snapshot.files.get(posix.join(dir, path))
      return Promise.resolve(file && { text: file.text, invalidUtf8: file.invalidUtf8 })
    },
    list() {
      const names = [...snapshot.files.keys(), ...snapshot.skipped]
        .filter((path) => path.startsWith(prefix))
        .map((path) => path.slice(prefix.length))
        .filter(isListed)
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

function isListed(path: string): boolean {
  const folders = path.split('/').slice(0, -1)
  return folders.length <= PLAN_DEPTH && !folders.some(isSkippedFolder)
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
