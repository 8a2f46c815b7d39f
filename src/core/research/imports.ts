import type { ProjectFiles } from '../ports.ts'

/** Of one phase, and of one file: imports stand at its beginning. */
const MAX_FILES = 20
const MAX_TEXT = 20_000

const PATTERNS: readonly (readonly [endings: RegExp, specifier: RegExp])[] = [
  [
    /\.[cm]?[jt]sx?$|\.vue$|\.svelte$/,
    /(?:\bfrom|\bimport|\brequire\()\s*\(?['"]([^'"\n.][^'"\n]{0,200})['"]/g,
  ],
  [/\.pyi?$/, /^\s*(?:from|import)\s+(\w{1,100})/gm],
  [/\.rs$/, /^\s*(?:pub\s+)?use\s+(\w{1,100})/gm],
  [/\.go$/, /^\s*(?:import\s+)?(?:\w+\s+)?"([\w.-]+\.[a-z]+\/[^"\n]{1,200})"/gm],
  [/\.(?:java|kts?|groovy|scala)$/, /^\s*import\s+(?:static\s+)?([a-z][\w.]{1,200})/gm],
  [/\.rb$/, /^\s*require\s+['"]([\w-]{1,100})/gm],
]

/** Names of packages that the files import which are there already; subpaths are of their package. */
export async function importedBy(paths: readonly string[], files: ProjectFiles): Promise<Set<string>> {
  const names = new Set<string>()
  const read = await Promise.all(
    paths.slice(0, MAX_FILES).flatMap((path) => {
      const found = PATTERNS.find(([endings]) => endings.test(path))
      return found === undefined ? [] : [files.read(path).then((text) => ({ text, specifier: found[1] }))]
    }),
  )
  for (const { text, specifier } of read) {
    for (const [, name = ''] of (text ?? '').slice(0, MAX_TEXT).matchAll(specifier)) {
      const parts = name.split('/')
      names.add(name)
      names.add(parts.slice(0, name.startsWith('@') ? 2 : 1).join('/'))
      // a module of Go has a host, an owner and a name
      if (parts.length > 3) names.add(parts.slice(0, 3).join('/'))
    }
  }
  return names
}
