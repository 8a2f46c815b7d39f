import { lstat, open, readdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { locatePlan } from '../../core/ingest/plan-dirs.ts'
import { type Failure, failure } from '../../core/model/failure.ts'
import type { ProjectDocument } from '../../core/model/plan.ts'
import { err, ok, type Result } from '../../core/model/result.ts'
import type { PlanSource } from '../../core/ports.ts'
import {
  decodeText,
  documentKind,
  isSkippedFolder,
  MAX_BYTES,
  MAX_DOCUMENTS,
  MAX_FILES,
  PLAN_DEPTH,
} from './plan-limits.ts'

/** How deep `docs/**` and agent instructions are looked for. */
const MAX_DEPTH = 6

export interface PlanSourceOptions {
  /** The plan's directory, or a file of it, as the user gave it. */
  path: string
  /** Where `path` is relative to, absolute. */
  cwd: string
  /** The repository's root, absolute. */
  root: string
}

/** Opens a plan. A file that makes a directory a plan stands for the directory. Failures: it does not exist, or lies outside the repository. */
export async function openPlanSource(options: PlanSourceOptions): Promise<Result<PlanSource, Failure[]>> {
  const given = resolve(options.cwd, options.path)
  const info = await stat(given).catch(() => undefined)
  if (info === undefined) {
    return err([
      failure('no-such-directory', `${given} does not exist.`, 'Name the directory or the file of the plan.'),
    ])
  }
  if (!info.isDirectory() && !info.isFile()) {
    return err([
      failure(
        'no-such-directory',
        `${given} is neither a directory nor a file.`,
        'Name the directory or the file of the plan.',
      ),
    ])
  }
  const { folder, file } = info.isDirectory() ? { folder: given } : ofFile(given)
  const shown = file === undefined ? folder : given
  // outside of a repository what was named is its own root
  const alone = resolve(options.root) === given
  const root = alone ? folder : options.root
  // links are followed once, here, so that "inside the repository" is true of what is read
  const [directory, top] = await Promise.all([realpath(folder), realpath(root)])
  const dir = relative(top, directory).split(sep).join('/')
  if (dir === '..' || dir.startsWith('../') || resolve(top, dir) !== directory) {
    return err([
      failure(
        'plan-outside-git',
        `${shown} lies outside the repository ${top}.`,
        'Move the plan into the repository.',
      ),
    ])
  }
  return ok(new FilePlanSource({ shown, dir, file, directory, root: top }))
}

/** The directory whose plan a file is, or the file alone in its directory. */
function ofFile(path: string): { folder: string; file?: string } {
  const place = locatePlan(path.split(sep).join('/'))
  if (place === undefined) return { folder: dirname(path), file: basename(path) }
  return { folder: resolve(place.dir), ...(place.file === undefined ? {} : { file: place.file }) }
}

interface Opened {
  shown: string
  dir: string
  file: string | undefined
  directory: string
  root: string
}

class FilePlanSource implements PlanSource {
  readonly shown: string
  readonly dir: string
  readonly file?: string
  readonly #directory: string
  readonly #root: string

  constructor({ shown, dir, file, directory, root }: Opened) {
    this.shown = shown
    this.dir = dir
    if (file !== undefined) this.file = file
    this.#directory = directory
    this.#root = root
  }

  async read(path: string): Promise<{ text: string; invalidUtf8: boolean } | undefined> {
    const file = resolve(this.#directory, path)
    const inside = await this.#inside(file)
    if (!inside) return undefined
    const bytes = await readBounded(file)
    if (bytes === undefined) return undefined
    return decodeText(bytes)
  }

  async list(depth = PLAN_DEPTH): Promise<string[]> {
    const found: string[] = []
    await walk(this.#directory, '', depth, MAX_FILES, (path) => found.push(path))
    return found.sort()
  }

  async documents(): Promise<ProjectDocument[]> {
    const found: ProjectDocument[] = []
    const paths: { path: string; kind: ProjectDocument['kind'] }[] = []
    await walk(this.#root, '', MAX_DEPTH, MAX_DOCUMENTS, (path) => {
      const kind = documentKind(path)
      if (kind !== undefined) paths.push({ path, kind })
      return kind !== undefined
    })
    for (const { path, kind } of paths) {
      const info = await lstat(join(this.#root, path)).catch(() => undefined)
      if (info?.isFile() === true) found.push({ path, kind, bytes: info.size })
    }
    return found.sort((a, b) => (a.path < b.path ? -1 : 1))
  }

  /** A link in the plan that leads out of the repository is not followed. */
  async #inside(file: string): Promise<boolean> {
    const real = await realpath(file).catch(() => undefined)
    return real !== undefined && (real === this.#root || real.startsWith(this.#root + sep))
  }
}

/** The first `MAX_BYTES` of a regular file; undefined where there is none (a directory, pipe or device is none). */
async function readBounded(file: string): Promise<Buffer | undefined> {
  const info = await stat(file).catch(() => undefined)
  if (info?.isFile() !== true) return undefined
  const handle = await open(file, 'r').catch(() => undefined)
  if (handle === undefined) return undefined
  try {
    const buffer = Buffer.alloc(Math.min(info.size, MAX_BYTES))
    let length = 0
    while (length < buffer.length) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length)
      if (bytesRead === 0) break
      length += bytesRead
    }
    return buffer.subarray(0, length)
  } finally {
    await handle.close()
  }
}

/** Calls `visit` for files below `directory`, at most `depth` folders deep; false from it does not count towards `limit`. */
async function walk(
  directory: string,
  prefix: string,
  depth: number,
  limit: number,
  visit: (path: string) => unknown,
): Promise<number> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => [])
  let left = limit
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (left <= 0) return 0
    const path = prefix + entry.name
    if (entry.isDirectory()) {
      if (depth > 0 && !isSkippedFolder(entry.name)) {
        left = await walk(join(directory, entry.name), `${path}/`, depth - 1, left, visit)
      }
    } else if ((entry.isFile() || entry.isSymbolicLink()) && visit(path) !== false) left -= 1
  }
  return left
}
