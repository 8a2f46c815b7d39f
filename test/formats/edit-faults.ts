/** What an edit of a plan's files touched besides what it was for: line by line, mark by mark, with line ends. One text per fault. */
import { diffArrays } from 'diff'
import type { Change } from '../../src/core/review/restructure.ts'
import { wholeStatus } from '../../src/core/text/status.ts'
import { WAS } from '../../src/core/text/status-spans.ts'

const linesOf = (text: string): string[] => text.split(/(?<=\n)/u)
const endOf = (line: string): string => /\r?\n$|$/u.exec(line)?.[0] ?? ''
/** Blanks and line end behind the text of a line. */
const tailOf = (line: string): string => /[ \t]*(?:\r?\n)?$/u.exec(line)?.[0] ?? ''
const shown = (text: string): string => JSON.stringify(text.slice(0, 90))

interface Hunk {
  /** Line of the old text, from 1, that it stands at. */
  line: number
  gone: string[]
  come: string[]
}

/** The runs of pieces that differ. */
function hunksOf(before: readonly string[], after: readonly string[]): Hunk[] {
  const hunks: Hunk[] = []
  let line = 1
  let open: Hunk | undefined
  for (const part of diffArrays([...before], [...after])) {
    if (!part.added && !part.removed) {
      line += part.value.length
      open = undefined
      continue
    }
    if (open === undefined) hunks.push((open = { line, gone: [], come: [] }))
    ;(part.added ? open.come : open.gone).push(...part.value)
    if (part.removed) line += part.value.length
  }
  return hunks
}

const TOKEN = /[\p{L}\p{N}\p{M}]+(?:[_-][\p{L}\p{N}\p{M}]+)*|\p{Extended_Pictographic}\uFE0F?|./gsu

/** What differs between two lines, whole words at a time, with what stands before it; changes with only a blank between are one. */
function wordsChanged(before: string, after: string): { before: string; gone: string; come: string }[] {
  const found: { before: string; gone: string; come: string }[] = []
  let [seen, between] = ['', '']
  let joins = false
  for (const part of diffArrays(before.match(TOKEN) ?? [], after.match(TOKEN) ?? [])) {
    const text = part.value.join('')
    if (!part.added && !part.removed) {
      seen += text
      between = text
      joins = /^[ _-]$/u.test(text)
      continue
    }
    let last = found.at(-1)
    if (last === undefined || (between !== '' && !joins))
      found.push((last = { before: seen, gone: '', come: '' }))
    else {
      last.gone += between
      last.come += between
    }
    between = ''
    if (part.added) last.come += text
    else {
      last.gone += text
      seen += text
    }
  }
  return found
}

/** What formats write beside status words: how many plans are done of how many, and when. */
const FIGURE = /^(?:\d{1,3}|-|\d{4}-\d\d-\d\d)$/u
const MARK = /^[ xX/!*~>.✓✔-]?$/u

/** States of stories that other planners have words for, and we read by those formats alone. */
const STATE = /^(?:ready[- ]for[- ](?:dev|review|development)|drafted|backlog|review|approved|contexted)$/iu

const isStatus = (text: string): boolean => {
  const word = text.trim()
  return wholeStatus(word) !== undefined || FIGURE.test(word) || STATE.test(word)
}
/** What may stand where nothing stood: a sign behind a title, or a status before the one that it keeps. */
const mayCome = (text: string): boolean =>
  text.endsWith(WAS) ? isStatus(text.slice(0, -WAS.length)) : isStatus(text) && !/\p{L}/u.test(text)

/** Whether two lines differ by what states a status alone. */
function differByStatus(before: string, after: string): boolean {
  if (tailOf(before) !== tailOf(after)) return false
  return wordsChanged(before, after).every(({ before: lead, gone, come }) => {
    if (lead.endsWith('[') && MARK.test(gone) && (MARK.test(come) || wholeStatus(come) !== undefined))
      return true
    return gone === '' ? mayCome(come) : isStatus(gone) && isStatus(come)
  })
}

/**
 * An edit of statuses: only lines that `isOwn` allows may differ, each by marks and status words alone; one `status:` may come into
 * front matter that has none. Every other byte is the same.
 */
export function statusFaults(
  before: string,
  after: string,
  isOwn: (line: number, text: string) => boolean,
): string[] {
  const ends = new Set(linesOf(before).map(endOf))
  return hunksOf(linesOf(before), linesOf(after)).flatMap(({ line, gone, come }) => {
    const added = come.find(
      (text) => /^status: [\w-]+\r?\n$/u.test(text) && !gone.some((old) => /^status\s*:/u.test(old)),
    )
    const rest = added === undefined ? come : come.filter((text) => text !== added)
    if (added !== undefined && !ends.has(endOf(added))) return [`line ${line} gets another line end`]
    if (rest.length !== gone.length)
      return [`line ${line}: ${gone.length} lines become ${rest.length}: ${shown(gone[0] ?? rest[0] ?? '')}`]
    return gone.flatMap((old, at) => {
      const now = rest[at] ?? ''
      if (!isOwn(line + at, old))
        return [`line ${line + at} is not of the phase: ${shown(old)} → ${shown(now)}`]
      return differByStatus(old, now) ? [] : [`line ${line + at}: ${shown(old)} → ${shown(now)}`]
    })
  })
}

/** A block behind a text: what stood there stays (but for statuses of lines that `isOwn` allows), and what comes ends its lines alike. */
export function appendFaults(
  before: string,
  after: string,
  isOwn: (line: number, text: string) => boolean = () => false,
): string[] {
  const [old, now] = [linesOf(before).filter((line) => line !== ''), linesOf(after)]
  const end = old.map(endOf).find((one) => one !== '') ?? '\n'
  const last = old.at(-1) ?? ''
  const closed = endOf(last) === '' && last !== '' ? `${before}${end}` : before
  const kept = now.slice(0, old.length).join('')
  const more = now.slice(old.length).filter((line) => line !== '')
  return [
    ...statusFaults(closed, kept, isOwn),
    ...(more.length === 0 ? ['nothing was added'] : []),
    ...more.filter((line) => endOf(line) !== end).map((line) => `another line end: ${shown(line)}`),
  ]
}

/**
 * A revision: every line of the old text is there, in its order, byte for byte; but for those whose number of a phase, cell or list of
 * dependencies a change speaks of, and for sections that a change moves. Lines that come are told by a change, and end as the file's do.
 */
export function revisionFaults(before: string, after: string, changes: readonly Change[]): string[] {
  const told = changes.map(({ what }) => what)
  const isMoved = told.some((what) => /^Move \S+ \S+ behind/u.test(what))
  const ends = new Set(
    linesOf(before)
      .map(endOf)
      .filter((end) => end !== ''),
  )
  if (ends.size === 0) ends.add('\n')
  const hunks = hunksOf(linesOf(before), linesOf(after))
  const come = hunks.flatMap((hunk) => hunk.come)
  const faults: string[] = []
  if (before.startsWith('\uFEFF') !== after.startsWith('\uFEFF')) faults.push('the byte order mark')
  if (endOf(before) === '' ? endOf(after) !== '' : !ends.has(endOf(after))) faults.push('the end of the file')
  const spent = new Set<number>()
  const take = (isIt: (text: string) => boolean): boolean => {
    const at = come.findIndex((text, index) => !spent.has(index) && isIt(text))
    if (at >= 0) spent.add(at)
    return at >= 0
  }
  /** The last line has no line end of its own: it gets one where something comes behind it, and gives it up where it becomes the last. */
  const same = (old: string, text: string): boolean =>
    text === old || (bare(text) === bare(old) && (endOf(text) === '' || endOf(old) === ''))
  for (const { line, gone } of hunks)
    for (const old of gone) {
      const isThere =
        take((text) => same(old, text)) ||
        (isMoved && old.trim() === '') ||
        take((text) => endOf(text) === endOf(old) && differByIds(bare(old), bare(text)))
      if (!isThere) faults.push(`line ${line} is gone: ${shown(old)}`)
    }
  for (const [at, text] of come.entries()) {
    if (endOf(text) !== '' && !ends.has(endOf(text))) faults.push(`another line end: ${shown(text)}`)
    if (/\r/u.test(bare(text)) && !before.includes(bare(text))) faults.push(`a stray return: ${shown(text)}`)
    if (!spent.has(at) && !isTold(bare(text), told)) faults.push(`comes untold: ${shown(text)}`)
  }
  return faults
}

const bare = (line: string): string => line.slice(0, line.length - endOf(line).length)

const ID = /^\s*(?:\d{1,3}(?:\.\d{1,3})*[a-z]?|[A-Z]\d{0,2}[a-z]?|[A-Z]{1,4}-\d{1,3}[a-z]?)\s*$/u
/** Cells of a table may lose their padding. */
function differByIds(before: string, after: string): boolean {
  const [old, now] = [before.split('|'), after.split('|')]
  if (before.trimStart().startsWith('|') && old.length === now.length)
    return old.every((cell, at) => {
      const other = now[at] ?? ''
      const [was, is] = [cell.trim(), other.trim()]
      return (
        cell === other ||
        /^(?:[—–-]*|none|n\/?a|无|なし)$/iu.test(was) ||
        is.startsWith(`${was}, `) ||
        (/\d/u.test(was) && is.replace(/\d+[a-h]?/u, '') === was.replace(/\d+[a-h]?/u, ''))
      )
    })
  return wordsChanged(before, after).every(
    ({ gone, come }) => (ID.test(gone) && ID.test(come)) || (gone === '' && /^, Phase \S+$/u.test(come)),
  )
}

function isTold(text: string, told: readonly string[]): boolean {
  const says = (pattern: RegExp, part = ''): boolean =>
    told.some((what) => pattern.test(what) && what.includes(part))
  const title = /^\s*(?:[-*+]|\d{1,4}[.)])\s+(?:\[ \]\s+)?(.+)$/u.exec(text)?.[1]
  const files = [...text.matchAll(/^\*\*Files:\*\* (.+)$|^\| (\S+) \| modify \| its tasks speak of it \|$/gu)]
  return (
    text === '' ||
    (title !== undefined && says(/^Add to/u, title)) ||
    (/^#{1,6}\s/u.test(text) && says(/^Split phase/u)) ||
    (/^\*\*Depends on:\*\* Phase \S+$/u.test(text) && says(/^(?:Split|Let) phase/u)) ||
    files.some(([, list, one]) => says(/^Name /u, (list ?? one ?? '').replaceAll('`', ''))) ||
    (/^#{1,6} Files$|^\| File \| Action \| Purpose \|$|^\| --- \| --- \| --- \|$/u.test(text) &&
      says(/^Name /u))
  )
}
