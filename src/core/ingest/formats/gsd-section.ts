/** What the section of a phase says in GSD's ROADMAP.md, and the requirements that it refers to. */
import type { ContextPiece, Criterion } from '../../model/plan.ts'
import { type Line, linesOf } from '../../text/lines.ts'
import { type PhaseOrder, readDependencies } from '../dependencies.ts'

/** The file that makes it a plan. */
export const INDEX = 'ROADMAP.md'

const DEPENDS =
  /^\s*(?:[-*+]\s+)?\*{0,2}(?:Depends\s+on|Dependencies|Dependency|Requires)\*{0,2}\s*[:：]\s*\*{0,2}\s*(\S.*)$/iu
const NOTHING = /^\W*(?:nothing|none|no\b|n\/a|-|—|independent|first phase)/iu

/** `self` is the line where the phase names itself. */
export function dependenciesOf(
  lines: readonly Line[],
  own: string,
  order: PhaseOrder,
): { on: string[]; unknown: string[]; self?: number; isFree: boolean } {
  for (const { hidden, text, number } of lines) {
    const value = hidden ? undefined : DEPENDS.exec(text)?.[1]
    if (value === undefined) continue
    if (NOTHING.test(value)) return { on: [], unknown: [], isFree: true }
    const said = readDependencies(value.replace(/\bphase\s+0+(?=\d)/giu, 'Phase '), order, own)
    return { on: said.ids, unknown: said.unknown, isFree: false, ...(said.self && { self: number }) }
  }
  return { on: [], unknown: [], isFree: false }
}

/** "**Success Criteria** (what must be TRUE):" and the numbered lines below it. */
export function criteriaOf(lines: readonly Line[]): Criterion[] {
  const found: Criterion[] = []
  let inside = false
  for (const { text, number, hidden } of lines) {
    if (hidden) continue
    const item = /^\s*(?:\d+[.)]|[-*+])\s+(?:\[[ xX]?\]\s*)?(.+)$/u.exec(text)?.[1]
    if (/^\W*success criteria\b/iu.test(text)) inside = true
    else if (inside && item !== undefined)
      found.push({ id: `AC-${found.length + 1}`, text: item.trim(), place: { file: INDEX, line: number } })
    else if (text.trim() !== '' && !/^\s{2,}\S/u.test(text)) inside = false
  }
  return found
}

/** "- [ ] **FND-01**: …" of REQUIREMENTS.md. */
export function requirementsOf(source: string): Map<string, ContextPiece> {
  const found = new Map<string, ContextPiece>()
  for (const line of linesOf(source)) {
    const [, id, text = ''] =
      /^\s*[-*+]\s+(?:\[[ xX]?\]\s+)?\**([A-Z][A-Z0-9]*-\d+[a-z]?)\**\s*[:：—–-]*\**\s*(.+)$/u.exec(
        line.text,
      ) ?? []
    if (line.hidden || id === undefined || found.has(id)) continue
    found.set(id, {
      path: 'REQUIREMENTS.md',
      title: `Requirement ${id}`,
      lines: [line.number, line.number],
      text: text.trim(),
    })
  }
  return found
}

/** Ids of the requirements that a phase's section names. */
export function requirementIds(lines: readonly Line[]): string[] {
  const said = lines.find(({ text }) => /^\W*requirements?\b/iu.test(text))?.text ?? ''
  return [...new Set(said.match(/[A-Z][A-Z0-9]*-\d+[a-z]?/gu))]
}

export function requirementsIn(
  lines: readonly Line[],
  requirements: ReadonlyMap<string, ContextPiece>,
): ContextPiece[] {
  return requirementIds(lines).flatMap((id) => requirements.get(id) ?? [])
}
