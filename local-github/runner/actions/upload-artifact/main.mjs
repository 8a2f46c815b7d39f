// Files keep their paths below the folder that they all share, as with the real action.
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import picomatch from 'picomatch'
import { fail, flag, input, lines, output, warning } from '../runner.mjs'

const workspace = process.env.GITHUB_WORKSPACE ?? '.'
const name = input('name')
const target = join(process.env.RUNNER_ARTIFACTS ?? '.', process.env.GITHUB_RUN_ID ?? '0', name)
const hidden = (path) => path.split(sep).some((part) => /^\.[^.]/.test(part))

function filesBelow(path) {
  if (!existsSync(path)) return []
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path, { recursive: true })
    .map((entry) => join(path, entry))
    .filter((entry) => statSync(entry).isFile())
}

/** Files of one line, and the folder that they are counted from. */
function select(line) {
  const { base, isGlob, glob } = picomatch.scan(line)
  const root = resolve(workspace, isGlob ? base : line)
  if (!isGlob)
    return {
      root: existsSync(root) && statSync(root).isFile() ? dirname(root) : root,
      files: filesBelow(root),
    }
  const matches = picomatch([glob, `${glob}/**`], { dot: true })
  return { root, files: filesBelow(root).filter((file) => matches(relative(root, file))) }
}

function commonRoot(roots) {
  return roots.reduce((common, root) => {
    let at = common
    while (at !== root && !root.startsWith(at.endsWith(sep) ? at : at + sep)) at = dirname(at)
    return at
  })
}

const wanted = lines('path')
const out = wanted.filter((line) => line.startsWith('!')).flatMap((line) => select(line.slice(1)).files)
const parts = wanted.filter((line) => !line.startsWith('!')).map(select)
const root = parts.length === 0 ? workspace : commonRoot(parts.map((part) => part.root))
const files = [...new Set(parts.flatMap((part) => part.files))].filter(
  (file) => !out.includes(file) && (flag('include-hidden-files') || !hidden(relative(root, file))),
)

if (/["<>|*?:\r\n\\/]/.test(name)) fail(`The artifact name is not valid: ${name}`)
else if (files.length === 0) {
  const text = `No files were found with the provided path: ${wanted.join(' ')}. No artifacts will be uploaded.`
  if (input('if-no-files-found') === 'error') fail(text)
  else if (input('if-no-files-found') !== 'ignore') warning(text)
} else if (existsSync(target) && !flag('overwrite')) {
  fail(`Failed to CreateArtifact: an artifact named ${name} already exists on the workflow run`)
} else {
  rmSync(target, { recursive: true, force: true })
  for (const file of files) {
    const to = join(target, relative(root, file))
    mkdirSync(dirname(to), { recursive: true })
    cpSync(file, to)
  }
  output('artifact-id', String(parseInt(createHash('sha256').update(target).digest('hex').slice(0, 8), 16)))
  output('artifact-url', pathToFileURL(target).href)
  console.log(`Artifact ${name}: ${files.length} files`)
}
