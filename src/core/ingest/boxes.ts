/** Plans whose progress is boxes: what they say about a phase, and ticking them. */
import type { Diagnostic } from '../model/diagnostic.ts'
import type { Status } from '../model/plan.ts'
import { applyEdits } from '../text/edits.ts'
import { type BoxLine, boxesOf, headingsOf, linesOf } from '../text/lines.ts'

/** All done is completed, none is pending, anything between is in progress. */
export function statusOfBoxes(boxes: readonly Pick<BoxLine, 'status'>[]): Status {
  if (boxes.length > 0 && boxes.every(({ status }) => status === 'completed')) return 'completed'
  return boxes.every(({ status }) => status === 'pending') ? 'pending' : 'in_progress'
}

/** The text with these boxes ticked (or marked otherwise), where they are not yet. */
export const markBoxes = (
  source: string,
  boxes: readonly Pick<BoxLine, 'status' | 'start' | 'end'>[],
  status: 'completed' | 'in_progress',
  mark = 'x',
): string =>
  applyEdits(
    source,
    boxes.filter((box) => box.status !== status).map(({ start, end }) => ({ start, end, text: mark })),
  )

/** A sign behind a heading says that all of it is done, whatever its boxes say. */
const DONE = /[ \t]*(?:✅|✔\uFE0F?|☑\uFE0F?)[ \t]*$/u

/** A heading's text without that sign. */
export const undone = (text: string): string => text.replace(DONE, '')

/**
 * The status of a phase that a heading names, and what contradicts it. The heading's own mark counts; `stated` is what a status
 * line says, which counts where there is no box.
 */
export function statusOfSection(
  { id, word, heading, boxes, file }: MarkedSection,
  stated?: { status: Status; line: number },
): { status: Status; diagnostics: Diagnostic[] } {
  const done = heading !== undefined && DONE.test(heading.text)
  const computed = boxes.length === 0 && stated !== undefined ? stated.status : statusOfBoxes(boxes)
  const open = boxes.find(({ status }) => status !== 'completed')
  if (!done) {
    const claims = stated?.status === 'completed' && open !== undefined ? stated.line : undefined
    const diagnostics =
      claims === undefined ? [] : [contradiction(word, id, claims, open?.line ?? claims, file, computed)]
    return { status: computed, diagnostics }
  }
  if (open === undefined) return { status: 'completed', diagnostics: [] }
  return { status: 'completed', diagnostics: [contradiction(word, id, heading.line, open.line, file)] }
}

interface MarkedSection {
  id: string
  /** What the format calls it: "section". */
  word: string
  heading: { text: string; line: number } | undefined
  boxes: readonly Pick<BoxLine, 'status' | 'line'>[]
  file: string
}

/** A phase that is marked as done and has an open box. */
export const contradiction = (
  word: string,
  id: string,
  marked: number,
  open: number,
  file: string,
  counts: Status = 'completed',
): Diagnostic => ({
  rule: 'contradicting-status',
  severity: 'warning',
  file,
  line: marked,
  message: `${word[0]?.toUpperCase() ?? ''}${word.slice(1)} ${id} is marked as done in line ${marked}, and line ${open} is open; it counts as ${counts === 'completed' ? 'done' : counts.replace('_', ' ')}.`,
  hint: `Tick line ${open}, or take the mark in line ${marked} away.`,
  phase: id,
})

/** Ticks the boxes of a section; one that has none gets a sign behind its heading. */
export function completeSection(
  source: string,
  heading: { text: string; start: number } | undefined,
  boxes: readonly BoxLine[],
): string {
  if (boxes.length > 0 || heading === undefined) return markBoxes(source, boxes, 'completed')
  if (DONE.test(heading.text)) return source
  const at = heading.start + heading.text.length
  return applyEdits(source, [{ start: at, end: at, text: ' ✅' }])
}

/** The text with every box empty and without signs behind headings, LF line ends, no blanks at line ends: what an approval of such a plan is about. */
export function withoutBoxes(source: string): string {
  const lines = linesOf(source)
  const boxes = boxesOf(lines).map(({ start, end }) => ({ start, end, text: '' }))
  const signs = headingsOf(lines).flatMap(({ text, start }) => {
    const at = undone(text).length
    return at === text.length ? [] : [{ start: start + at, end: start + text.length, text: '' }]
  })
  return normalized(applyEdits(source, [...boxes, ...signs]))
}

/** A document that nobody writes back: LF line ends, no blanks at line ends. */
export const normalized = (text: string): string =>
  text
    .replace(/^\uFEFF/u, '')
    .replace(/\r\n?/g, '\n')
    .replace(/[ \t]+$/gmu, '')
