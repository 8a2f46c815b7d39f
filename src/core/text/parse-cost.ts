/**
 * What a parser of CommonMark will need for a text, guessed before it is asked: by lines, never by the clock, so that the same file
 * always reads the same. Nested lists, lists in quotes and rules below text cost the square of their lines, tables by their cells.
 */
import { containers } from './guard.ts'

/** Milliseconds, measured on one core of 2020: a line, each container that a line stands in, and the square of lines with a sign. */
const LINE = 0.1
const CONTAINER = 0.08
const SIGNS = 0.0004
/** A character in a line that is long. */
const CHARACTER = 0.001
/** A pipe, which ends a cell. */
const CELL = 0.03

const FENCE = /^[ \t>]*(`{3,}|~{3,})/
/** What opens or closes a block right where lines stand close. */
const SIGN = /^[ \t]*(?:[-*+=>]|\d{1,9}[.)])/

/** In milliseconds, about; with the lines of a fence, which are cheap. */
export function parseCost(text: string): number {
  let [lines, signs, inside, cells, fence] = [0, 0, 0, 0, '']
  for (const [line] of text.matchAll(/[^\r\n]+/g)) {
    const mark = FENCE.exec(line)?.[1] ?? ''
    if (mark !== '' && (fence === '' || mark.startsWith(fence))) fence = fence === '' ? mark : ''
    lines += 1
    if (fence !== '' && mark === '') continue
    if (SIGN.test(line)) signs += 1
    inside += containers(line)
    if (line.includes('|')) cells += line.split('|').length - 1
  }
  const squares = signs * signs * SIGNS
  return lines * LINE + inside * CONTAINER + cells * CELL + squares + text.length * CHARACTER
}
