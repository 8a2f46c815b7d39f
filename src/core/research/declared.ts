import type { ProjectFiles } from '../ports.ts'
import { directDependencies, type Pinned } from './pinned.ts'
import type { Ecosystem } from './technologies.ts'

type Declared = readonly [name: string, range: string]
type Read = (text: string) => Iterable<Declared>

/** Files that say what a project depends on; versions in them are ranges, or exact. */
const MANIFESTS: readonly (readonly [file: string, ecosystem: Ecosystem, read: Read])[] = [
  ['package.json', 'npm', fromPackageJson],
  ['pyproject.toml', 'pypi', fromPyproject],
  ['requirements.txt', 'pypi', fromRequirements],
  ['Cargo.toml', 'cargo', fromCargo],
  ['build.gradle', 'maven', fromGradle],
  ['build.gradle.kts', 'maven', fromGradle],
  ['Gemfile', 'gem', fromGemfile],
]

/** What manifests at the root declare. Version "" where they name a range: then which one it is only a lockfile could say. */
export async function readDeclared(files: ProjectFiles): Promise<Pinned[]> {
  const all = await Promise.all(
    MANIFESTS.map(async ([lockfile, ecosystem, read]) => {
      const text = await files.read(lockfile)
      const found = text === undefined ? [] : [...read(text.replaceAll('\r\n', '\n'))]
      return found.map(([name, range]): Pinned => ({ ecosystem, name, version: exact(range), lockfile }))
    }),
  )
  return all.flat()
}

/** `1.2.3`, `=1.2.3`, `==1.2.3`: a version and not a range. */
const exact = (range: string): string => /^={0,3}\s*v?(\d+\.\d+[\w.+-]*)$/.exec(range.trim())?.[1] ?? ''

function* fromPackageJson(text: string): Generator<Declared> {
  const written = directDependencies(text)
  for (const [name, range] of written) yield [name, range]
}

/** PEP 508 names of `[project]` and of groups, and the tables of Poetry, whose `"1.2.3"` is exact. */
function* fromPyproject(text: string): Generator<Declared> {
  for (const { name: table, body } of tables(text)) {
    const isGroup = GROUPS.includes(table)
    if (!isGroup && table !== 'project') continue
    for (const [, key, list = ''] of body.matchAll(ARRAY)) {
      if (!isGroup && key !== 'dependencies') continue
      for (const [, name = '', range = ''] of list.matchAll(REQUIREMENT)) yield [name, range]
    }
  }
  const poetry = /^tool\.poetry\.(?:group\.[\w-]+\.)?(?:dev-)?dependencies$/
  for (const [name, range] of entriesOf(text, poetry)) if (name !== 'python') yield [name, range]
}
const ARRAY = /^[ \t]*([\w-]+)[ \t]*=[ \t]*\[((?:[^\]"']|"[^"]*"|'[^']*')*)\]/gm
const GROUPS = ['project.optional-dependencies', 'dependency-groups']
const REQUIREMENT = /["']([A-Za-z0-9][\w.-]*)(?:\[[^\]"']*\])?\s*((?:[=<>~!][^"';]*)?)(?:;[^"']*)?["']/g

function* fromRequirements(text: string): Generator<Declared> {
  for (const [, name = '', range = ''] of text.matchAll(
    /^[ \t]*([A-Za-z0-9][\w.-]*)(?:\[[^\]\n]*\])?[ \t]*((?:[=<>~!][^#;\n]*)?)(?:[#;].*)?$/gm,
  ))
    yield [name, range]
}

function* fromCargo(text: string): Generator<Declared> {
  const named = /^(?:workspace\.|target\..+\.)?(?:dev-|build-)?dependencies(?:\.([\w-]+))?$/
  // A plain version of Cargo is a range: `1.2.3` is `^1.2.3`.
  for (const [name, range] of entriesOf(text, named)) yield [name, range.startsWith('=') ? range : '']
  for (const { name } of tables(text)) {
    const own = named.exec(name)?.[1]
    if (own !== undefined) yield [own, '']
  }
}

interface Table {
  name: string
  body: string
}

/** The tables of a TOML file. A header is alone on its line; what stands in arrays is indented or quoted. */
function tables(text: string): Table[] {
  const found: { name: string; lines: string[] }[] = []
  for (const line of text.split('\n')) {
    const name = /^\[([^[\]"]+)\][ \t]*(?:#.*)?$/.exec(line)?.[1]?.trim()
    if (name !== undefined) found.push({ name, lines: [] })
    else found.at(-1)?.lines.push(line)
  }
  return found.map(({ name, lines }) => ({ name, body: lines.join('\n') }))
}

/** `name = "range"` and `name = { version = "range" }` of the tables whose name fits; a table of one dependency has none. */
function* entriesOf(text: string, fits: RegExp): Generator<Declared> {
  for (const { name: table, body } of tables(text)) {
    const matched = fits.exec(table)
    if (matched === null || matched[1] !== undefined) continue
    for (const [, name = '', plain, inner] of body.matchAll(ENTRY))
      yield [name.replace(/\.workspace$/, ''), plain ?? inner ?? '']
  }
}
const ENTRY =
  /^[ \t]*["']?([\w.-]+)["']?[ \t]*=[ \t]*(?:["']([^"'\n]*)["']|\{[^}\n]*?\bversion[ \t]*=[ \t]*["']([^"'\n]*)["'])?/gm

/** `implementation("group:artifact:1.2.3")`, with quotes of either kind. */
function* fromGradle(text: string): Generator<Declared> {
  const plain = text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
  for (const [, group = '', artifact = '', version = ''] of plain.matchAll(
    /\b\w*(?:[iI]mplementation|[aA]pi|[oO]nly|[pP]rocessor|classpath)\s*\(?\s*["']([\w.-]+):([\w.-]+)(?::([^"':@\s]+))?["'@:]/g,
  ))
    yield [`${group}:${artifact}`, version]
}

function* fromGemfile(text: string): Generator<Declared> {
  for (const [, name = '', range = ''] of text.matchAll(
    /^[ \t]*gem\s*\(?\s*["']([\w.-]+)["'](?:\s*,\s*["']([^"']*)["'])?/gm,
  ))
    yield [name, range]
}
