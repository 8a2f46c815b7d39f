import type { Plan, PlanFile } from '../model/plan.ts'

/** One line of one of the plan's files, as it stands there. */
export interface Line {
  file: string
  /** Counts from 1. */
  line: number
  text: string
}

export const splitLines = (text: string): string[] => text.split(/\r\n|\r|\n/)

/** Shorter than any word with an argument. */
const LEAST = 6

const linesByPlan = new WeakMap<Plan, readonly Line[]>()

/** The lines of the plan's files on which anything can be said. */
export function linesOf(plan: Plan): readonly Line[] {
  const known = linesByPlan.get(plan) ?? plan.files.flatMap(told)
  linesByPlan.set(plan, known)
  return known
}

const told = ({ path, text }: PlanFile): Line[] =>
  splitLines(text).flatMap((line, at) =>
    line.length < LEAST || line.trim() === '' ? [] : { file: path, line: at + 1, text: line },
  )

/** The line of a place. Each file is split once, and only when it is asked for: a plan has places by the thousand. */
export function lineReader(plan: Plan): (place: { file: string; line: number }) => string {
  const known = new Map<string, string[]>()
  return ({ file, line }) => {
    let lines = known.get(file)
    if (lines === undefined) {
      lines = splitLines(plan.files.find(({ path }) => path === file)?.text ?? '')
      known.set(file, lines)
    }
    return lines[line - 1] ?? ''
  }
}

/** The same text, every character of code fences but line ends a blank: what is left keeps its place. */
export function withoutFences(text: string): string {
  let fence = ''
  return text.replaceAll(/[^\r\n]+/g, (line) => {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1] ?? ''
    if (fence === '') {
      fence = mark
      return mark === '' ? line : ' '.repeat(line.length)
    }
    if (mark.startsWith(fence) && line.trim() === mark) fence = ''
    return ' '.repeat(line.length)
  })
}

/** A piece of a text: offsets in UTF-16 units, the line that it begins on. */
export interface Piece {
  start: number
  end: number
  line: number
  text: string
}

/**
 * HTML comments outside of code fences, in order, with the text between their marks. One that never ends hides the rest of
 * the file.
 */
export function commentsIn(text: string): Piece[] {
  const visible = withoutFences(text)
  const lineAt = lineCounter(visible)
  return [...visible.matchAll(/<!--([\s\S]*?)(?:-->|$(?![\s\S]))/g)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
    line: lineAt(match.index),
    text: match[1] ?? '',
  }))
}

/** The line of an offset, for offsets that only grow. */
export function lineCounter(text: string): (offset: number) => number {
  let line = 1
  let at = 0
  return (offset) => {
    for (; at < offset; at++) {
      const code = text.charCodeAt(at)
      if (code === 10 || (code === 13 && text.charCodeAt(at + 1) !== 10)) line++
    }
    return line
  }
}
