// Caches lie in RUNNER_CACHES, a directory for each name and list of paths: `key`, and the paths as `0`, `1`, ….
import { createHash, randomUUID } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

const place = (path) => resolve(process.env.GITHUB_WORKSPACE ?? '.', path.replace(/^~(?=\/|$)/, homedir()))
const digest = (value) => createHash('sha256').update(value).digest('hex')

/** Caches of other paths are not even seen. */
const shelf = (paths) => join(process.env.RUNNER_CACHES ?? '.', digest(paths.join('\n')))

/** The name of the cache that fits best: this one, or the newest that begins like one of `prefixes`, in their order. */
export function find(paths, key, prefixes) {
  if (!existsSync(shelf(paths))) return undefined
  const kept = readdirSync(shelf(paths))
    .filter((name) => !name.startsWith('.'))
    .map((name) => join(shelf(paths), name))
    .map((dir) => ({ key: readFileSync(join(dir, 'key'), 'utf8'), at: statSync(dir).mtimeMs }))
    .sort((a, b) => b.at - a.at)
  if (kept.some((one) => one.key === key)) return key
  for (const prefix of [key, ...prefixes]) {
    const found = kept.find((one) => one.key.startsWith(prefix))
    if (found) return found.key
  }
  return undefined
}

export function restore(paths, key) {
  const dir = join(shelf(paths), digest(key))
  paths.forEach((path, index) => {
    if (existsSync(join(dir, String(index)))) copy(join(dir, String(index)), place(path))
  })
}

/** False where there is one of this name already: a cache never changes. */
export function save(paths, key) {
  const dir = join(shelf(paths), digest(key))
  if (existsSync(dir)) return false
  const fresh = join(shelf(paths), `.${randomUUID()}`)
  mkdirSync(fresh, { recursive: true })
  writeFileSync(join(fresh, 'key'), key)
  paths.forEach((path, index) => {
    if (existsSync(place(path))) copy(place(path), join(fresh, String(index)))
  })
  try {
    renameSync(fresh, dir)
    return true
  } catch {
    rmSync(fresh, { recursive: true, force: true })
    return false
  }
}

function copy(from, to) {
  mkdirSync(dirname(to), { recursive: true })
  cpSync(from, to, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true })
}
