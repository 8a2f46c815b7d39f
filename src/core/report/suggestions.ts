/** Changes of files as suggestions of a review, which a person takes over with a click. */
import { diffArrays } from 'diff'

export interface ChangedText {
  /** From the repository's root. */
  path: string
  before: string
  after: string
}

/** Replaces these lines of the head, counted from 1, by what its block holds. */
export interface Suggestion {
  path: string
  startLine: number
  endLine: number
  /** Markdown. */
  body: string
}

/** Lines that a review may speak about, by path: what the diff of the pull request shows, hunk by hunk. */
export type Commentable = ReadonlyMap<string, readonly { from: number; to: number }[]>

/** A review with more comments is read by nobody. */
const MAX_SUGGESTIONS = 50
/** GitHub takes 65,536 characters of a comment. */
const MAX_BODY = 60_000

/** What stands at lines that a review may speak about becomes a suggestion; `rest` is what is left, to be shown as a patch. */
export function suggestionsOf(
  files: readonly ChangedText[],
  commentable: Commentable,
): { suggestions: Suggestion[]; rest: ChangedText[] } {
  const suggestions: Suggestion[] = []
  const rest: ChangedText[] = []
  for (const file of files) {
    const { path, before, after } = file
    if (before.endsWith('\n') !== after.endsWith('\n')) {
      rest.push(file)
      continue
    }
    const lines = linesOf(before)
    const left: Hunk[] = []
    for (const hunk of hunksOf(lines, linesOf(after))) {
      const { from, to } = hunk
      const body = suggestion(hunk.lines)
      const fits = commentable.get(path)?.some((range) => range.from <= from && to <= range.to) === true
      if (fits && body.length <= MAX_BODY && suggestions.length < MAX_SUGGESTIONS)
        suggestions.push({ path, startLine: from, endLine: to, body })
      else left.push(hunk)
    }
    const end = before.endsWith('\n') ? '\n' : ''
    if (left.length > 0) rest.push({ path, before, after: applied(lines, left) + end })
  }
  return { suggestions, rest }
}

const linesOf = (text: string): string[] => text.replace(/\n$/, '').split('\n')

/** Lines `from` to `to`, at least one, and what stands there instead. */
interface Hunk {
  from: number
  to: number
  lines: string[]
}

function hunksOf(before: readonly string[], after: readonly string[]): Hunk[] {
  const hunks: Hunk[] = []
  let at = 0
  let gone = 0
  let added: string[] = []
  const end = (): void => {
    if (gone > 0) hunks.push({ from: at - gone + 1, to: at, lines: added })
    // A suggestion replaces at least a line: what is put in between goes with the line below, at the end with the one above.
    else if (added.length > 0 && at < before.length)
      hunks.push({ from: at + 1, to: at + 1, lines: [...added, before[at] ?? ''] })
    else if (added.length > 0) {
      const last = hunks.at(-1)
      // One suggestion for a line: what goes before the last line and what goes behind it are one.
      if (last?.to === at) last.lines = [...last.lines, ...added]
      else hunks.push({ from: at, to: at, lines: [before[at - 1] ?? '', ...added] })
    }
    gone = 0
    added = []
  }
  for (const part of diffArrays([...before], [...after])) {
    if (part.added) added = [...added, ...part.value]
    else if (part.removed) {
      gone += part.value.length
      at += part.value.length
    } else {
      end()
      at += part.value.length
    }
  }
  end()
  return hunks
}

function applied(before: readonly string[], hunks: readonly Hunk[]): string {
  const lines = [...before]
  for (const { from, to, lines: now } of hunks.toReversed()) lines.splice(from - 1, to - from + 1, ...now)
  return lines.join('\n')
}

/** The fence is longer than any in the text. GitHub keeps the file's line ends. */
function suggestion(lines: readonly string[]): string {
  const text = lines.map((line) => line.replace(/\r$/, '')).join('\n')
  const fence = fenceFor(text)
  // Without a line it takes the lines away; with an empty one it leaves that.
  return lines.length === 0 ? `${fence}suggestion\n${fence}` : `${fence}suggestion\n${text}\n${fence}`
}

export function fenceFor(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
  return '`'.repeat(longest + 1)
}
