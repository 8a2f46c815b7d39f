/** Changes of a plan's files line by line: what people wrote stays, with its line ends. */
import type { Plan } from '../model/plan.ts'

/** Lines in place of one, or lines that go before it. Lines count from 0. */
export type Edit = { at: number; replace: string } | { at: number; insert: string[] }

export const linesOf = (plan: Plan, file: string): string[] | undefined =>
  plan.files.find(({ path }) => path === file)?.text.split('\n')

export function applyEdits(lines: readonly string[], edits: ReadonlyMap<number, Edit>): string[] {
  const end = lines.some((line) => line.endsWith('\r')) ? '\r' : ''
  const changed = lines.flatMap((line, at) => {
    const edit = edits.get(at)
    if (edit === undefined) return [line]
    if ('replace' in edit) return [edit.replace]
    // Lines keep their carriage returns: what is put between them gets those of its neighbour; the last has none of its own.
    const own = line.endsWith('\r') || at === lines.length - 1 ? end : ''
    return [...edit.insert.map((text) => (text.endsWith('\r') ? text : text + own)), line]
  })
  const last = edits.get(lines.length)
  if (last === undefined || !('insert' in last)) return changed
  // Behind the last line, which ended with no line end.
  return [...changed.slice(0, -1), `${changed.at(-1) ?? ''}${end}`, ...last.insert]
}

/** All edits of some files as their new texts. */
export function editedFiles(
  plan: Plan,
  edits: ReadonlyMap<string, ReadonlyMap<number, Edit>>,
): Map<string, string> {
  return new Map(
    [...edits].flatMap(([file, of]) => {
      const lines = linesOf(plan, file)
      return lines === undefined ? [] : [[file, applyEdits(lines, of).join('\n')] as const]
    }),
  )
}

export const idPattern = (id: string, flags = ''): RegExp =>
  new RegExp(`(?<![\\w.])${id.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w]|\\.\\d)`, flags)
export const hasId = (line: string, id: string): boolean => idPattern(id).test(line)
export const withId = (line: string, from: string, to: string): string =>
  line.replace(idPattern(from), () => to)
