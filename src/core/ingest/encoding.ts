import type { Diagnostic } from '../model/diagnostic.ts'

/** So much of a file tells its encoding. */
const LOOKED_AT = 2_000
/**
 * Every other byte of UTF-16 is NUL where it holds the letters of English; in any language its line feeds and signs have one. A file
 * with more of them, or with NULs at odd and even places alike, is another thing.
 */
const NUL_SHARE = { least: 0.15, most: 0.6, oneSide: 0.9 }

/**
 * What is wrong with a file's encoding, seen from its text (bytes that are no UTF-8 are U+FFFD there), on the first line where it
 * shows; undefined where nothing is. `isText` is false where
 * nothing of it can be read: UTF-16. Bytes that are no UTF-8 would be lost where a status is written, so that no run begins with them. An error where none of the text can be trusted: UTF-16.
 */
export function encodingProblem(
  file: string,
  { text, invalidUtf8 }: { text: string; invalidUtf8: boolean },
): { problem: Diagnostic; isText: boolean } | undefined {
  const remark = (
    severity: 'error' | 'warning',
    line: number,
    message: string,
    hint: string,
    isText = true,
  ) => ({ problem: { rule: 'not-utf-8', severity, file, line, message, hint }, isText })
  const wide = utf16(text)
  if (wide !== undefined)
    return remark(
      'error',
      1,
      `${file} is ${wide}, not UTF-8; nothing of it was read.`,
      `Save the file as UTF-8: iconv -f ${wide} -t UTF-8.`,
      false,
    )
  const replaced = invalidUtf8 ? text.indexOf('\uFFFD') : -1
  if (invalidUtf8)
    return remark(
      'error',
      lineOf(text, replaced),
      `${file} holds bytes that are no UTF-8, first on line ${lineOf(text, replaced)}; they were read as “\uFFFD”, and nothing is written into the file.`,
      'Save the file as UTF-8: iconv -f ISO-8859-1 -t UTF-8, or -f SHIFT_JIS, GB18030 … where it was written so.',
    )
  const nul = text.indexOf('\0')
  if (nul < 0) return undefined
  return remark(
    'warning',
    lineOf(text, nul),
    `${file} holds NUL bytes, first on line ${lineOf(text, nul)}; they were read as blanks.`,
    "Remove them: tr -d '\\000'.",
  )
}

/** The name that `iconv` has for it. */
function utf16(text: string): string | undefined {
  // the two bytes of its byte order mark are no UTF-8
  if (text.startsWith('\uFFFD\uFFFD')) return 'UTF-16'
  const head = text.slice(0, LOOKED_AT)
  const places = [...head.matchAll(/\0/g)].map(({ index }) => index)
  const share = places.length / head.length
  if (head.length < 4 || share < NUL_SHARE.least || share > NUL_SHARE.most) return undefined
  const odd = places.filter((place) => place % 2 === 1).length / places.length
  if (odd >= NUL_SHARE.oneSide) return 'UTF-16LE'
  return odd <= 1 - NUL_SHARE.oneSide ? 'UTF-16BE' : undefined
}

const lineOf = (text: string, at: number): number => text.slice(0, Math.max(0, at)).split(/\r\n|\r|\n/).length
