import type { ProjectFiles } from '../ports.ts'
import { sanitize } from '../text/sanitize.ts'
import type { Exported } from './exports.ts'
import { absent } from './absent.ts'
import type { Installed } from './installed.ts'
import type { Pinned } from './pinned.ts'
import { readReadme } from './readme.ts'

const ENVIRONMENTS = ['.venv', 'venv', 'env']

/** A Python package in a virtual environment of the project: its METADATA holds description and README. */
export async function fromSitePackages(pinned: Pinned, files: ProjectFiles): Promise<Installed> {
  const { name } = pinned
  const plain = name.toLowerCase().replaceAll(/[-_.]+/g, '_')
  for (const environment of ENVIRONMENTS) {
    for (const layout of ['lib/python*/site-packages', 'Lib/site-packages']) {
      const paths = await files.glob(`${layout}/*.dist-info/METADATA`, environment)
      const there = paths.map(distribution).find((one) => one.startsWith(`${plain}-`))
      // Where no lockfile says which, it is the one that is there.
      const version = pinned.version || (there?.slice(plain.length + 1) ?? '')
      const path = paths.find((one) => distribution(one) === `${plain}-${version}`)
      if (path === undefined) {
        const other = there
        if (other === undefined) continue
        return {
          ok: false,
          why: `${pinned.lockfile} pins ${name} ${version}, but ${other.slice(plain.length + 1)} is installed`,
        }
      }
      const [head = '', ...body] = ((await files.read(path)) ?? '').replaceAll('\r\n', '\n').split('\n\n')
      const init = await files.read(`${path.replace(/\/[^/]+\/METADATA$/, '')}/${plain}/__init__.py`)
      const exports = publicNames(init ?? '')
      const found = pinned.version === '' ? { ...pinned, version, lockfile: path } : pinned
      return sheet(found, body.join('\n\n'), {
        description: /^Summary: (.*)$/m.exec(head)?.[1] ?? '',
        sources: [path],
        install: `pip install ${name}==${version}`,
        exports,
        versionNotes: [...(/^Requires-Python: (.*)$/m.exec(head)?.slice(1) ?? [])].map(
          (range) => `Python ${range}`,
        ),
      })
    }
  }
  return absent(pinned)
}

const distribution = (path: string): string => {
  const directory =
    path
      .split('/')
      .at(-2)
      ?.replace(/\.dist-info$/, '') ?? ''
  const at = directory.lastIndexOf('-')
  return `${directory
    .slice(0, at)
    .toLowerCase()
    .replaceAll(/[-_.]+/g, '_')}-${directory.slice(at + 1)}`
}

/** The names in `__all__`. */
function publicNames(text: string): Exported[] {
  const all = /^__all__\s*(?::[^=]+)?=\s*[[(]([^\])]*)[\])]/m.exec(text)?.[1] ?? ''
  return [...all.matchAll(/['"](\w+)['"]/g)].map(([, name = '']) => ({
    name,
    kind: /^[A-Z]/.test(name) ? 'class' : 'function',
  }))
}

/** A crate, vendored or in cargo's registry. */
export async function fromCrates(pinned: Pinned, files: ProjectFiles): Promise<Installed> {
  const { name, version } = pinned
  const vendored = await files.read(`vendor/${name}/README.md`)
  if (vendored !== undefined) {
    const lib = await files.read(`vendor/${name}/src/lib.rs`)
    return crate(pinned, vendored, `vendor/${name}/README.md`, lib)
  }
  const [path] = await files.globHome(`.cargo/registry/src/*/${name}-${version}/README.md`)
  if (path === undefined) return absent(pinned)
  const lib = await files.readHome(path.replace(/README\.md$/, 'src/lib.rs'))
  return crate(pinned, (await files.readHome(path)) ?? '', `~/${path}`, lib)
}

function crate(pinned: Pinned, readme: string, source: string, lib = ''): Installed {
  const items = [
    ...lib.matchAll(/^pub (?:async |unsafe |const )*(fn|struct|enum|trait|type|mod|macro) (\w+)/gm),
  ]
  return sheet(pinned, readme, {
    description: '',
    sources: [source],
    install: `cargo add ${pinned.name}@${pinned.version}`,
    exports: items.map(([, kind, name = '']) => ({ name, kind: kind === 'fn' ? 'function' : 'type' })),
    versionNotes: [],
  })
}

/** A Go module, vendored or in the module cache, where capitals are written with a "!". */
export async function fromGoModules(pinned: Pinned, files: ProjectFiles): Promise<Installed> {
  const { name, version } = pinned
  const vendored = await files.read(`vendor/${name}/README.md`)
  const path = `go/pkg/mod/${name.replaceAll(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`)}@v${version}/README.md`
  const readme = vendored ?? (await files.readHome(path))
  if (readme === undefined) return absent(pinned)
  return sheet(pinned, readme, {
    description: '',
    sources: [vendored === undefined ? `~/${path}` : `vendor/${name}/README.md`],
    install: `go get ${name}@v${version}`,
    exports: [],
    versionNotes: [],
  })
}

export function sheet(
  { name, version, lockfile }: Pinned,
  readme: string,
  more: {
    description: string
    sources: string[]
    install: string
    exports: Exported[]
    versionNotes: string[]
  },
): Installed {
  const text = sanitize(readme)
  const { patterns, pitfalls } = readReadme(text)
  const material = text.trim() === '' ? [] : [{ from: more.sources[0] ?? name, text }]
  if (patterns.length === 0 && pitfalls.length === 0 && more.exports.length === 0) {
    return {
      ok: false,
      material,
      why: `the README of ${name} ${version} has no example and its interface could not be read`,
    }
  }
  return {
    ok: true,
    material,
    facts: {
      name,
      version,
      lockfile,
      patterns,
      pitfalls,
      ...more,
      description: sanitize(more.description).slice(0, 300),
    },
  }
}
