import { codePointName, findInvisible } from './invisible.ts'

const COMMENT = /<!--[\s\S]*?(?:-->|$)/g
/** ESC-started terminal sequences: CSI, OSC (ended by BEL or ST) and two-character ones. */
const TERMINAL = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g

/** Text from outside as an agent may read it: nothing left that a person looking at it would not see. */
export function sanitize(text: string): string {
  return withoutInvisible(
    text
      .replace(/^\ufeff/, '')
      .replace(TERMINAL, '')
      .replace(COMMENT, ''),
  )
}

/** Without zero-width, bidi, tag and control characters; HTML comments stay. */
export function withoutInvisible(text: string): string {
  return replaceInvisible(text, () => '')
}

/** For a terminal: invisible and control characters are shown as `<U+200B>`, so that output cannot be forged. */
export function makeVisible(text: string): string {
  return replaceInvisible(text, (codePoint) => `<${codePointName(codePoint)}>`)
}

function replaceInvisible(text: string, by: (codePoint: number) => string): string {
  const found = findInvisible(text)
  if (found.length === 0) return text
  const parts: string[] = []
  let from = 0
  for (const { index, length, codePoint } of found) {
    parts.push(text.slice(from, index), by(codePoint))
    from = index + length
  }
  parts.push(text.slice(from))
  return parts.join('')
}
