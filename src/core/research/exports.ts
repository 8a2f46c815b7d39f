/** A name that a module exports. */
export interface Exported {
  name: string
  kind: 'function' | 'class' | 'value' | 'type'
}

/** Files followed from an entry by `export … from`. */
const MAX_FILES = 30

const KIND: Readonly<Record<string, Exported['kind']>> = {
  function: 'function',
  class: 'class',
  enum: 'value',
  const: 'value',
  let: 'value',
  var: 'value',
  interface: 'type',
  type: 'type',
  namespace: 'type',
  module: 'type',
}
const DECLARED =
  /\bexport\s+(?:declare\s+)?(?:default\s+)?(?:abstract\s+|async\s+)?(function|class|const enum|enum|const|let|var|interface|type|namespace|module)\s*\*?\s+([A-Za-z_$][\w$]*)/g

/**
 * The names that a type declaration entry exports, in the order met, each once. A scan, not a compiler: re-exports are
 * followed within the package, everything computed is left out. `read` gives a file by its path.
 */
export async function exportsOf(
  entry: string,
  read: (path: string) => Promise<string | undefined>,
): Promise<Exported[]> {
  const found = new Map<string, Exported>()
  const add = (name: string, kind: Exported['kind']) => {
    if (name !== 'default' && !name.startsWith('_') && !found.has(name)) found.set(name, { name, kind })
  }
  const seen = new Set<string>()
  const queue = [entry]
  for (let path = queue.shift(); path !== undefined && seen.size < MAX_FILES; path = queue.shift()) {
    const file = await firstThere(path, read)
    if (file === undefined || seen.has(file.path)) continue
    seen.add(file.path)
    const text = withoutComments(file.text)
    for (const [, keyword = '', name = ''] of text.matchAll(DECLARED))
      add(name, KIND[keyword.replace('const ', '')] ?? 'value')
    for (const [, type, names = ''] of text.matchAll(/\bexport\s+(type\s+)?\{([^}]*)\}/g)) {
      for (const item of names.split(',')) {
        const match = /^\s*(type\s+)?(?:[\w$]+\s+as\s+)?([A-Za-z_$][\w$]*)\s*$/.exec(item)
        if (match?.[2] !== undefined)
          add(match[2], type !== undefined || match[1] !== undefined ? 'type' : kindIn(text, item))
      }
    }
    for (const [, name = ''] of text.matchAll(/\bexport\s+\*\s+as\s+([A-Za-z_$][\w$]*)/g)) add(name, 'value')
    for (const [, from = ''] of text.matchAll(/\bexport\s+(?:type\s+)?\*\s+from\s*['"](\.[^'"]+)['"]/g)) {
      queue.push(resolve(file.path, from))
    }
    const whole = /\bexport\s*=\s*([A-Za-z_$][\w$]*)/.exec(text)?.[1]
    if (whole !== undefined) for (const exported of membersOf(text, whole)) add(exported.name, exported.kind)
  }
  return [...found.values()]
}

/** `export { x }`: what x was declared as in this file. */
function kindIn(text: string, item: string): Exported['kind'] {
  const local = /^\s*([A-Za-z_$][\w$]*)/.exec(item)?.[1] ?? ''
  const keyword = new RegExp(
    `\\b(function|class|enum|const|let|var|interface|type|namespace)\\s+${local.replaceAll('$', '\\$')}\\b`,
  ).exec(text)?.[1]
  return KIND[keyword ?? 'const'] ?? 'value'
}

/** `export = x` with `declare namespace x { … }`: its first-level members. */
function membersOf(text: string, name: string): Exported[] {
  const start = new RegExp(`\\bnamespace\\s+${name.replaceAll('$', '\\$')}\\s*\\{`).exec(text)
  if (start === null) return [{ name, kind: kindIn(text, name) }]
  const members: Exported[] = [{ name, kind: 'value' }]
  let depth = 1
  for (const line of text.slice(start.index + start[0].length).split('\n')) {
    if (depth === 1) {
      const match =
        /^\s*(?:export\s+)?(?:abstract\s+)?(function|class|const|let|var|interface|type|enum|namespace)\s+([A-Za-z_$][\w$]*)/.exec(
          line,
        )
      if (match?.[2] !== undefined) members.push({ name: match[2], kind: KIND[match[1] ?? ''] ?? 'value' })
    }
    for (const char of line) depth += char === '{' ? 1 : char === '}' ? -1 : 0
    if (depth <= 0) break
  }
  return members
}

const withoutComments = (text: string): string =>
  text.replace(/\/\*[\s\S]*?(?:\*\/|$)/g, '').replace(/^\s*\/\/.*$/gm, '')

function resolve(from: string, to: string): string {
  const parts = from.split('/').slice(0, -1)
  for (const part of to.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return parts.join('/')
}

/** A module path as it is imported has several files that it may mean. */
async function firstThere(path: string, read: (path: string) => Promise<string | undefined>) {
  const stem = path.replace(/\.[cm]?js$/, '')
  const candidates = /\.d\.[cm]?ts$/.test(path)
    ? [path]
    : [`${stem}.d.ts`, `${stem}.d.mts`, `${stem}.d.cts`, `${path}/index.d.ts`, `${stem}.ts`]
  for (const candidate of candidates) {
    const text = await read(candidate)
    if (text !== undefined) return { path: candidate, text }
  }
  return undefined
}
