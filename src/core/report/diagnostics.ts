import type { Diagnostic, Severity, Silenced } from '../model/diagnostic.ts'
import { clip, count, displayWidth, list, wrap } from '../text/display.ts'
import { makeVisible } from '../text/sanitize.ts'
import type { Style as Marks } from '../text/style.ts'
import { COLOURED, PLAIN } from '../text/style.ts'

export interface Style {
  color: boolean
  /** Columns. */
  width: number
}

const paletteOf = (marks: Marks) => ({
  error: (text: string) => marks.bold(marks.bad(text)),
  warning: (text: string) => marks.bold(marks.warn(text)),
  info: (text: string) => marks.bold(marks.accent(text)),
  strong: marks.bold,
  /** What belongs to us, not to the plan: line numbers, bars. */
  frame: marks.accent,
})
type Palette = ReturnType<typeof paletteOf>

/** Related places shown below a finding. */
const MAX_RELATED = 4
/** Findings of one rule that are shown; who has more begins with these. */
const MAX_OF_RULE = 100
/** A tab as it is shown, so that the caret stands below what it means. */
const TAB = '  '

/**
 * Diagnostics as a compiler prints them, in the order given, with a summary line. `sources` gives the text of a file by
 * the name that the diagnostics use; without it the line is left out. Ends with a line feed.
 */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  sources: (file: string) => string | undefined,
  style: Style,
): string {
  const palette = paletteOf(style.color ? COLOURED : PLAIN)
  const lines = lineReader(sources)
  const count = new Map<string, number>()
  const findings = diagnostics.flatMap((diagnostic) => {
    const before = count.get(diagnostic.rule) ?? 0
    count.set(diagnostic.rule, before + 1)
    if (before >= MAX_OF_RULE) return []
    return render(diagnostic, lines, palette, Math.max(40, style.width), before > 0)
  })
  const left = [...count]
    .filter(([, n]) => n > MAX_OF_RULE)
    .map(([rule, n]) => `${n - MAX_OF_RULE} of ${rule}`)
  const more = left.length === 0 ? [] : [`Not shown: ${list(left, Infinity)}. All are in --format json.\n`]
  return [...findings, ...more, `${summary(diagnostics, palette)}\n`].join('\n')
}

/** "2 errors, 5 warnings in 4 phases"; on a clean plan that nothing was found. */
export function summarize(diagnostics: readonly Diagnostic[]): string {
  const of = (severity: Severity) => diagnostics.filter((d) => d.severity === severity).length
  const counts = [
    of('error') > 0 ? count(of('error'), 'error') : '',
    of('warning') > 0 ? count(of('warning'), 'warning') : '',
    of('info') > 0 ? count(of('info'), 'note') : '',
  ].filter((text) => text !== '')
  if (counts.length === 0) return 'The review found nothing to improve.'
  // what stands in no phase, or anywhere in a file, would be counted to the others'
  const located = diagnostics.every(({ phase }) => phase !== undefined)
  const phases = new Set(diagnostics.map(({ phase }) => phase)).size
  return `${counts.join(', ')}${located ? ` in ${count(phases, 'phase')}` : ''}`
}

function summary(diagnostics: readonly Diagnostic[], palette: Palette): string {
  const worst = (['error', 'warning', 'info'] as const).find((s) => diagnostics.some((d) => d.severity === s))
  return worst === undefined ? summarize(diagnostics) : palette[worst](summarize(diagnostics))
}

/** One line for each finding that the plan silences: who reads a review learns what somebody decided not to mend. */
export function renderSilenced(silenced: readonly Silenced[], { color, width }: Style): string {
  const marks = color ? COLOURED : PLAIN
  return silenced
    .map(({ diagnostic, reason, place }) => {
      const text = `silenced[${diagnostic.rule}]: ${shown(`${diagnostic.file}:${diagnostic.line}, ${reason}`)}`
      return `${marks.dim(clip(`${text} (${place.file}:${place.line})`, width))}\n`
    })
    .join('')
}

/** A title may hold a carriage return alone, by which a terminal would write over what stands before it. */
const shown = (text: string): string => makeVisible(text.replace(/[\r\n\v\f\u2028\u2029]+/gu, ' '))

type LineReader = (file: string, line: number) => string | undefined

function lineReader(sources: (file: string) => string | undefined): LineReader {
  const cache = new Map<string, string[]>()
  return (file, line) => {
    let lines = cache.get(file)
    if (lines === undefined) cache.set(file, (lines = (sources(file) ?? '').split(/\r\n|\r|\n/)))
    return lines[line - 1]
  }
}

/** `again`: the rule was explained above, so its reason is left out. */
function render(
  diagnostic: Diagnostic,
  lines: LineReader,
  palette: Palette,
  width: number,
  again: boolean,
): string {
  const { severity, rule, file, line, message, why, hint, related = [] } = diagnostic
  const gutter = ' '.repeat(String(line).length)
  const bar = palette.frame('|')
  const out: string[] = []
  const [first = '', ...rest] = wrap(shown(message), width - severity.length - rule.length - 4)
  const head = severity === 'info' ? 'note' : severity
  out.push(`${palette[severity](`${head}[${rule}]`)}${palette.strong(`: ${first}`)}`)
  for (const text of rest) out.push(palette.strong(`${gutter}   ${text}`))
  out.push(`${gutter}${palette.frame('-->')} ${shown(file)}:${line}`)
  const source = lines(file, line)
  if (source !== undefined && source.trim() !== '') {
    const { text, before, under } = excerpt(source, diagnostic, width - gutter.length - 3)
    out.push(`${gutter} ${bar}`)
    out.push(`${palette.frame(String(line))} ${bar} ${text}`)
    out.push(`${gutter} ${bar} ${' '.repeat(before)}${palette[severity]('^'.repeat(under))}`)
  }
  const say = (label: string, text: string) => {
    const [start = '', ...more] = wrap(shown(text), width - gutter.length - label.length - 5)
    out.push(`${gutter} ${palette.frame('=')} ${palette.strong(`${label}:`)} ${start}`)
    for (const next of more) out.push(`${gutter}   ${' '.repeat(label.length + 1)} ${next}`)
  }
  for (const place of related.slice(0, MAX_RELATED))
    say('see', `${place.file}:${place.line}, ${place.message}`)
  if (related.length > MAX_RELATED) {
    const left = related
      .slice(MAX_RELATED)
      .map((place) => `${place.file === file ? 'line ' : `${place.file}:`}${place.line}`)
    say('see', `also ${list(left, 6)}`)
  }
  if (why !== undefined && !again) say('why', why)
  say('fix', hint)
  return `${out.join('\n')}\n`
}

/** The source line as it is shown, cut around what is meant, with where the carets go, all in columns. */
function excerpt(source: string, at: Pick<Diagnostic, 'column' | 'endColumn'>, width: number) {
  const indent = source.length - source.trimStart().length
  const start = Math.min(at.column === undefined ? indent : at.column - 1, source.length - 1)
  const end = Math.max(
    start + 1,
    at.column === undefined ? source.trimEnd().length : (at.endColumn ?? at.column) - 1,
  )
  const show = (text: string) => makeVisible(text).replaceAll('\t', TAB)
  let head = show(source.slice(0, start))
  const marked = clip(show(source.slice(start, end)), width)
  const room = width - displayWidth(marked)
  if (displayWidth(head) > room / 2 && displayWidth(head) + displayWidth(marked) > width)
    head = lastColumns(head, Math.floor(room / 2))
  const before = displayWidth(head)
  const text = clip(`${head}${marked}${show(source.slice(end))}`, width)
  return { text, before, under: Math.max(1, Math.min(displayWidth(marked), width - before)) }
}

/** The end of a text in at most `width` columns, "…" first. */
function lastColumns(text: string, width: number): string {
  let kept = ''
  for (const char of [...text].reverse()) {
    if (displayWidth(char + kept) > width - 1) break
    kept = char + kept
  }
  return `…${kept}`
}
