import type { Status } from '../model/plan.ts'
import type { Span } from './inline.ts'
import { readStatus, wholeStatus, type StatusToken } from './status.ts'

/** A status mark in a heading or in the text of a list item. */
export interface HeadingMark {
  /** What has to go for the text without marks, separators included. */
  span: Span
  /** The status itself; undefined for a progress figure such as "(40/40)". */
  token: StatusToken | undefined
}

export interface MarkedText {
  /** The text without its marks. */
  text: string
  status: Status | undefined
  marks: HeadingMark[]
}

const FIGURE =
  /^[\s*_~]*(?:\d+\s*\/\s*\d+[\s\d/%–—.,-]*|\d+\s*%|\d+\s*(?:tasks?|items?|steps?|tareas?|tarefas?|Aufgaben|tâches|任务|个任务|項|项|タスク|개))[\s*_~]*$/iu
const CLOSE: Record<string, string> = { ')': '(', '）': '（', ']': '[', '】': '【', '`': '`' }
/** How often marks may stand one behind the other: "✅ **Title** - COMPLETE (40/40)" has three. */
const ROUNDS = 6

/**
 * Takes status marks off a heading: signs in front and behind, "(in progress)", "[complete]", "`pending`", "— COMPLETE (3/4)",
 * "⏸️ pending". Words that merely end a title ("Review complete") are no mark: a sign, bracket or separator must set them off.
 */
export function splitMarks(source: string): MarkedText {
  const marks: HeadingMark[] = []
  const labels = labelsBehind(source)
  marks.push(...labels.marks)
  let start = 0
  let end = labels.at
  // "[in progress] (depends on Phase 1)": the remark stays a part of the text, and a status may stand before it
  const remark = DEPENDENCY_REMARK.exec(source.slice(0, end))
  if (remark !== null && remark.index > 0) end = remark.index
  const lead = readLead(source)
  if (lead !== undefined) {
    marks.push({ span: { start: lead.start, end: lead.end }, token: lead })
    start = lead.end
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    const tail = readTail(source, start, end)
    if (tail === undefined) break
    marks.push(tail)
    end = tail.span.start
  }
  const words = marks.filter((m) => m.token?.word !== undefined)
  const token = (words[0] ?? marks.find((m) => m.token !== undefined))?.token
  const text = source.slice(start, end).trim() + (remark?.[0] ?? '')
  return { text: text.trim(), status: token?.status, marks }
}

const DEPENDENCY_REMARK =
  /\s*[(（](?:depends on|blocked by|after|requires|needs|depende de|dépend de|abhängig von|nach|依赖|依存|需要)[^()（）]{1,80}[)）]\s*$/iu

/** "Bring-up | Owner: Lee | Status: Complete": what is told behind a title in one line, with its status. */
function labelsBehind(source: string): { at: number; marks: HeadingMark[] } {
  const parts = [...source.matchAll(/\s+(?:·|\||•)\s+(?=[*_]*[\p{L}][\p{L} ]{1,20}[*_]*[:：])/gu)]
  const first = parts[0]
  if (first === undefined || first.index === 0) return { at: source.length, marks: [] }
  const marks = parts.flatMap((part): HeadingMark[] => {
    const from = part.index + part[0].length
    const label = STATUS_LABEL.exec(source.slice(from))
    const token = label === null ? undefined : readStatus(source, from + label[0].length)
    return token === undefined ? [] : [{ span: { start: token.start, end: token.end }, token }]
  })
  return { at: first.index, marks }
}

const STATUS_LABEL =
  /^[*_]*(?:status|state|estado|stato|statut|статус|状态|狀態|ステータス|상태)[*_]*\s*[:：][*_]*\s*/iu

/** Only a sign counts in front: a title may well start with a word such as "Ready" or "Open". */
function readLead(source: string): StatusToken | undefined {
  const token = readStatus(source)
  if (token?.sign === undefined) return undefined
  // in front, a clipboard is decoration ("📋 Phase 1: Planning")
  if (source.startsWith('📋', token.sign.start)) return undefined
  return { status: token.status, start: token.sign.start, end: token.sign.end, sign: token.sign }
}

function readTail(source: string, start: number, limit: number): HeadingMark | undefined {
  const end = trimEnd(source, start, limit)
  if (end <= start) return undefined
  return readGroup(source, start, end) ?? readTrailing(source, start, end)
}

/** Position after the last character that is neither blank nor emphasis. */
function trimEnd(source: string, start: number, limit: number): number {
  let end = limit
  while (end > start && /[\s*_~]/.test(source.charAt(end - 1))) end -= 1
  return end
}

/** "(completed)", "`pending`", "[complete]", "(✅ Wave 1)", "(40/40)" at the end. */
function readGroup(source: string, start: number, end: number): HeadingMark | undefined {
  const open = CLOSE[source.charAt(end - 1)]
  if (open === undefined) return undefined
  const from = source.lastIndexOf(open, end - 2)
  if (from <= start) return undefined
  // "Parser [x]", "Printer [ ]": a box behind the title
  if (open === '[' && /^[ xX✓✔/~>-]$/u.test(source.slice(from + 1, end - 1))) {
    const box = readStatus(`${source.slice(from, end)} `)
    const span = { start: beforeSeparator(source, start, from), end }
    if (box !== undefined) return { span, token: shift(box, from) }
  }
  const inner = unwrapped(source.slice(from + 1, end - 1))
  const span = { start: beforeSeparator(source, start, from), end }
  if (FIGURE.test(inner)) return { span, token: undefined }
  const token = readStatus(inner)
  if (token === undefined) return undefined
  const rest = inner.slice(token.end)
  // a word alone, or a sign that a remark explains; "(open questions)" is part of the title
  if (
    token.sign === undefined &&
    wholeStatus(inner) === undefined &&
    !/^\s*(?:[—–,，;；:：(（]|-\s)/u.test(rest)
  )
    return undefined
  return { span, token: shift(token, from + 1) }
}

/** "`[complete]`": brackets inside the group count as blanks. */
const unwrapped = (inner: string): string => inner.replace(/^[[(（【]|[\])）】]$/gu, ' ')

/** "✅", "⏸️ pending", "— COMPLETE", ": done" at the end. */
function readTrailing(source: string, start: number, end: number): HeadingMark | undefined {
  const from = Math.max(start + 1, end - 60)
  const tail = source.slice(from, end)
  const separators =
    /\s*(?:←|<-+|<=)\s*|\s[—–-]+\s|\s\|\s|\s·\s|[—–]{1,2}\s?|\s+(?=[^\p{L}\p{N}\s(（[【`])|\s(?=[\u4e00-\u9fff]{2,5}$)/gu
  let best: HeadingMark | undefined
  for (const separator of tail.matchAll(separators)) {
    const at = separator.index + separator[0].length
    const token = wholeStatus(tail.slice(at))
    if (token === undefined) continue
    best = { span: { start: from + separator.index, end }, token: shift(token, from + at) }
    break
  }
  return best ?? trailingSign(tail, from, end)
}

/** A sign glued to the last word: "Title✅". */
function trailingSign(tail: string, from: number, end: number): HeadingMark | undefined {
  for (const length of [1, 2, 3]) {
    const piece = tail.slice(-length)
    const token = readStatus(piece)
    if (
      token?.sign !== undefined &&
      token.start === 0 &&
      token.end === piece.length &&
      token.word === undefined
    ) {
      return { span: { start: end - length, end }, token: shift(token, from + tail.length - length) }
    }
  }
  return undefined
}

function beforeSeparator(source: string, start: number, at: number): number {
  let from = at
  while (from > start && /[\s—–*_~-]/u.test(source.charAt(from - 1))) from -= 1
  return from
}

function shift(token: StatusToken, by: number): StatusToken {
  const move = (span: Span): Span => ({ start: span.start + by, end: span.end + by })
  return {
    status: token.status,
    ...move(token),
    ...(token.sign === undefined ? {} : { sign: move(token.sign) }),
    ...(token.word === undefined ? {} : { word: move(token.word) }),
  }
}
