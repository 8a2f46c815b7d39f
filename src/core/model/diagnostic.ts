export type Severity = 'error' | 'warning' | 'info'

/** A place in a file of the plan. `file` is relative to the plan directory, with forward slashes; lines count from 1. */
export interface Place {
  file: string
  line: number
  endLine?: number
}

/**
 * Something worth telling about a plan, found while reading (`ingest/…`) or reviewing (a rule's id).
 * The first six fields are what `--json` prints.
 */
export interface Diagnostic {
  /** kebab-case id of the rule, e.g. "unknown-dependency". */
  rule: string
  severity: Severity
  file: string
  line: number
  message: string
  /** What to do next. */
  hint: string
  endLine?: number
  /** The part of the line it is about, UTF-16 units from 1, `endColumn` exclusive; undefined is the whole line. */
  column?: number
  endColumn?: number
  /** Why it matters, one sentence. */
  why?: string
  /** The phase it is about, where there is one. */
  phase?: string
  /** Other places that belong to it, each with its own short text. */
  related?: (Place & { message: string })[]
}

/** A finding that the plan's author answered instead of mending it. */
export interface Silenced {
  diagnostic: Diagnostic
  reason: string
  /** Where the answer stands. */
  place: Place
}
