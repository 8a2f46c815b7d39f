/** A story of BMAD, in its own file or a section of an epic: title, status, tasks, criteria, prerequisites. */
import type { Criterion, Status } from '../../model/plan.ts'
import { fold } from '../../text/inline.ts'
import {
  type BoxLine,
  boxesOf,
  type Heading,
  headingsOf,
  type Line,
  linesOf,
  sectionEnd,
  textOf,
} from '../../text/lines.ts'
import { undone } from '../boxes.ts'
import { titleText } from '../build-phase.ts'

export interface StatusMark {
  start: number
  end: number
  line: number
  text: string
}

export interface Story {
  title: string
  heading: Heading | undefined
  line: number
  status: StatusMark | undefined
  /** Boxes at the left margin of "Tasks / Subtasks", each with where it ends. */
  tasks: { box: BoxLine; to: number }[]
  /** All boxes there, subtasks included. */
  boxes: BoxLine[]
  criteria: Omit<Criterion, 'id'>[]
  requires: Requires
  /** What an agent has to know: without title, status and the notes of who implemented it. */
  text: string
  lines: readonly Line[]
}

export interface Requires {
  ids: string[]
  /** That nothing has to come before is said. */
  none: boolean
}

const NAMED = /^\**(?:user\s+)?(?:story|故事)\s+(\d+)[.-](\d+[a-z]?)\**\s*[:：.—–-]*\s*(.*)$/iu
const TASKS = /^(?:\d+[.)]\s*)?(?:implementation\s+)?(?:tasks?\b|任务)/iu
const AFTERWARDS = /^(?:dev agent record|qa results|change ?log|senior developer review|file list)\b/iu

/** "1.2" and the title of a heading that names a story. */
export function storyHeading(text: string): { id: string; title: string } | undefined {
  const [, epic, story, title = ''] = NAMED.exec(text) ?? []
  return epic === undefined || story === undefined
    ? undefined
    : { id: `${Number(epic)}.${story.replace(/^0+(?=\d)/u, '')}`, title: titleText(undone(title)) }
}

export function readStory(source: string): Story {
  const lines = linesOf(source)
  const headings = headingsOf(lines)
  const heading = headings.find(({ level }) => level === 1) ?? headings[0]
  const status = statusOf(lines, headings)
  const section = headings.find(({ level, text }) => level > 1 && TASKS.test(text))
  const to = section === undefined ? 0 : sectionEnd(headings, section, lines)
  const boxes = boxesOf(lines).filter(
    ({ index }) => section !== undefined && index > section.index && index < to,
  )
  const own = boxes.filter(({ indent }) => indent === 0)
  const tasks = own.map((box, at) => ({ box, to: own[at + 1]?.index ?? to }))
  const end = headings.find(({ level, text }) => level > 1 && AFTERWARDS.test(text))?.index ?? lines.length
  return {
    title: storyHeading(heading?.text ?? '')?.title ?? titleText(undone(heading?.text ?? '')),
    heading,
    line: heading?.line ?? 1,
    status,
    tasks,
    boxes,
    criteria: criteriaIn(lines, headings),
    requires: requirementsIn(lines.slice(0, end)),
    text: textOf(source, lines, (heading?.index ?? -1) + 1, end),
    lines,
  }
}

/** "Status: done", "**Status:** Draft", or the first line below "## Status". */
function statusOf(lines: readonly Line[], headings: readonly Heading[]): StatusMark | undefined {
  const section = headings.find(({ level, text }) => level > 1 && /^status\b:?\s*$/iu.test(text))
  const limit =
    headings.find(({ level, index }) => level === 2 && index !== section?.index)?.index ?? lines.length
  for (const [index, line] of lines.entries()) {
    if (line.hidden) continue
    if (index < limit) {
      const value = /^\s*(?:[-*]\s+)?(?:#+\s+)?\**status\**\s*[:：]\s*\**\s*([^\s*].*?)\**\s*$/iu.exec(
        line.text,
      )?.[1]
      if (value !== undefined) return markIn(line, value)
    }
    if (section !== undefined && index > section.index && line.text.trim() !== '')
      return /^\s*#/u.test(line.text)
        ? undefined
        : markIn(line, line.text.replace(/^[\s*_`-]+|[\s*_`]+$/gu, ''))
  }
  return undefined
}

function markIn(line: Line, value: string): StatusMark {
  // a remark behind the word stays: "Done (2026-01-02)"
  const text =
    /^(?:[\p{Extended_Pictographic}\uFE0F]\s*)*(?:ready\s+(?:for|to)\s+\w+|in[\s_-]?progress|[\p{L}-]+)/iu.exec(
      value,
    )?.[0] ?? value
  const start = line.start + line.text.lastIndexOf(value)
  return { start, end: start + text.length, line: line.number, text }
}

const STATUS: [RegExp, Status][] = [
  [/^(?:done|completed?|finished|closed|implemented|完成|已完成)\b|^(?:已)?完成/u, 'completed'],
  [
    /^(?:in progress|inprogress|review|in review|ready for (?:review|qa|code)|started|进行中)/u,
    'in_progress',
  ],
  [/^blocked\b/u, 'blocked'],
  [/^(?:cancelled|canceled|deferred|skipped|superseded|dropped|won t do)\b/u, 'skipped'],
]

export const storyStatus = (text: string): Status => {
  const word = fold(text.replace(/[\p{Extended_Pictographic}\uFE0F]/gu, ' ').replace(/[_-]/gu, ' ')).trim()
  return STATUS.find(([pattern]) => pattern.test(word))?.[1] ?? 'pending'
}

/** Numbered lines below "Acceptance Criteria". */
function criteriaIn(lines: readonly Line[], headings: readonly Heading[]): Omit<Criterion, 'id'>[] {
  const section = headings.find(({ level, text }) => level > 1 && /acceptance criteria|验收标准/iu.test(text))
  if (section === undefined) return []
  return lines.slice(section.index + 1, sectionEnd(headings, section, lines)).flatMap((line) => {
    const text = line.hidden
      ? undefined
      : /^\s{0,1}(?:\d+[.)]|\**AC\s*-?\d+\**\s*[:：.)—–-])\s*(.+)$/iu.exec(line.text)?.[1]
    return text === undefined ? [] : [{ text: text.trim(), place: { file: '', line: line.number } }]
  })
}

const LABEL =
  /^\s*(?:[-*+]\s+)?(?:#{2,6}\s+)?\**(?:story\s+|internal\s+)?(?:prerequisites?|dependencies|depends\s+on|dependency|依赖|前置条件)\**\s*[:：]?\**\s*(.*)$/iu
const ID = /(\d+)\.(\d+)([a-z]?)(?:\s*(?:-|–|—|to|bis|through)\s*(?:story\s+)?(\d+)\.(\d+))?/giu

/** Stories that "Prerequisites:" or "Dependencies:" names, there or in the list below. */
export function requirementsIn(lines: readonly Line[]): Requires {
  const ids: string[] = []
  let none = false
  let inside = false
  for (const line of lines) {
    if (line.hidden) continue
    const said = LABEL.exec(line.text)
    const isLabel = said !== null && (/[:：]/u.test(line.text) || /^\s*#/u.test(line.text))
    if (isLabel) {
      const value = said[1] ?? ''
      inside = value === ''
      if (/^\W*(?:none|nothing|no\b|n\/a|无)/iu.test(value)) none = true
      else if (/stor(?:y|ies)|故事/iu.test(value) || /^\W*\d+\.\d+\s*(?:[,;&(]|and\b|$)/iu.test(value))
        ids.push(...idsIn(value))
    } else if (inside) {
      const item = /^\s*(?:[-*+]|\d+[.)])\s+(.*)$/u.exec(line.text)?.[1]
      if (
        item !== undefined &&
        /stor(?:y|ies)\s|故事/iu.test(item) &&
        !/^\W*(?:blocks|enables|required by)\b/iu.test(item)
      )
        ids.push(...idsIn(item))
      else if (item === undefined && !(line.text.trim() === '' && ids.length === 0)) inside = false
    }
  }
  return { ids: [...new Set(ids)], none }
}

/** "Story 1.2, 1.3 (…)", "1.8-1.11"; what a remark in brackets names counts where nothing else does. */
function idsIn(text: string): string[] {
  const bare = text.replace(/[(（][^)）]*[)）]/gu, ' ').replace(/\s[-–—]\s(?!\d).*$/u, '')
  const found = [...(/\d+\.\d+/u.test(bare) ? bare : text).matchAll(ID)]
  return found.flatMap(([, epic = '', first = '', letter = '', lastEpic, last]) => {
    if (last === undefined || epic !== lastEpic) return [`${Number(epic)}.${Number(first)}${letter}`]
    const count = Math.min(Number(last) - Number(first), 99)
    return Array.from({ length: count + 1 }, (_, at) => `${Number(epic)}.${Number(first) + at}`)
  })
}

export interface EpicStory {
  id: string
  title: string
  path: string
  heading: Heading
  text: string
  requires: Requires
}

/** The stories of an epics file, each a section. */
export function epicStories(path: string, source: string): EpicStory[] {
  const lines = linesOf(source)
  const headings = headingsOf(lines)
  return headings.flatMap((heading): EpicStory[] => {
    const named = heading.level === 1 ? undefined : storyHeading(heading.text)
    if (named === undefined) return []
    const to = sectionEnd(headings, heading, lines)
    const requires = requirementsIn(lines.slice(heading.index + 1, to))
    return [{ ...named, path, heading, text: textOf(source, lines, heading.index + 1, to), requires }]
  })
}
