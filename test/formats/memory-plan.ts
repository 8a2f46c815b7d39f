import { posix } from 'node:path'
import { ingest, type IngestResult } from '../../src/core/ingest/ingest.ts'
import { pathFromRoot } from '../../src/core/model/plan-path.ts'
import type { PlanSource } from '../../src/core/ports.ts'

/** Files of a repository by path from its root. */
export type Files = Readonly<Record<string, string>>

/** A plan in a repository in memory: `path` is its directory or its one file. */
export function planIn(files: Files, path: string): PlanSource {
  const isFile = Object.hasOwn(files, path)
  const folder = isFile ? posix.dirname(path) : path
  const dir = folder === '.' ? '' : folder
  const prefix = dir === '' ? '' : `${dir}/`
  return {
    shown: `/repo/${path}`,
    dir,
    ...(isFile ? { file: posix.basename(path) } : {}),
    read: (name) => {
      const at = pathFromRoot(dir, name)
      const text = Object.hasOwn(files, at) ? files[at] : undefined
      return Promise.resolve(text === undefined ? undefined : { text, invalidUtf8: false })
    },
    list: (depth = 2) =>
      Promise.resolve(
        Object.keys(files)
          .filter((name) => name.startsWith(prefix))
          .map((name) => name.slice(prefix.length))
          .filter((name) => name.split('/').length <= depth + 1)
          .sort(),
      ),
    documents: () => Promise.resolve([]),
  }
}

export const readIn = (files: Files, path: string): Promise<IngestResult> => ingest(planIn(files, path))
