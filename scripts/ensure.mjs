// What every script needs before it can start: the right Node, dependencies, and a build that is current.
// Plain Node without a dependency, since it runs before node_modules exist.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))
const at = (...parts) => join(root, ...parts)
const read = (...parts) => readFileSync(at(...parts), 'utf8')

/** Node is new enough, dependencies are installed, and `build/` is made from the sources as they are now. */
export function ensure() {
  ensureNode()
  ensureDependencies()
  ensureBuild()
}

function ensureNode() {
  const wanted = JSON.parse(read('package.json')).engines.node.replace('>=', '')
  if (olderThan(process.versions.node, wanted)) {
    stop(
      `Node ${process.versions.node} is too old: Orchestrate needs ${wanted} or newer.`,
      'Install a newer Node (https://nodejs.org, or `nvm install 22`) and try again.',
    )
  }
}

export function olderThan(version, wanted) {
  const numbers = (text) => text.split('.').map(Number)
  const [have, want] = [numbers(version), numbers(wanted)]
  const differs = want.findIndex((part, i) => part !== have[i])
  return differs !== -1 && have[differs] < want[differs]
}

function ensureDependencies() {
  const stamp = at('node_modules', '.orchestrate-lock')
  const wanted = createHash('sha256').update(read('package-lock.json')).digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  if (!sameAsInstalled()) {
    console.error('Installing dependencies (once, and again when package-lock.json changes)…')
    run(
      'npm',
      ['ci', '--no-audit', '--no-fund', '--loglevel=error'],
      'The dependencies could not be installed.',
    )
  }
  writeFileSync(stamp, wanted)
}

/** Whether what npm last installed is what the lockfile asks for: somebody may have run `npm ci` himself. */
function sameAsInstalled() {
  if (!existsSync(at('node_modules', '.package-lock.json'))) return false
  const installed = JSON.parse(read('node_modules', '.package-lock.json')).packages
  const asked = JSON.parse(read('package-lock.json')).packages
  return Object.entries(asked).every(
    ([path, entry]) =>
      path === '' ||
      (installed[path] === undefined ? entry.optional === true : installed[path].version === entry.version),
  )
}

function ensureBuild() {
  const stamp = at('build', '.sources')
  const now = sources()
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === now) return
  run(process.execPath, [at('scripts', 'build.mjs')], 'The build failed.')
}

/** A digest of the names, sizes and times of everything the build is made from. */
export function sources() {
  const hash = createHash('sha256')
  const files = readdirSync(at('src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  for (const file of [
    ...files,
    at('package.json'),
    at('package-lock.json'),
    at('scripts', 'build.mjs'),
  ].sort()) {
    const { size, mtimeMs } = statSync(file)
    hash.update(`${file} ${size} ${mtimeMs}\n`)
  }
  return hash.digest('hex')
}

/** Runs a program with its output on stderr, so that stdout stays the caller's; ends this process when it fails. */
function run(program, args, message) {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: ['ignore', 2, 2] })
  if (status !== 0) stop(message, error ? `${program}: ${error.message}` : 'Its output stands above.')
}

function stop(message, hint) {
  console.error(`error: ${message}\n  hint: ${hint}`)
  process.exit(2)
}
