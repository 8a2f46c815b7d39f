import type { Diagnostic, Severity } from '../model/diagnostic.ts'
import { count } from '../text/display.ts'
import { makeVisible } from '../text/sanitize.ts'
import { fromRoot } from './formats.ts'

/** A remark that GitHub shows at a line of a changed file, or at the job where it names no file. */
export interface Annotation {
  level: 'error' | 'warning' | 'notice'
  title: string
  message: string
  /** From the repository's root. */
  file?: string
  /** Lines and columns count from 1. */
  startLine?: number
  endLine?: number
  startColumn?: number
  endColumn?: number
}

/**
 * GitHub shows so many annotations of a level and step and drops the others without a word: "Limitations" in
 * https://github.com/actions/toolkit/blob/main/docs/problem-matchers.md
 */
const SHOWN = 10
/** The runner cuts a message after 4,096 characters. */
const MAX_MESSAGE = 4_000

const LEVELS = { error: 'error', warning: 'warning', info: 'notice' } as const
const NOUNS: Record<Severity, string> = { error: 'error', warning: 'warning', info: 'note' }

/**
 * As many annotations of each level as GitHub shows, the worst level first. Where there are more, the last of the level
 * says how many. `closing` are remarks about all of it; they come last and always have a place.
 */
export function annotationsOf(
  diagnostics: readonly Diagnostic[],
  dir: string,
  closing: readonly Annotation[] = [],
): Annotation[] {
  const ofLevel = (severity: Severity): Annotation[] => {
    const found = diagnostics.filter((diagnostic) => diagnostic.severity === severity)
    const room = SHOWN - closing.filter(({ level }) => level === LEVELS[severity]).length
    if (found.length <= room) return found.map((one) => annotation(one, dir))
    const kept = found.slice(0, room - 1)
    return [...kept.map((one) => annotation(one, dir)), more(severity, found.length - kept.length)]
  }
  return [...ofLevel('error'), ...ofLevel('warning'), ...ofLevel('info'), ...closing]
}

function annotation(diagnostic: Diagnostic, dir: string): Annotation {
  const { severity, rule, message, why, hint } = diagnostic
  const text = makeVisible([message, why, hint].filter((part) => part !== undefined).join('\n'))
  return {
    level: LEVELS[severity],
    title: rule,
    message: text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE)}…` : text,
    ...placeOf(diagnostic, dir),
  }
}

function placeOf({ file, line, endLine, column, endColumn }: Diagnostic, dir: string): Partial<Annotation> {
  const path = file === '' ? undefined : fromRoot(dir, file)
  if (path === undefined) return {}
  const place = { file: path, startLine: line, ...(endLine === undefined ? {} : { endLine }) }
  // GitHub takes columns only where start and end are on the same line
  if (column === undefined || (endLine !== undefined && endLine !== line)) return place
  return { ...place, startColumn: column, ...(endColumn === undefined ? {} : { endColumn }) }
}

const more = (severity: Severity, left: number): Annotation => ({
  level: LEVELS[severity],
  title: 'more findings',
  message: `${count(left, `more ${NOUNS[severity]}`)}: GitHub shows ${SHOWN} of a kind. The job's summary lists them all.`,
})
