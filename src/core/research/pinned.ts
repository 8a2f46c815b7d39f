import { parse } from 'yaml'
import * as z from 'zod'

import type { ProjectFiles } from '../ports.ts'
import { readDeclared } from './declared.ts'
import { type Ecosystem, ECOSYSTEMS } from './technologies.ts'

/** A package that the project depends on. */
export interface Pinned {
  ecosystem: Ecosystem
  name: string
  /** "" where only a range is known. */
  version: string
  /** The lockfile, else the manifest, that says so, from the root. */
  lockfile: string
}

/** Keyed by `pinnedKey`. */
export type PinnedSet = ReadonlyMap<string, Pinned>

export const pinnedKey = (ecosystem: Ecosystem, name: string): string =>
  `${ecosystem}:${ecosystem === 'pypi' ? name.toLowerCase().replaceAll(/[-_.]+/g, '-') : name}`

type Read = (text: string, direct: ReadonlySet<string>) => Iterable<readonly [name: string, version: string]>

/** The first of an ecosystem's files that is there is believed. */
const LOCKFILES: Readonly<Record<Ecosystem, readonly (readonly [file: string, read: Read])[]>> = {
  npm: [
    ['package-lock.json', fromPackageLock],
    ['npm-shrinkwrap.json', fromPackageLock],
    ['pnpm-lock.yaml', fromPnpm],
    ['yarn.lock', fromYarn],
  ],
  pypi: [
    ['uv.lock', fromTomlPackages],
    ['poetry.lock', fromTomlPackages],
    ['pdm.lock', fromTomlPackages],
    ['requirements.txt', fromRequirements],
  ],
  cargo: [['Cargo.lock', fromTomlPackages]],
  go: [
    ['go.mod', fromGoMod],
    ['go.sum', fromGoSum],
  ],
  maven: [
    ['gradle.lockfile', fromGradleLock],
    ['pom.xml', fromPom],
  ],
  gem: [['Gemfile.lock', fromGemfileLock]],
}

/**
 * What the project's lockfiles at its root pin, and what its manifests declare besides. For npm the direct dependencies only: a
 * plan speaks of those.
 */
export async function readPinned(files: ProjectFiles): Promise<PinnedSet> {
  const direct = new Set(directDependencies(await files.read('package.json')).keys())
  const pinned = new Map<string, Pinned>()
  for (const ecosystem of ECOSYSTEMS) {
    for (const [lockfile, read] of LOCKFILES[ecosystem]) {
      const text = await files.read(lockfile)
      if (text === undefined) continue
      for (const [name, version] of read(text, direct)) {
        const key = pinnedKey(ecosystem, name)
        if (!pinned.has(key)) pinned.set(key, { ecosystem, name, version, lockfile })
      }
      break
    }
  }
  for (const one of await readDeclared(files)) {
    const key = pinnedKey(one.ecosystem, one.name)
    if (!pinned.has(key)) pinned.set(key, one)
  }
  return pinned
}

const record = z.record(z.string(), z.string()).catch({})
const manifest = z.object({
  dependencies: record.optional(),
  devDependencies: record.optional(),
  optionalDependencies: record.optional(),
  peerDependencies: record.optional(),
})

/** Names of a package.json's dependencies, each with the range it names. */
export function directDependencies(packageJson: string | undefined): Map<string, string> {
  const parsed = manifest.safeParse(json(packageJson ?? ''))
  return new Map(
    parsed.success ? Object.values(parsed.data).flatMap((group) => Object.entries(group ?? {})) : [],
  )
}

const lockEntry = z.object({ version: z.string() })
const packageLock = z.object({
  /** Version 2 and 3. */
  packages: z.record(z.string(), z.unknown()).optional(),
  /** Version 1. */
  dependencies: z.record(z.string(), z.unknown()).optional(),
})

function* fromPackageLock(text: string, direct: ReadonlySet<string>): Generator<readonly [string, string]> {
  const parsed = packageLock.safeParse(json(text))
  if (!parsed.success) return
  const { packages, dependencies } = parsed.data
  const names = new Set(direct)
  for (const [path, entry] of Object.entries(packages ?? {})) {
    if (path.includes('node_modules')) continue
    // The root and the workspaces.
    for (const name of directDependencies(JSON.stringify(entry)).keys()) names.add(name)
  }
  for (const name of names) {
    const entry = lockEntry.safeParse(packages?.[`node_modules/${name}`] ?? dependencies?.[name])
    if (entry.success) yield [name, entry.data.version]
  }
}

const importer = z
  .record(z.string(), z.record(z.string(), z.union([z.string(), z.object({ version: z.string() })])))
  .catch({})

function* fromPnpm(text: string): Generator<readonly [string, string]> {
  // Only this section is read: the rest is large, and lists what nobody asked for by name.
  const section = /^importers:\r?\n(?:[ \t].*\r?\n|\r?\n)*/m.exec(text)?.[0]
  const parsed = z.object({ importers: z.record(z.string(), z.unknown()) }).safeParse(yaml(section ?? ''))
  for (const one of Object.values(parsed.success ? parsed.data.importers : {})) {
    for (const group of Object.values(importer.parse(one))) {
      for (const [name, entry] of Object.entries(group)) {
        const version = (typeof entry === 'string' ? entry : entry.version).replace(/\(.*$/, '')
        if (/^\d/.test(version)) yield [name, version]
      }
    }
  }
}

function* fromYarn(text: string, direct: ReadonlySet<string>): Generator<readonly [string, string]> {
  let name: string | undefined
  for (const line of text.split('\n')) {
    const head = /^"?(@?[^@\s"]+)@/.exec(line)
    if (head !== null) name = head[1]
    const version = /^ {2}version:? "?([^"\s]+)"?/.exec(line)?.[1]
    if (version !== undefined && name !== undefined && direct.has(name)) yield [name, version]
    if (line.trim() === '') name = undefined
  }
}

/** `[[package]]` tables, as Cargo, poetry, pdm and uv write them. */
function* fromTomlPackages(text: string): Generator<readonly [string, string]> {
  for (const block of text.split(/^\[\[package\]\]\s*$/m).slice(1)) {
    const name = /^name\s*=\s*"([^"]+)"/m.exec(block)?.[1]
    const version = /^version\s*=\s*"([^"]+)"/m.exec(block)?.[1]
    if (name !== undefined && version !== undefined) yield [name, version]
  }
}

function* fromRequirements(text: string): Generator<readonly [string, string]> {
  for (const line of text.split('\n')) {
    const match = /^\s*([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s*===?\s*([A-Za-z0-9.!+_-]+)/.exec(line)
    if (match?.[1] !== undefined && match[2] !== undefined) yield [match[1], match[2]]
  }
}

function* fromGoMod(text: string): Generator<readonly [string, string]> {
  for (const line of text.split('\n')) {
    if (/\/\/\s*indirect/.test(line)) continue
    const match = /^\s*(?:require\s+)?([a-z0-9.-]+\.[a-z]+\/\S+)\s+v(\S+)/i.exec(line)
    if (match?.[1] !== undefined && match[2] !== undefined) yield [match[1], match[2]]
  }
}

function* fromGoSum(text: string): Generator<readonly [string, string]> {
  for (const [, name = '', version = ''] of text.matchAll(/^(\S+) v(\S+?) h1:/gm)) yield [name, version]
}

/** `group:artifact:1.2.3=compileClasspath`, as Gradle locks. */
function* fromGradleLock(text: string): Generator<readonly [string, string]> {
  for (const [, group = '', artifact = '', version = ''] of text.matchAll(
    /^([\w.-]+):([\w.-]+):([\w.+-]+)=/gm,
  ))
    yield [`${group}:${artifact}`, version]
}

/** Dependencies of a pom with a version of their own, or one that stands in its properties. */
function* fromPom(text: string): Generator<readonly [string, string]> {
  const plain = text.replaceAll(/<!--[\s\S]*?-->/g, '')
  const tag = (block: string, name: string): string | undefined =>
    new RegExp(`<${name}>\\s*([^<\\s]{1,200})\\s*</${name}>`).exec(block)?.[1]
  for (const [, block = ''] of plain.matchAll(
    /<(?:dependency|parent)>([\s\S]*?)<\/(?:dependency|parent)>/g,
  )) {
    const [group, artifact, stated] = [tag(block, 'groupId'), tag(block, 'artifactId'), tag(block, 'version')]
    const property = /^\$\{([\w.-]+)\}$/.exec(stated ?? '')?.[1]
    const version = property === undefined ? stated : tag(plain, property.replaceAll('.', '\\.'))
    if (group !== undefined && artifact !== undefined && version !== undefined && /^\d/.test(version))
      yield [`${group}:${artifact}`, version]
  }
}

/** Bundler's lockfile: `    rails (7.1.3)` below `specs:`; what those need stands deeper. */
function* fromGemfileLock(text: string): Generator<readonly [string, string]> {
  for (const [, name = '', version = ''] of text.matchAll(/^ {4}([\w.-]+) \((\d[\w.]*)(?:-[\w-]+)?\)$/gm))
    yield [name, version]
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function yaml(text: string): unknown {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}
