import type { Status } from '../model/plan.ts'
import { readStatus, wholeStatus } from '../text/status.ts'
import { splitMarks } from '../text/heading-status.ts'

/** A list item's mark and the text behind it. */
export interface MarkedItem {
  /** Undefined where the item carries no mark: "- plain". */
  status: Status | undefined
  /** True for "[x]", "[ ]", "[/]", "[completed]" and for signs such as "✅". */
  marked: boolean
  text: string
}

const BOX = /^\s*[*_]{0,2}\[([^\]\n]{0,24})\](?!\()[*_]{0,2}(?=\s|$|\p{L}|\*)\s*/u

/** Reads "[x] text", "[in_progress] text", "[/] text", "✅ text", "~~text~~". */
export function readMark(source: string): MarkedItem {
  const box = BOX.exec(source)
  if (box !== null) {
    const status = boxStatus(box[1] ?? '')
    if (status !== undefined) return { status, marked: true, text: source.slice(box[0].length) }
  }
  const sign = readStatus(source)
  if (sign?.sign !== undefined && sign.start <= 2 && !source.startsWith('[', sign.start)) {
    return { status: sign.status, marked: true, text: source.slice(sign.sign.end).trimStart() }
  }
  if (/^\s*~~.+~~\s*$/u.test(source)) return { status: 'completed', marked: false, text: source }
  const tail = splitMarks(source)
  return { status: tail.status, marked: false, text: tail.status === undefined ? source : tail.text }
}

function boxStatus(inner: string): Status | undefined {
  const mark = inner.trim()
  if (mark === '') return 'pending'
  if (/^[xX✓✔√vV]$/u.test(mark)) return 'completed'
  if (/^[/~>.*oO\\]$/u.test(mark)) return 'in_progress'
  if (mark === '!' || mark === '?') return 'blocked'
  if (mark === '-') return 'skipped'
  // "[NEW] a.ts" says what becomes of a file
  if (mark === 'NEW') return undefined
  return wholeStatus(mark)?.status
}
