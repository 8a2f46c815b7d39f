/** Names of specs as rows, cells and files write them: "data-model", "Data Model", "fatigue" for "fatigue-tracking". */
import { fold, plain } from '../text/inline.ts'

/** Short names are looked for in every other name, so not in a manifest of thousands of specs. */
const MAX_FOR_SHORT_NAMES = 1_000

export class SpecNames {
  readonly #names: readonly string[]
  readonly #exact: ReadonlyMap<string, string>
  #words: ReadonlyMap<string, readonly string[]> | undefined

  constructor(names: readonly string[]) {
    this.#names = names
    this.#exact = new Map(names.map((name) => [fold(name), name]))
  }

  /** The spec that a name means: exact, else the only one whose words begin with its words; undefined where none or several do. */
  resolve(text: string): string | undefined {
    const name = fold(text).replace(/ spec$/u, '')
    const exact = this.#exact.get(name)
    if (exact !== undefined || name === '') return exact
    if (this.#names.length > MAX_FOR_SHORT_NAMES) return undefined
    const words = name.split(' ')
    this.#words ??= new Map(this.#names.map((candidate) => [candidate, fold(candidate).split(' ')]))
    const close = [...this.#words].flatMap(([candidate, its]) => (abbreviates(words, its) ? candidate : []))
    return close.length === 1 ? close[0] : undefined
  }

  /** The specs that a cell names. `unknown` are pieces that name none; "--" and "none" name nothing. */
  resolveAll(cell: string): { names: string[]; unknown: string[] } {
    const result = { names: [] as string[], unknown: [] as string[] }
    for (const piece of plain(cell).split(/[,;，、；+&]|\band\b|<br\s*\/?>/iu)) {
      const text = piece.replace(/\([^)]*\)/gu, '').trim()
      if (/^(?:|-+|—|–|none|no|n\/?a|root|nil|无|なし|ninguna?)$/iu.test(text)) continue
      const name = this.resolve(text)
      if (name === undefined) result.unknown.push(text)
      else if (!result.names.includes(name)) result.names.push(name)
    }
    return result
  }
}

/** Every word begins a word of the candidate, in order: "3d viz" for "3d visualization", "scouting" for "ai scouting reports". */
function abbreviates(words: readonly string[], candidate: readonly string[]): boolean {
  let at = 0
  for (const word of words) {
    while (at < candidate.length && candidate[at]?.startsWith(word) !== true) at += 1
    if (at === candidate.length) return false
    at += 1
  }
  return true
}

/** The files of specs among those of a plan: `specs/<name>-spec.md`. */
export class SpecFiles {
  readonly #byPath: ReadonlyMap<string, string>
  readonly #byName: ReadonlyMap<string, string>

  constructor(files: readonly string[]) {
    // the first wins: files come sorted
    const specs = files.filter((n) => /^specs\/.+\.md$/iu.test(n)).reverse()
    this.#byPath = new Map(specs.map((path) => [path.toLowerCase(), path]))
    this.#byName = new Map(
      specs.map((path) => [fold(path.slice('specs/'.length).replace(/(?:-spec)?\.md$/iu, '')), path]),
    )
  }

  /** The file that one of `paths` (of links, of a table) points to, else the one of that name. */
  find(name: string, paths: readonly string[]): string | undefined {
    for (const path of paths) {
      const base = path.split('/').at(-1)?.toLowerCase() ?? ''
      const found = base.endsWith('.md') ? this.#byPath.get(`specs/${base}`) : undefined
      if (found !== undefined) return found
    }
    return this.#byName.get(fold(name))
  }
}
