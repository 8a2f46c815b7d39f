import { STATUSES, type Status } from '../model/plan.ts'
import type { Span } from './inline.ts'
import { SIGN_OF, STATUS_SIGNS, STATUS_WORDS } from './status-words.ts'

/** A status as it is written: a sign, a word, or both. */
export interface StatusToken extends Span {
  status: Status
  sign?: Span
  word?: Span
}

const byWord = new Map<string, Status>()
for (const status of STATUSES) for (const word of STATUS_WORDS[status]) byWord.set(key(word), status)

function key(word: string): string {
  return word
    .normalize('NFC')
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ')
}

/** How the words begin, up to this length: most texts are no status, and show it early. */
const BEGINNING = 3
const beginnings = new Set(
  [...byWord.keys()].flatMap((word) => Array.from({ length: BEGINNING }, (_, at) => word.slice(0, at + 1))),
)
const longest = Math.max(...[...byWord.keys()].map((word) => word.length))
/** Words with Chinese or Japanese signs end where the phrase ends; all others at a boundary. */
const isUnspaced = (word: string): boolean => /[\u3040-\u9fff]/.test(word)
const SIGN = new RegExp(`(?:${Object.keys(STATUS_SIGNS).join('|')})\\uFE0F?`, 'uy')
const BOX = /\[[ xX✓✔/~>-]\](?=\s)/uy
const DECOR = /[\s*_`~"'“”‘’]*/uy

function match(pattern: RegExp, text: string, at: number): Span | undefined {
  pattern.lastIndex = at
  const found = pattern.exec(text)
  return found === null ? undefined : { start: at, end: at + found[0].length }
}

/**
 * The longest word that stands at `at`, in any case, with one to three blanks, dashes or underscores where the word has a
 * blank; one with a boundary behind it before one without. By hand: a pattern of all these words takes V8 20 ms to compile, at
 * every start.
 */
function matchWord(text: string, at: number): Span | undefined {
  let spaced: Span | undefined
  let unspaced: Span | undefined
  let word = ''
  let blanks = 0
  for (let end = at; end < text.length && word.length < longest;) {
    const char = String.fromCodePoint(text.codePointAt(end) ?? 0)
    end += char.length
    if (/[\s_-]/.test(char)) {
      blanks++
      if (blanks > 3) break
      if (blanks === 1) word += ' '
      continue
    }
    blanks = 0
    word += char.toLowerCase()
    if (word.length <= BEGINNING && !beginnings.has(word)) break
    if (!byWord.has(word)) continue
    const found = { start: at, end }
    if (isUnspaced(word)) unspaced = found
    else if (!continuesWord(text, end)) spaced = found
  }
  return spaced ?? unspaced
}

/** Whether a letter or a digit stands at `at`. */
function continuesWord(text: string, at: number): boolean {
  const code = text.codePointAt(at)
  if (code === undefined) return false
  const char = String.fromCodePoint(code)
  return code < 128 ? /[A-Za-z0-9]/.test(char) : /[\p{L}\p{N}]/u.test(char)
}

const skip = (text: string, at: number): number => match(DECOR, text, at)?.end ?? at

const unsigned = (sign: string): string => sign.replace(/\uFE0F/g, '')

/** The status that a text starts with ("✅ completed (2026-07-10)", "`pending`", "blocked by A"), after marks of emphasis. */
export function readStatus(text: string, from = 0): StatusToken | undefined {
  let at = skip(text, from)
  const start = at
  let sign = match(SIGN, text, at) ?? match(BOX, text, at)
  if (sign !== undefined) at = skip(text, sign.end)
  const word = matchWord(text, at)
  if (sign === undefined && word === undefined) return undefined
  // several signs in a row ("⏸️⏸️ pending"): the first counts
  const status =
    word !== undefined
      ? byWord.get(key(text.slice(word.start, word.end)))
      : signStatus(text.slice(sign?.start, sign?.end))
  if (status === undefined) return undefined
  if (word !== undefined && sign === undefined) return { status, start: word.start, end: word.end, word }
  sign ??= { start, end: start }
  return {
    status,
    start: sign.start,
    end: word?.end ?? sign.end,
    sign,
    ...(word === undefined ? {} : { word }),
  }
}

function signStatus(sign: string): Status | undefined {
  const box = /^\[(.)\]$/u.exec(sign)
  if (box !== null) return BOX_STATUS[box[1] ?? ''] ?? 'completed'
  return STATUS_SIGNS[unsigned(sign)]
}

/** The status that a whole text states, with nothing but decoration, a date, figures or a remark in brackets behind it. */
export function wholeStatus(text: string): StatusToken | undefined {
  const token = readStatus(text)
  if (token === undefined) return undefined
  return /^[\s*_`~"'“”.!,，。()（）[\]/%\d:：~–—-]*$/u.test(text.slice(token.end)) ? token : undefined
}

/** True for a legend or template that lists the choices: "pending | in_progress | completed". */
export function listsChoices(text: string): boolean {
  const parts = text.split(/[|/·]| or /u)
  return parts.length >= 3 && parts.filter((p) => wholeStatus(p) !== undefined).length >= 3
}

/**
 * Writes `status` in the manner of what stands there: sign for sign, word for word, the word's language and case, or a word
 * that the file itself uses for this status (`vocabulary`).
 */
export function rewriteStatus(
  text: string,
  token: StatusToken,
  status: Status,
  vocabulary: ReadonlyMap<Status, string>,
): string {
  const sign = token.sign === undefined ? '' : writeSign(text.slice(token.sign.start, token.sign.end), status)
  if (token.word === undefined) return sign
  const between = token.sign === undefined ? '' : text.slice(token.sign.end, token.word.start)
  return sign + between + writeWord(text.slice(token.word.start, token.word.end), status, vocabulary)
}

const BOX_STATUS: Record<string, Status> = {
  ' ': 'pending',
  '/': 'in_progress',
  '~': 'in_progress',
  '>': 'in_progress',
  '-': 'skipped',
}

/** Boxes by which headings and cells state a status; what none says gets a sign in its place. */
const BOX_OF: Partial<Record<Status, string>> = {
  pending: '[ ]',
  completed: '[x]',
  in_progress: '[/]',
  skipped: '[-]',
}

function writeSign(old: string, status: Status): string {
  if (old.startsWith('[')) return BOX_OF[status] ?? SIGN_OF[status]
  // plain ticks stay plain ticks: a file that uses ✓ and ☐ does not get an emoji
  if (status === 'completed' && /^[✓✔☐☑✗✘]/u.test(old)) return old.startsWith('☐') ? '☑' : '✓'
  return SIGN_OF[status]
}

const CHINESE: Record<Status, string> = {
  draft: '草稿',
  pending: '待开始',
  in_progress: '进行中',
  completed: '已完成',
  blocked: '受阻',
  skipped: '已跳过',
  failed: '失败',
}

function writeWord(old: string, status: Status, vocabulary: ReadonlyMap<Status, string>): string {
  const own = vocabulary.get(status)
  if (own !== undefined) return own
  if (/[\u4e00-\u9fff]/.test(old)) return CHINESE[status]
  const word = status === 'in_progress' && /\s/.test(old) ? 'in progress' : status
  if (old === old.toUpperCase() && old !== old.toLowerCase()) return word.toUpperCase()
  const first = old.charAt(0)
  return first !== first.toLowerCase() ? word.charAt(0).toUpperCase() + word.slice(1) : word
}
