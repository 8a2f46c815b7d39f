import type { Place } from '../model/diagnostic.ts'
import type { Plan } from '../model/plan.ts'
import { firstFrom } from '../text/sorted.ts'
import { commentsIn, splitLines, withoutFences } from './source.ts'

/**
 * What the author of a plan has looked at and wants to keep as it is:
 *
 *     <!-- orchestrate-ignore vague-task: the product owner decides on Friday -->
 *
 * `orchestrate-ignore` is about the line it stands on, or the next one where it stands alone; `orchestrate-ignore-section` about
 * the section around it, heading included; `orchestrate-ignore-file` about its file.
 */
export interface Silencer {
  rules: string[]
  scope: 'line' | 'section' | 'file'
  /** Empty where none is given: then it silences nothing. */
  reason: string
  place: Place
  /** Lines that it is about, both included. */
  from: number
  to: number
}

const FORM = /^\s*orchestrate-ignore(-section|-file)?(?![\w-])\s*([^:：]*?)\s*(?:[:：]([\s\S]*))?$/

const LONGEST_ID = 60

/** Whether a comment (without its marks) is one of ours. */
export const isSilencer = (comment: string): boolean => FORM.test(comment)

export const silencersOf = (plan: Plan): Silencer[] =>
  plan.files.flatMap(({ path, text }) => (text.includes('orchestrate-ignore') ? silencersIn(path, text) : []))

function silencersIn(file: string, text: string): Silencer[] {
  const lines = splitLines(withoutFences(text))
  const next = nextTold(lines)
  const sections = sectionFinder(lines)
  return commentsIn(text).flatMap((comment): Silencer[] => {
    const match = FORM.exec(comment.text)
    if (match === null) return []
    const [, which, names = '', reason = ''] = match
    const last = comment.line + splitLines(comment.text).length - 1
    const scope = which === '-section' ? 'section' : which === '-file' ? 'file' : 'line'
    return [
      {
        rules: names.split(/[\s,]+/).filter((name) => name !== '' && name.length <= LONGEST_ID),
        scope,
        reason: reason.replace(/\s+/g, ' ').trim(),
        place: { file, line: comment.line },
        ...rangeOf(scope, { lines, next, sections }, comment.line, last),
      },
    ]
  })
}

/** `first` and `last`: the lines of the comment, from 1. */
function rangeOf(
  scope: Silencer['scope'],
  {
    lines,
    next,
    sections,
  }: { lines: readonly string[]; next: readonly number[]; sections: ReturnType<typeof sectionFinder> },
  first: number,
  last: number,
): { from: number; to: number } {
  if (scope === 'file') return { from: 1, to: lines.length }
  if (scope === 'section') return sections(first)
  const around = `${lines[first - 1]?.split('<!--')[0] ?? ''}${lines[last - 1]?.split('-->').at(-1) ?? ''}`
  if (around.trim() !== '') return { from: first, to: last }
  return { from: first, to: next[last] ?? last }
}

/** For every line (index from 0) the number, from 1, of the first at or after it that a silencer above may be about. */
function nextTold(lines: readonly string[]): number[] {
  const next: number[] = []
  for (let at = lines.length - 1, line: number | undefined; at >= 0; at--) {
    const text = lines[at] ?? ''
    if (text.trim() !== '' && !isOwnLine(text)) line = at + 1
    if (line !== undefined) next[at] = line
  }
  return next
}

/** Several of them one below the other are all about the line after the last. */
const isOwnLine = (line: string): boolean => /^\s*<!--\s*orchestrate-ignore\b.*-->\s*$/.test(line)

const levelOf = (line: string): number => /^ {0,3}(#{1,6})(?:\s|$)/.exec(line)?.[1]?.length ?? 0

/** The section around a line, from its heading; sections are looked for once, however many silencers stand in them. */
function sectionFinder(lines: readonly string[]): (line: number) => { from: number; to: number } {
  const headings = lines.flatMap((text, at) => {
    const level = levelOf(text)
    return level === 0 ? [] : { at, level }
  })
  const known = new Map<number, { from: number; to: number }>()
  return (line) => {
    const own = firstFrom(headings, line, ({ at }) => at) - 1
    const section = known.get(own) ?? sectionOf(headings, own, lines.length)
    known.set(own, section)
    return section
  }
}

/** Lines above the first heading are a section of their own. */
function sectionOf(
  headings: readonly { at: number; level: number }[],
  own: number,
  lines: number,
): { from: number; to: number } {
  const heading = headings[own]
  const next = headings.slice(own + 1).find(({ level }) => heading === undefined || level <= heading.level)
  return { from: (heading?.at ?? 0) + 1, to: next?.at ?? lines }
}
