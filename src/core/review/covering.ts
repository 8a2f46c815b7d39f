/** Which findings a plan's silencers are about. Work grows with both together, not with their product: a file may have thousands of each. */
import type { Diagnostic } from '../model/diagnostic.ts'
import { firstFrom } from '../text/sorted.ts'
import type { Silencer } from './silencer.ts'

export interface Covering {
  /** For each finding, by its place in the list, the first silencer that is about it. */
  by: ReadonlyMap<number, Silencer>
  /** Whether a silencer is about any finding of a rule, also where another one came first. */
  meets: (silencer: Silencer, rule: string) => boolean
}

/** The findings of one rule in one file, by line. */
interface Group {
  places: number[]
  lines: number[]
  /** For each the next one that no silencer has yet, itself included; shortened as it is followed. */
  next: number[]
}

export function covering(silencers: readonly Silencer[], found: readonly Diagnostic[]): Covering {
  const groups = grouped(found)
  const by = new Map<number, Silencer>()
  for (const silencer of silencers) {
    for (const rule of silencer.rules) {
      const group = groups.get(keyOf(silencer.place.file, rule))
      if (group === undefined) continue
      const end = firstFrom(group.lines, silencer.to + 1, itself)
      for (let at = free(group.next, firstFrom(group.lines, silencer.from, itself)); at < end;) {
        by.set(group.places[at] ?? 0, silencer)
        group.next[at] = at + 1
        at = free(group.next, at)
      }
    }
  }
  const meets = ({ place, from, to }: Silencer, rule: string): boolean => {
    const lines = groups.get(keyOf(place.file, rule))?.lines ?? []
    return firstFrom(lines, from, itself) < firstFrom(lines, to + 1, itself)
  }
  return { by, meets }
}

const itself = (line: number): number => line
const keyOf = (file: string, rule: string): string => `${rule}\n${file}`

function grouped(found: readonly Diagnostic[]): Map<string, Group> {
  const groups = new Map<string, Group>()
  const inOrder = [...found.keys()].sort((a, b) => (found[a]?.line ?? 0) - (found[b]?.line ?? 0))
  for (const place of inOrder) {
    const { file, rule, line } = found[place] ?? { file: '', rule: '', line: 0 }
    const group = groups.get(keyOf(file, rule)) ?? { places: [], lines: [], next: [] }
    groups.set(keyOf(file, rule), group)
    group.next.push(group.places.length)
    group.places.push(place)
    group.lines.push(line)
  }
  return groups
}

function free(next: number[], from: number): number {
  let at = from
  while (at < next.length && next[at] !== at) at = next[at] ?? next.length
  for (let passed = from; passed < at;) {
    const following = next[passed] ?? at
    next[passed] = at
    passed = following
  }
  return at
}
