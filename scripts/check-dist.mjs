// Is dist/ (or the directory that is given) what the sources give? Builds the Action again, elsewhere, and compares bytes. With a
// second directory it builds nothing: that is the bundle to compare with.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { buildAction } from './build-action.mjs'
import { root } from './ensure.mjs'

const [dist = join(root, 'dist'), given] = process.argv.slice(2).map((path) => resolve(path))
const fresh = given ?? mkdtempSync(join(tmpdir(), 'orchestrate-dist-'))
try {
  if (given !== undefined || buildAction(fresh)) process.exitCode = check()
  else {
    console.error('error: the Action could not be bundled.\n  hint: The output of ncc stands above.')
    process.exitCode = 1
  }
} finally {
  if (given === undefined) rmSync(fresh, { recursive: true, force: true })
}

function check() {
  const [committed, built] = [files(dist), files(fresh)]
  const names = [...new Set([...committed.keys(), ...built.keys()])].sort()
  const stale = names.flatMap((name) => {
    if (!committed.has(name)) return [`dist/${name} is missing`]
    if (!built.has(name)) return [`dist/${name} is not part of the bundle any more`]
    return committed.get(name).equals(built.get(name)) ? [] : [`dist/${name} differs`]
  })
  if (stale.length === 0) {
    console.error(`dist/ is current: ${names.join(', ')}.`)
    return 0
  }
  console.error(
    `error: dist/ is not what the sources give:\n${stale.map((line) => `    ${line}\n`).join('')}` +
      '  hint: npm run build:action, and commit dist/. The bundle holds src/core and src/adapters as well as src/action,\n' +
      '        so a change in any of them may change it. If no source changed, install exactly what package-lock.json\n' +
      '        says (npm ci): other versions give another bundle.',
  )
  return 1
}

/** The files of a directory by their path in it; none where there is no such directory. */
function files(directory) {
  let entries = []
  try {
    entries = readdirSync(directory, { recursive: true, withFileTypes: true })
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
  return new Map(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => [relative(directory, file).replaceAll('\\', '/'), readFileSync(file)]),
  )
}
