import { randomUUID } from 'node:crypto'
import { lstat, mkdir, open, readdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, relative, resolve, sep } from 'node:path'

import picomatch from 'picomatch'

import type { ProjectFiles } from '../../core/ports.ts'

export interface ProjectFilesOptions {
  /** The repository's root, absolute. */
  root: string
  /** The user's home directory; undefined where there is none that may be read. */
  home: string | undefined
}

/** Lockfiles of large projects are some megabytes; nothing that is read here is larger. */
const MAX_BYTES = 32 * 1024 * 1024
/** A walk that met so many entries has met enough. */
const MAX_ENTRIES = 100_000
const MAX_DEPTH = 24
const SKIPPED = new Set(['node_modules', '.git'])

/**
 * The project on disk. Nothing outside of the root (or the home, for its own functions) is read or written, not by `..` and
 * not through a symbolic link: what is read here reaches prompts, and a checkout may hold a link to a key.
 */
export function openProjectFiles({ root, home }: ProjectFilesOptions): ProjectFiles {
  return {
    read: (path) => readBelow(root, path),
    readHome: (path) => (home === undefined ? Promise.resolve(undefined) : readBelow(home, path)),
    glob: (pattern, base) => globBelow(root, base === undefined ? pattern : below(base, pattern), base),
    globHome: (pattern) => (home === undefined ? Promise.resolve([]) : globBelow(home, pattern, undefined)),
    async modified(path) {
      const real = await inside(root, path)
      if (real === undefined) return undefined
      return stat(real).then(
        (facts) => facts.mtimeMs,
        () => undefined,
      )
    },
    write: (path, text) => writeBelow(root, path, text),
  }
}

const below = (base: string, pattern: string): string => `${base.replace(/\/+$/, '')}/${pattern}`

/** The real path of something below `root`; undefined where there is nothing, or it lies elsewhere. */
async function inside(root: string, path: string): Promise<string | undefined> {
  if (path.includes('\0')) return undefined
  try {
    const [realRoot, real] = await Promise.all([realpath(root), realpath(resolve(root, path))])
    return isBelow(realRoot, real) ? real : undefined
  } catch {
    return undefined
  }
}

function isBelow(root: string, path: string): boolean {
  const way = relative(root, path)
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && resolve(root, way) === path)
}

async function readBelow(root: string, path: string): Promise<string | undefined> {
  const real = await inside(root, path)
  if (real === undefined) return undefined
  try {
    const file = await open(real, 'r')
    try {
      const facts = await file.stat()
      if (!facts.isFile() || facts.size > MAX_BYTES) return undefined
      return await file.readFile('utf8')
    } finally {
      await file.close()
    }
  } catch {
    return undefined
  }
}

/**
 * A walk from the pattern's literal beginning. `node_modules` and `.git` are entered only where `base` lies in one. Linked
 * directories are followed while they stay below the root, each once.
 */
async function globBelow(root: string, pattern: string, base: string | undefined): Promise<string[]> {
  const matches = picomatch(pattern, { dot: true, nocase: false })
  const start = literalStart(pattern)
  const isFree = base !== undefined && base.split('/').some((part) => SKIPPED.has(part))
  const maxDepth = pattern.includes('**') ? MAX_DEPTH : pattern.split('/').length
  const found: string[] = []
  const seen = new Set<string>()
  let entries = 0
  const queue = [{ path: start, depth: start === '' ? 0 : start.split('/').length }]
  for (let next = queue.shift(); next !== undefined && entries < MAX_ENTRIES; next = queue.shift()) {
    const { path, depth } = next
    const real = await inside(root, path)
    if (real === undefined || seen.has(real)) continue
    seen.add(real)
    for (const entry of await readdir(real, { withFileTypes: true }).catch(() => [])) {
      if (++entries > MAX_ENTRIES) break
      const child = path === '' ? entry.name : `${path}/${entry.name}`
      const kind = entry.isSymbolicLink() ? await kindOfLink(root, child) : entry
      if (kind?.isDirectory() === true) {
        if (depth + 1 < maxDepth && (isFree || !SKIPPED.has(entry.name)))
          queue.push({ path: child, depth: depth + 1 })
      } else if (kind?.isFile() === true && matches(child)) found.push(child)
    }
  }
  return found.sort()
}

async function kindOfLink(
  root: string,
  path: string,
): Promise<{ isDirectory(): boolean; isFile(): boolean } | undefined> {
  const real = await inside(root, path)
  return real === undefined ? undefined : stat(real).catch(() => undefined)
}

/** The directories that a pattern starts with before anything in it varies. */
function literalStart(pattern: string): string {
  const { base, isGlob } = picomatch.scan(pattern)
  const literal = isGlob ? base : dirname(pattern)
  return literal === '.' ? '' : literal.replace(/^\.\//, '').replace(/\/+$/, '')
}

/** Whole or not at all: a reader never sees half a file. Throws where the path leaves the root or cannot be written. */
async function writeBelow(root: string, path: string, text: string): Promise<void> {
  const target = resolve(root, path)
  if (!isBelow(resolve(root), target) || target === resolve(root))
    throw new Error(`writing outside of ${root}: ${path}`)
  await mkdir(dirname(target), { recursive: true })
  if ((await inside(root, dirname(target))) === undefined) throw new Error(`writing through a link: ${path}`)
  const link = await lstat(target).catch(() => undefined)
  if (link !== undefined && !link.isFile()) throw new Error(`not a plain file: ${path}`)
  const draft = `${target}.${randomUUID()}.tmp`
  try {
    await writeFile(draft, text, { flag: 'wx' })
    await rename(draft, target)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}
