import * as z from 'zod'

import type { ProjectFiles } from '../ports.ts'
import { sanitize } from '../text/sanitize.ts'
import { exportsOf } from './exports.ts'
import { absent } from './absent.ts'
import type { Installed } from './installed.ts'
import type { Pinned } from './pinned.ts'
import { readReadme } from './readme.ts'

const TEXT = z.string().catch('')
const packageJson = z.object({
  version: TEXT,
  description: TEXT,
  type: TEXT,
  types: TEXT,
  typings: TEXT,
  deprecated: TEXT,
  exports: z.unknown().optional(),
  engines: z.record(z.string(), z.string()).catch({}),
  peerDependencies: z.record(z.string(), z.string()).catch({}),
})
type PackageJson = z.infer<typeof packageJson>

/** README spellings that registries show. */
const READMES = ['README.md', 'readme.md', 'Readme.md', 'README.markdown', 'README']
const MAX_PEERS = 6

/** What stands in `node_modules`, if it is the version that the lockfile pins. */
export async function fromNodeModules(pinned: Pinned, files: ProjectFiles): Promise<Installed> {
  const { name } = pinned
  const directory = `node_modules/${name}`
  const parsed = packageJson.safeParse(json(await files.read(`${directory}/package.json`)))
  if (!parsed.success) return absent(pinned)
  const manifest = parsed.data
  // Where no lockfile says which, it is the one that is there.
  const { version, lockfile } =
    pinned.version === '' ? { version: manifest.version, lockfile: `${directory}/package.json` } : pinned
  if (manifest.version !== version) {
    return { ok: false, why: `${lockfile} pins ${name} ${version}, but ${manifest.version} is installed` }
  }
  const readme = await firstOf(
    files,
    READMES.map((file) => `${directory}/${file}`),
  )
  const types = await typesOf(directory, name, manifest, files)
  const exports = types === undefined ? [] : await exportsOf(types, (path) => files.read(path))
  if (readme === undefined && exports.length === 0) {
    return { ok: false, why: `${directory} has neither a README nor types` }
  }
  const text = sanitize(readme?.text ?? '')
  const { patterns, pitfalls } = readReadme(text)
  return {
    ok: true,
    material: readme === undefined ? [] : [{ from: readme.path, text }],
    facts: {
      name,
      version,
      lockfile,
      description: sanitize(manifest.description).replaceAll(/\s+/g, ' ').slice(0, 300),
      sources: [
        ...(readme === undefined ? [] : [readme.path]),
        ...(types !== undefined && exports.length > 0 ? [types] : []),
      ],
      install: `npm install ${name}@${version}`,
      exports,
      patterns,
      pitfalls,
      versionNotes: [...notesOf(manifest), ...(await changesOf(directory, version, files))],
    },
  }
}

function notesOf({ engines, type, exports, peerDependencies, deprecated }: PackageJson): string[] {
  const peers = Object.entries(peerDependencies)
  return [
    ...(deprecated === '' ? [] : [`Deprecated: ${sanitize(deprecated).slice(0, 200)}`]),
    ...(engines['node'] === undefined ? [] : [`Node ${engines['node'].slice(0, 60)}`]),
    ...(type === 'module' && !JSON.stringify(exports ?? '').includes('"require"')
      ? ['ES modules only: `import`, not `require`']
      : []),
    ...(peers.length === 0
      ? []
      : [
          `Needs beside it: ${peers
            .slice(0, MAX_PEERS)
            .map(([peer, range]) => `${peer} ${range}`)
            .join(', ')}`,
        ]),
  ]
}

/** What the change log says of this very version, a few lines. */
async function changesOf(directory: string, version: string, files: ProjectFiles): Promise<string[]> {
  const log = await firstOf(files, [`${directory}/CHANGELOG.md`, `${directory}/changelog.md`])
  if (log === undefined) return []
  const lines = sanitize(log.text).split('\n')
  const start = lines.findIndex((line) => /^#{1,4}\s/.test(line) && line.includes(version))
  if (start === -1) return []
  const level = /^#+/.exec(lines[start] ?? '')?.[0].length ?? 1
  const rest = lines.slice(start + 1)
  const end = rest.findIndex((line) => (/^#+(?=\s)/.exec(line)?.[0].length ?? 9) <= level)
  return rest
    .slice(0, end === -1 ? undefined : end)
    .filter((line) => /^\s*[-*]\s/.test(line))
    .slice(0, 4)
    .map((line) => `${version}: ${line.replace(/^\s*[-*]\s+/, '').slice(0, 200)}`)
}

/** The declaration entry: of the package, else of its `@types` package. */
async function typesOf(
  directory: string,
  name: string,
  manifest: PackageJson,
  files: ProjectFiles,
): Promise<string | undefined> {
  const stated = manifest.types || manifest.typings || typesIn(rootExport(manifest.exports))
  const candidates = [
    ...(stated === '' ? [] : [`${directory}/${stated.replace(/^\.\//, '')}`]),
    `${directory}/index.d.ts`,
    `node_modules/@types/${name.replace(/^@/, '').replace('/', '__')}/index.d.ts`,
  ]
  return (await firstOf(files, candidates))?.path
}

function rootExport(exports: unknown): unknown {
  const record = z.record(z.string(), z.unknown()).safeParse(exports)
  return record.success && '.' in record.data ? record.data['.'] : exports
}

/** The first `types` in nested export conditions. */
function typesIn(conditions: unknown, depth = 0): string {
  const record = z.record(z.string(), z.unknown()).safeParse(conditions)
  if (!record.success || depth > 5) return ''
  const { types } = record.data
  if (typeof types === 'string') return types
  for (const inner of Object.values(record.data)) {
    const found = typesIn(inner, depth + 1)
    if (found !== '') return found
  }
  return ''
}

async function firstOf(
  files: ProjectFiles,
  paths: string[],
): Promise<{ path: string; text: string } | undefined> {
  for (const path of paths) {
    const text = await files.read(path)
    if (text !== undefined && text.trim() !== '') return { path, text }
  }
  return undefined
}

function json(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    return undefined
  }
}
