/** Kiro: a spec in `.kiro/specs/NAME` with tasks.md, requirements.md and design.md. */
import type { Diagnostic } from '../../model/diagnostic.ts'
import type { ContextPiece, Phase, Status, Task, WrittenPlan } from '../../model/plan.ts'
import { applyEdits } from '../../text/edits.ts'
import {
  type BoxLine,
  boxesOf,
  type Heading,
  headingsOf,
  type Line,
  linesOf,
  textOf,
} from '../../text/lines.ts'
import {
  completeSection,
  contradiction,
  normalized,
  statusOfSection,
  undone,
  withoutBoxes,
} from '../boxes.ts'
import { buildPhase, countedIds, titleText } from '../build-phase.ts'
import { readDependencyNotes } from '../dependency-notes.ts'
import { besideIndex, type PlanChange, type PlanFiles, type PlanFormat } from '../format.ts'
import { pathsIn } from '../paths.ts'
import { referencesIn, requirementsOf } from '../requirements.ts'

const INDEX = 'tasks.md'
const SPEC = /(?:^|\/)\.kiro\/specs\/(?:[^/]+\/)*[^/]+$/u
/** `requirements.md` of a feature, `bugfix.md` of a fix. */
const BESIDE = ['requirements.md', 'bugfix.md', 'design.md']

export const kiro: PlanFormat = {
  id: 'kiro',
  marker: 'tasks.md in .kiro/specs/NAME',
  words: { phase: 'task', task: 'task' },
  own: [INDEX, ...BESIDE, '../../steering/{product,tech,structure}.md'],
  marksRunning: true,
  locate(path) {
    const [, dir, name] = /^((?:.*\/)?\.kiro\/specs\/(?:[^/]+\/)*[^/]+)\/([^/]+\.md)$/u.exec(path) ?? []
    return dir === undefined ? undefined : { dir, sure: name === INDEX }
  },
  around: (path) => (SPEC.test(path) ? [path.replace(/specs\/.*$/u, 'steering')] : []),
  async detect({ where, names, file = INDEX, text }) {
    if (file !== INDEX || !names.includes(INDEX)) return undefined
    const known = SPEC.test(where)
    if (!known && !(names.includes('requirements.md') && /_Requirements?:/u.test((await text(INDEX)) ?? '')))
      return undefined
    const up = '../'.repeat(known ? where.replace(/^.*\.kiro\//u, '').split('/').length : 0)
    const steering = known
      ? ['product.md', 'tech.md', 'structure.md'].map((name) => `${up}steering/${name}`)
      : []
    return { confidence: known ? 'certain' : 'likely', index: INDEX, files: [INDEX, ...BESIDE, ...steering] }
  },
  read: readKiro,
  write: writeKiro,
  digestText: (path, text) => (path === INDEX ? withoutBoxes(text) : normalized(text)),
}

interface Node {
  number: string
  title: string
  /** Undefined where it is a heading. */
  box: BoxLine | undefined
  optional: boolean
  /** Where it is one. */
  heading?: Heading
  line: number
  index: number
}

interface Section {
  id: string
  head: Node
  children: Node[]
  to: number
}

/** "1. Title", "1.2 Title", "1.2. Title"; `*` or `\*` before it makes it optional. */
const NUMBERED = /^(\\?\*)?\s*(?:\*\*)?(\d{1,3}(?:\.\d{1,3})*)(?![\p{L}\p{N}])[.:)、]?(?:\*\*)?\s+(.+)$/u
const HEADING =
  /^(?:(?:task|phase|任务|タスク)\s+)?(\d{1,3}(?:\.\d{1,3})*)(?![\p{L}\p{N}])\s*(?:[.:)、：]\s*|\s+)(.+)$/iu

function nodesOf(lines: readonly Line[]): Node[] {
  const boxes = boxesOf(lines).flatMap((box): Node[] => {
    const [, star, number, title = ''] = NUMBERED.exec(box.text) ?? []
    return number === undefined
      ? []
      : [{ number, title, box, optional: star !== undefined, line: box.line, index: box.index }]
  })
  const least = Math.min(
    ...boxes.filter(({ number }) => !number.includes('.')).map(({ box }) => box?.indent ?? 0),
  )
  const top = boxes.some(({ number, box }) => !number.includes('.') && box?.indent === least)
  if (top) return boxes.filter(({ number, box }) => number.includes('.') || box?.indent === least)
  // no number of a whole task has a box: headings carry them
  const headings = headingsOf(lines).flatMap((heading): Node[] => {
    const { text, level, line, index } = heading
    const [, number, title = ''] = level < 2 ? [] : (HEADING.exec(undone(text)) ?? [])
    if (number === undefined) return []
    return [{ number, title, box: undefined, heading, optional: false, line, index }]
  })
  return [...headings, ...boxes].sort((a, b) => a.index - b.index)
}

function sectionsOf(lines: readonly Line[]): Section[] {
  const nodes = nodesOf(lines)
  const sections: Section[] = []
  for (const node of nodes) {
    if (!node.number.includes('.')) sections.push({ id: node.number, head: node, children: [], to: 0 })
    else {
      const parent = sections.findLast(({ id }) => id === node.number.split('.')[0])
      parent?.children.push(node)
    }
  }
  const ids = countedIds(sections.map(({ id }) => id))
  return sections.map((section, at) => ({
    ...section,
    id: ids[at] ?? section.id,
    children: leaves(section.children),
    to: endOf(section, sections[at + 1], lines),
  }))
}

/** "1.2.1" counts for itself where "1.2" only heads it. */
function leaves(children: readonly Node[]): Node[] {
  return children.filter(
    ({ number, box }) =>
      box !== undefined || !children.some((other) => other.number.startsWith(`${number}.`)),
  )
}

/** A heading that groups tasks, or speaks of something else, ends the task before it. */
function endOf(section: Section, next: Section | undefined, lines: readonly Line[]): number {
  const limit = next?.head.index ?? lines.length
  const heading = headingsOf(lines).find(
    ({ index, text }) =>
      index > section.head.index &&
      index < limit &&
      HEADING.exec(text)?.[1]?.split('.')[0] !== section.head.number,
  )
  return heading?.index ?? limit
}

function readKiro(files: PlanFiles): WrittenPlan {
  const source = files.text(INDEX) ?? ''
  const lines = linesOf(source)
  const sections = sectionsOf(lines)
  const requirements = requirementsOf(files.text('requirements.md') ?? '')
  const { stated, free } = readDependencyNotes(
    source,
    lines,
    sections.map(({ id, head }) => ({ id, title: head.title })),
  )
  const diagnostics = sections.flatMap(contradictions)
  const phases = sections.map((section) => {
    const context = (text: string): ContextPiece[] => referencesIn(text, requirements, 'requirements.md')
    return toPhase(section, source, lines, stated.get(section.id) ?? [], context)
  })
  const title = headingsOf(lines).find(({ level }) => level === 1)?.text ?? ''
  const said = titleText(
    title.replace(
      /^(?:implementation plan|实现计划|実装計画|implementation tasks|tasks)\s*[:：—–-]?\s*/iu,
      '',
    ),
  )
  const name = files.where.split('/').at(-1) ?? ''
  return {
    mode: 'kiro',
    title: said || name,
    phases,
    diagnostics,
    context: besideIndex(files, '.kiro/'),
    inOrder: { free },
  }
}

function toPhase(
  section: Section,
  source: string,
  lines: readonly Line[],
  dependsOn: readonly string[],
  context: (text: string) => ContextPiece[],
): Omit<Phase, 'after'> {
  const { head, children, id, to } = section
  const nodes = children.length > 0 ? children : [head]
  const ids = countedIds(nodes.map(({ number }) => number))
  const tasks = nodes.map((node, at): Task => {
    const end = nodes[at + 1]?.index ?? to
    const text = textOf(source, lines, node.index, end)
    const pieces = context(text)
    return {
      id: ids[at] ?? node.number,
      title: titleText(node.title),
      done: node.box?.status === 'completed',
      files: pathsIn(text),
      place: { file: INDEX, line: node.line },
      ...(node.optional || head.optional ? { optional: true } : {}),
      ...(pieces.length === 0 ? {} : { context: pieces }),
    }
  })
  const text = textOf(source, lines, head.index + 1, to)
  return buildPhase({
    id,
    title: head.title,
    status: statusOf(section),
    text,
    tasks,
    dependsOn,
    context: context(text),
    place: { file: INDEX, line: head.line },
  })
}

/** The task's own mark wins, but an open one with something done below it is in progress. Without a mark what is required decides. */
function statusOf({ id, head, children }: Section): Status {
  const below = children.flatMap(({ box }) => box ?? [])
  if (head.box === undefined) {
    const required = children.filter(({ optional }) => !optional).flatMap(({ box }) => box ?? [])
    const boxes = required.length > 0 ? required : below
    return statusOfSection({ id, word: 'task', heading: head.heading, boxes, file: INDEX }).status
  }
  if (head.box.status !== 'pending') return head.box.status
  return below.some(({ status }) => status !== 'pending') ? 'in_progress' : 'pending'
}

/** A ticked task with a required one open below it. */
function contradictions({ id, head, children }: Section): Diagnostic[] {
  const open = children.find(
    ({ box, optional }) => !optional && box !== undefined && box.status !== 'completed',
  )
  if (head.box?.status !== 'completed' || open === undefined) return []
  return [contradiction('task', id, head.line, open.line, INDEX)]
}

/** Ticks the task and what is below it; an optional one that nobody asked for stays open. `[-]` is Kiro's mark for what is under way. */
function writeKiro(
  files: ReadonlyMap<string, string>,
  { phase, status, leftOut = [] }: PlanChange,
): Map<string, string> {
  const source = files.get(INDEX)
  const section =
    source === undefined ? undefined : sectionsOf(linesOf(source)).find(({ id }) => id === phase.id)
  if (source === undefined || section === undefined) return new Map()
  const mark = { completed: 'x', in_progress: '-' }[status as string]
  if (mark === undefined) return new Map()
  const left = new Set(leftOut)
  const nodes = status === 'completed' ? [section.head, ...section.children] : [section.head]
  if (nodes.every(({ box }) => box === undefined)) {
    return new Map(status === 'completed' ? [[INDEX, completeSection(source, section.head.heading, [])]] : [])
  }
  const edits = nodes
    .filter(({ number, box }) => box !== undefined && box.status !== status && !left.has(number))
    .flatMap(({ box }) => (box === undefined ? [] : [{ start: box.start, end: box.end, text: mark }]))
  return new Map([[INDEX, applyEdits(source, edits)]])
}
