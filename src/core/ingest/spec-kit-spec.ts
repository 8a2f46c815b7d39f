/** spec.md of spec-kit: user stories and requirements that phases and tasks refer to. */
import type { ContextPiece } from '../model/plan.ts'
import { headingsOf, linesOf, sectionEnd, textOf } from '../text/lines.ts'

export interface SpecPieces {
  /** By the story's number. */
  stories: ReadonlyMap<string, ContextPiece>
  /** The requirements that a text names (FR-001, SC-002), each once. */
  requirementsIn(text: string): ContextPiece[]
}

const FILE = 'spec.md'
const STORY = /^(?:user\s+story|story|us|história|historia)\s*(?:de usu[aá]rio\s*)?#?-?(\d{1,3})(?!\d)/iu
const REQUIREMENT =
  /^\s*(?:[-*+]\s+)?(?:\*\*)?\[?((?:N?FR|SC|NF|AC|EC)-\d{1,3}[a-z]?)\]?(?:\*\*)?\s*[:：.)–—-]/u

export function specPieces(source: string): SpecPieces {
  const lines = linesOf(source)
  const headings = headingsOf(lines)
  const stories = new Map<string, ContextPiece>()
  for (const heading of headings) {
    const number = STORY.exec(heading.text)?.[1]
    if (number === undefined || stories.has(number)) continue
    const to = sectionEnd(headings, heading, lines)
    stories.set(number, {
      path: FILE,
      title: heading.text,
      lines: [heading.line, lines[to - 1]?.number ?? heading.line],
      text: textOf(source, lines, heading.index, to),
    })
  }
  const requirements = new Map<string, ContextPiece>()
  for (const line of lines) {
    const id = line.hidden ? undefined : REQUIREMENT.exec(line.text)?.[1]
    if (id === undefined || requirements.has(id)) continue
    requirements.set(id, { path: FILE, title: id, lines: [line.number, line.number], text: line.text.trim() })
  }
  return {
    stories,
    requirementsIn: (text) =>
      [...new Set(text.match(/\b(?:N?FR|SC|NF|AC|EC)-\d{1,3}[a-z]?\b/gu) ?? [])].flatMap(
        (id) => requirements.get(id) ?? [],
      ),
  }
}

/** The stories that a phase does: by its title, else by the marks of its tasks where most of them carry one. */
export function storyNumbers(title: string, tasks: readonly string[]): string[] {
  const named = [
    ...title.matchAll(
      /(?:user\s+story|\bUS|hist[óo]ria(?: de usu[aá]rio)?|用户故事|ユーザーストーリー)\s*#?-?(\d{1,3})(?!\d)/giu,
    ),
  ]
  if (named.length > 0) return [...new Set(named.map(([, number = '']) => number))]
  const marks = tasks.flatMap((text) => /\[US-?(\d{1,3})\]/iu.exec(text)?.[1] ?? [])
  const [first] = marks
  return first !== undefined && marks.length * 2 > tasks.length && marks.every((mark) => mark === first)
    ? [first]
    : []
}
