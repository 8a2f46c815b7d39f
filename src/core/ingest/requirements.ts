/** Requirements that tasks refer to by number: "_Requirements: 1.2, 3.1_", resolved to their text. */
import type { ContextPiece } from '../model/plan.ts'
import { headingsOf, linesOf, sectionEnd, textOf } from '../text/lines.ts'

export interface Requirement {
  /** "1" for the whole requirement, "1.2" for one of its criteria. */
  number: string
  text: string
  lines: readonly [number, number]
}

const NAME =
  /^(?:(?:requirement|req|需求|要件|요구사항|requisito|anforderung)\s*#?\s*)(\d{1,3}(?:\.\d{1,3})*)(?![\p{L}\p{N}])/iu
const CRITERION = /^\s*(?:[-*+]\s+)?\*{0,2}(\d{1,3}(?:\.\d{1,3})*)[.)]?\*{0,2}[ \t]+(\S.*)$/u

/** "### Requirement 1: …" with a numbered list of criteria: 1.1, 1.2, and so on. */
export function requirementsOf(source: string): Map<string, Requirement> {
  const lines = linesOf(source)
  const headings = headingsOf(lines)
  const found = new Map<string, Requirement>()
  for (const heading of headings) {
    const number = NAME.exec(heading.text)?.[1]
    if (number === undefined || found.has(number)) continue
    const to = sectionEnd(headings, heading, lines)
    found.set(number, {
      number,
      text: textOf(source, lines, heading.index, to),
      lines: [heading.line, lines[to - 1]?.number ?? heading.line],
    })
    for (let index = heading.index + 1; index < to; index += 1) {
      const line = lines[index]
      const [, own, text] = line === undefined || line.hidden ? [] : (CRITERION.exec(line.text) ?? [])
      if (line === undefined || own === undefined || text === undefined) continue
      const id = own.includes('.') ? own : `${number}.${own}`
      if (!found.has(id)) found.set(id, { number: id, text: text.trim(), lines: [line.number, line.number] })
    }
  }
  return found
}

const REFERENCE =
  /(?<![\p{L}\p{N}])(?:Requirements?|Validates|Requisitos?|Anforderungen)\b[^:：\n]{0,20}[:：]\s*\**([^\n]*)|(?:需求|要件|요구사항)[^:：\n]{0,10}[:：]\s*([^\n]*)/giu

/** What a text refers to, each once, in written order. */
export function referencesIn(
  text: string,
  requirements: ReadonlyMap<string, Requirement>,
  path: string,
): ContextPiece[] {
  const pieces = new Map<string, ContextPiece>()
  for (const match of text.matchAll(REFERENCE)) {
    for (const number of (match[1] ?? match[2] ?? '').match(/\d{1,3}(?:\.\d{1,3})*/gu) ?? []) {
      const found = requirements.get(number)
      if (found === undefined || pieces.has(number)) continue
      pieces.set(number, { path, title: `Requirement ${number}`, lines: found.lines, text: found.text })
    }
  }
  return [...pieces.values()]
}
