/** Characters that a reader does not see but an agent reads: the usual carriers of hidden instructions. */

export interface Invisible {
  /** Index in UTF-16 units. */
  index: number
  length: number
  kind: 'zero-width' | 'bidi' | 'tag' | 'control'
  codePoint: number
}

/**
 * Zero-width U+200B–200D, 2060–2064, FEFF, soft hyphen; bidi embeddings, overrides and isolates U+202A–202E, 2066–2069
 * (the "Trojan Source" set; the plain marks 200E/200F are normal in right-to-left text); tag characters U+E0000–E007F
 * and variation selectors U+E0100–E01EF; C0/C1 controls except tab, line feed and carriage return.
 */
const CARRIERS =
  /[\u00ad\u200b-\u200d\u2060-\u2064\ufeff\u202a-\u202e\u2066-\u2069\u{e0000}-\u{e007f}\u{e0100}-\u{e01ef}\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/gu

const PICTOGRAPH = /\p{Extended_Pictographic}|\p{Emoji_Modifier}|\ufe0f/u
/** Scripts whose letters are joined or kept apart by U+200C and U+200D. */
const JOINING =
  /\p{Script=Arabic}|\p{Script=Devanagari}|\p{Script=Bengali}|\p{Script=Malayalam}|\p{Script=Sinhala}|\p{Script=Tamil}|\p{Script=Telugu}|\p{Script=Kannada}/u
const BLACK_FLAG = '\u{1f3f4}'

/** Every invisible character of `text` that ordinary writing does not need (emoji sequences and joiners of scripts do). */
export function findInvisible(text: string): Invisible[] {
  const found: Invisible[] = []
  let inFlag = false
  let lastEnd = -1
  for (const match of text.matchAll(CARRIERS)) {
    const [char] = match
    const index = match.index
    const codePoint = char.codePointAt(0) ?? 0
    const before = previous(text, index)
    const kind = kindOf(codePoint)
    inFlag = kind === 'tag' && (before === BLACK_FLAG || (inFlag && lastEnd === index))
    lastEnd = index + char.length
    if (inFlag || (index === 0 && codePoint === 0xfeff)) continue
    if ((codePoint === 0x200d || codePoint === 0x200c) && isJoiner(before, next(text, lastEnd))) continue
    found.push({ index, length: char.length, kind, codePoint })
  }
  return found
}

function kindOf(codePoint: number): Invisible['kind'] {
  if (codePoint >= 0xe0000) return 'tag'
  if ((codePoint >= 0x202a && codePoint <= 0x202e) || (codePoint >= 0x2066 && codePoint <= 0x2069))
    return 'bidi'
  return codePoint < 0xa0 ? 'control' : 'zero-width'
}

function isJoiner(before: string, after: string): boolean {
  return (PICTOGRAPH.test(before) && PICTOGRAPH.test(after)) || (JOINING.test(before) && JOINING.test(after))
}

const previous = (text: string, index: number): string =>
  index >= 2 && /[\udc00-\udfff]/.test(text.charAt(index - 1))
    ? text.slice(index - 2, index)
    : text.charAt(index - 1)

function next(text: string, index: number): string {
  const codePoint = text.codePointAt(index)
  return codePoint === undefined ? '' : String.fromCodePoint(codePoint)
}

/** "U+200B". */
export const codePointName = (codePoint: number): string =>
  `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`
