/** Which of the lists, tables and headings of a phase are its tasks. */
import type { Status } from '../model/plan.ts'
import type { Piece } from '../text/blocks.ts'
import type { MarkedText } from '../text/heading-status.ts'
import { plain } from '../text/inline.ts'
import { taskHeadingForm } from '../text/sections.ts'
import { pathsIn } from './paths.ts'

export interface FoundTask {
  /**
   * `check` has a box or sign, `item` is a plain bullet or number, `row` stands in a table, `heading` and `section` head text of their
   * own, and so does `part`, by nothing but a running number.
   */
  form: 'check' | 'item' | 'row' | 'heading' | 'section' | 'part'
  /** Under a heading or label that says "Tasks". */
  underTasks: boolean
  /** Line of the heading right above it within the phase; 0 where it stands right below the phase's own. */
  section: number
  /** The task heading around it. */
  within: FoundTask | undefined
  text: string
  status: Status | undefined
  files: string[]
  line: number
}

/** What stands under "Deliverables", "Changes" or "Acceptance": no task where a phase has others. */
export type OfferedTask = FoundTask & { kind: 'outputs' | 'changes' | 'criteria' }

/** How the files of a format write tasks. */
export interface TaskHabits {
  /** The tasks among what was found in a phase, in written order. */
  choose(candidates: readonly FoundTask[], offered: readonly OfferedTask[]): FoundTask[]
  /** True where a table of issues, features or deliverables is a table of tasks too. */
  readonly workTables: boolean
}

/** "### Task 3: …" is a task with details below; "### 1.2 — …" and "#### CORE-001: …" are where nothing below is ticked. */
export function taskHeading(marked: MarkedText, heading: Piece): FoundTask | undefined {
  const form = taskHeadingForm(marked.text) ?? (NUMBERED.test(marked.text) ? 'part' : undefined)
  if (form === undefined) return undefined
  return {
    form,
    underTasks: false,
    section: heading.line,
    within: undefined,
    text: marked.text,
    status: marked.status,
    files: pathsIn(heading.text),
    line: heading.line,
  }
}

/** "#### 1. Crawl the sitemap" with nothing but prose below. */
const NUMBERED = /^[\s*_`]*\d{1,2}\s*[.)、]\s*(?=\p{L})/u

/**
 * The tasks among the candidates, most explicit form first: task headings; lists under "Tasks"; ticked or tickable items
 * anywhere; rows of a task table; coded headings; plain lists; numbered headings of prose.
 */
export function chooseTasks(all: readonly FoundTask[]): FoundTask[] {
  const candidates = all.filter((t) => t.form !== 'part')
  if (candidates.length === 0) return [...all]
  const headings = candidates.filter((t) => t.form === 'heading')
  if (headings.length > 0) return headings
  const lists = candidates.filter((t) => t.form !== 'section')
  const labelled = lists.filter((t) => t.underTasks)
  const scope = labelled.length > 0 ? labelled : lists
  const sections = candidates.filter((t) => t.form === 'section')
  const checks = scope.filter((t) => t.form === 'check')
  // a tick here and there among many coded headings ("⏸️ gate: ask first") is no list of tasks
  if (checks.length > 0 && (sections.length < 3 || checks.length >= sections.length / 2)) return checks
  const rows = scope.filter((t) => t.form === 'row')
  if (rows.length > 0) return rows
  if (sections.length >= 2 && scope.every((t) => t.within !== undefined)) return sections
  return scope
}

/** Tasks by what is called one; what is delivered or accepted is none. */
export const STRICT: TaskHabits = { choose: chooseTasks, workTables: false }

const WRITTEN_ID =
  /^(?:(?:sub-?task|task|step|タスク|任务|步骤|tarea|aufgabe)\s*#?\s*)?((?:\d{1,3}(?:\.\d{1,3}){1,3}[a-z]?|[A-Z](?:\.\d{1,3}){1,2}|[A-Z]{1,8}-?\d{1,4}[a-z]?|(?<=(?:task|step|タスク|任务|步骤|tarea|aufgabe)\s*#?\s*)\d{1,3}[a-z]?))(?:\s*[:：.)\]]+\s*|\s+[—–-]\s+|\s+)(?=\S)/iu

/** The id that a task's text starts with, and the rest. */
export function taskName(source: string): { id: string | undefined; title: string } {
  const text = plain(source).replace(/[\s:：]+$/u, '')
  const match = WRITTEN_ID.exec(text)
  const id = match?.[1] ?? ''
  // "WebGL2 context", "OAuth2 callback" are names
  if (
    match === null ||
    (/^[a-z]/u.test(id) && !/\d/u.test(id)) ||
    /[A-Z].*[a-z].*\d|[a-z].*[A-Z].*\d/u.test(id)
  )
    return { id: undefined, title: text }
  return { id, title: text.slice(match[0].length) }
}
