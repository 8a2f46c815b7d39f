/** What stands in a phase (or spec): tasks, files, criteria, status, dependencies. */
import type { Criterion, FileTarget, Status } from '../model/plan.ts'
import { fold, labelled, plain } from '../text/inline.ts'
import type { Block, Item, Piece } from '../text/blocks.ts'
import { listsChoices, readStatus } from '../text/status.ts'
import { splitMarks } from '../text/heading-status.ts'
import { blockedBy, parts, statusBefore } from '../text/status-spans.ts'
import { proseDependency } from './dependencies.ts'
import { readMark } from './marks.ts'
import { nestedPaths, pathsIn } from './paths.ts'
import { readFilesTable, readTaskTable } from './tables.ts'
import { type FoundTask, type OfferedTask, STRICT, taskHeading, type TaskHabits } from './tasks.ts'
import { kindOf, type Kind } from './words.ts'

export interface Body {
  status: Status | undefined
  /** Where it stands. */
  statusLine?: number
  /** A status line that no known word begins. */
  unread: Piece[]
  tasks: FoundTask[]
  targets: FileTarget[]
  /** Every other path that the text names. */
  mentioned: string[]
  criteria: Criterion[]
  requirements: Criterion[]
  dependencies: Piece[]
}

interface Context {
  /** Kinds of the headings around, by level; a deeper one without a kind of its own inherits. */
  headings: { level: number; line: number; kind: Kind | undefined; task: FoundTask | undefined }[]
  /** Kind of the label right above ("**Tasks:**"). */
  label: Kind | undefined
  /** The number that the numbered list before would go on with, and what that list is. */
  numbered: { next: number; kind: Kind | undefined } | undefined
}

interface Reading extends Body {
  candidates: FoundTask[]
  offered: OfferedTask[]
  habits: TaskHabits
  file: string
}

/** Reads the blocks of a section of `file`. `habits` say what its tasks look like. */
export function readBody(blocks: readonly Block[], file: string, habits: TaskHabits = STRICT): Body {
  const reading: Reading = {
    status: undefined,
    unread: [],
    tasks: [],
    targets: [],
    mentioned: [],
    criteria: [],
    requirements: [],
    dependencies: [],
    candidates: [],
    offered: [],
    habits,
    file,
  }
  const context: Context = { headings: [], label: undefined, numbered: undefined }
  for (const block of blocks) readBlock(block, context, reading)
  reading.tasks = habits.choose(reading.candidates, reading.offered)
  return reading
}

function readBlock(block: Block, context: Context, reading: Reading): void {
  switch (block.kind) {
    case 'heading':
      return enterHeading(block, context, reading)
    case 'paragraph':
      for (const line of block.lines) readLine(line, context, reading)
      return
    case 'quote':
      for (const inner of block.blocks) if (inner.kind === 'paragraph') readBlock(inner, context, reading)
      context.label = undefined
      return
    case 'list':
      return readList(block.items, goingOn(block.items, context), context, reading)
    case 'table':
      return readTable(block, context, reading)
    default:
  }
}

/** The kind of a list. One that counts on ("3." after code or a note) is what the list before it is. */
function goingOn(items: readonly Item[], context: Context): Kind | undefined {
  const first = items[0]?.ordinal
  const kind =
    first !== undefined && first > 1 && first === context.numbered?.next
      ? context.numbered.kind
      : kindHere(context)
  if (first !== undefined) context.numbered = { next: first + items.length, kind }
  return kind
}

const kindHere = (context: Context): Kind | undefined => context.label ?? context.headings.at(-1)?.kind
const sectionHere = (context: Context): number => context.headings.at(-1)?.line ?? 0
const taskHere = (context: Context): FoundTask | undefined => context.headings.at(-1)?.task

function enterHeading(block: Extract<Block, { kind: 'heading' }>, context: Context, reading: Reading): void {
  while ((context.headings.at(-1)?.level ?? 0) >= block.level) context.headings.pop()
  const outer = context.headings.at(-1)
  const marked = splitMarks(block.text)
  const named = outer?.task?.form === 'heading' ? undefined : taskHeading(marked, block)
  if (named !== undefined && !isApart(outer?.kind)) reading.candidates.push(named)
  const found = named?.form === 'part' ? undefined : named
  const kind = found === undefined ? (kindOf(fold(marked.text)) ?? outer?.kind) : outer?.kind
  context.numbered = undefined
  // "### Tasks" is no section beside others: it speaks for the one that it stands in
  const line = kind === 'tasks' ? (outer?.line ?? 0) : block.line
  context.headings.push({ level: block.level, line, kind, task: found ?? outer?.task })
  context.label = undefined
  reading.mentioned.push(...pathsIn(block.text))
}

/** Kinds whose lists are no work. */
function isApart(kind: Kind | undefined): boolean {
  return kind !== undefined && kind !== 'tasks'
}

function readLine(line: Piece, context: Context, reading: Reading): void {
  reading.mentioned.push(...pathsIn(line.text))
  let label: Kind | undefined
  for (const part of parts(line)) {
    const read = labelled(part.text)
    const kind = read === undefined ? undefined : kindOf(read.label)
    if (read === undefined) continue
    const value = { text: read.value, start: part.start + read.at, line: part.line }
    if (plain(value.text) === '' || /[:：]\s*$/u.test(value.text)) label = kind
    else takeValue(kind, value, context, reading)
  }
  const bold = /^\s*(?:\*\*|__)([^*]{2,60})(?:\*\*|__)\s*$/u.exec(line.text)
  if (bold !== null) label ??= kindOf(fold(bold[1] ?? ''))
  context.label = label
  const prose = labelled(line.text) === undefined ? proseDependency(line.text) : undefined
  if (prose !== undefined && taskHere(context) === undefined)
    reading.dependencies.push({ ...line, text: prose })
}

function takeValue(kind: Kind | undefined, value: Piece, context: Context, reading: Reading): void {
  const task = taskHere(context)
  if (kind === 'status') {
    const token = listsChoices(value.text) ? undefined : readStatus(value.text)
    if (task !== undefined) {
      if (token !== undefined) task.status ??= token.status
      return
    }
    if (token === undefined) reading.unread.push(value)
    else if (reading.status === undefined) {
      reading.status = token.status
      reading.statusLine = value.line
    }
    // what a run writes keeps the sentence, and with it what the phase waits for
    const stated = token === undefined ? undefined : (statusBefore(value.text, token.end) ?? token)
    if (stated?.status === 'blocked') {
      const by = blockedBy(value.text.slice(stated.end))
      if (by !== undefined) reading.dependencies.push({ ...value, text: by })
    }
  } else if (kind === 'dependencies') {
    if (task === undefined) reading.dependencies.push(value)
  } else if (kind === 'files' || kind === 'outputs') {
    for (const path of pathsIn(value.text, { listed: kind === 'files' })) {
      task?.files.push(path)
      if (task === undefined || kind === 'files') addTarget(reading, path, value.line)
    }
  } else if (kind === 'criteria') addCriterion(reading, value)
}

function readList(items: readonly Item[], kind: Kind | undefined, context: Context, reading: Reading): void {
  const described = items.some(
    (item) => !readMark(item.text).marked && kindOf(labelled(item.text)?.label ?? '') === 'status',
  )
  for (const item of items) readItem(item, kind, described, context, reading)
}

function readItem(
  item: Item,
  kind: Kind | undefined,
  described: boolean,
  context: Context,
  reading: Reading,
): void {
  const mark = readMark(item.text)
  const label = mark.marked ? undefined : labelled(item.text)
  const labelKind = label === undefined ? undefined : kindOf(label.label)
  if (
    label !== undefined &&
    (labelKind !== undefined || described) &&
    isLabelOnly(label, labelKind, described)
  ) {
    return readLabelItem(item, label, labelKind, context, reading)
  }
  const paths = [...new Set([...pathsIn(item.text), ...nestedPaths(item.blocks)])]
  reading.mentioned.push(...paths)
  const task: FoundTask = {
    form: mark.marked ? 'check' : 'item',
    underTasks: kind === 'tasks',
    section: sectionHere(context),
    within: taskHere(context),
    text: mark.text,
    status: mark.status,
    files: paths,
    line: item.line,
  }
  if (plain(mark.text) !== '') offer(task, kind, reading)
  if (kind === 'criteria' || kind === 'requirements') {
    return addCriterion(reading, { text: mark.text, start: item.start, line: item.line }, kind)
  }
  if (kind === 'dependencies') {
    if (taskHere(context) === undefined) reading.dependencies.push({ ...item, text: mark.text })
    return
  }
  if (kind === 'files' || kind === 'outputs') {
    for (const path of pathsIn(item.text, { listed: kind === 'files' })) {
      if (kind === 'files') taskHere(context)?.files.push(path)
      addTarget(reading, path, item.line)
    }
    return
  }
  if (isApart(kind)) return
  if (plain(mark.text) === '') {
    // "- 1. **Task**": a numbered list inside a bullet
    for (const block of item.blocks) if (block.kind === 'list') readList(block.items, kind, context, reading)
    return
  }
  reading.candidates.push(task)
}

/** What is no task by its place, and may be one where the phase names no other. */
function offer(task: FoundTask, kind: Kind | undefined, reading: Reading): void {
  if (kind === 'outputs' || kind === 'changes' || kind === 'criteria') reading.offered.push({ ...task, kind })
}

/** "- **Status**: x" is about the phase; "- Files: move them" in a list of work may be work, so only lists with a status take every label. */
function isLabelOnly(
  label: { label: string; value: string },
  kind: Kind | undefined,
  described: boolean,
): boolean {
  if (described) return label.label.split(' ').length <= 4
  if (kind === 'tasks' || kind === 'requirements' || kind === 'questions') return plain(label.value) === ''
  return true
}

function readLabelItem(
  item: Item,
  label: { value: string; at: number },
  kind: Kind | undefined,
  context: Context,
  reading: Reading,
): void {
  const value = { text: label.value, start: item.start + label.at, line: item.line }
  if (plain(label.value) !== '') takeValue(kind, value, context, reading)
  reading.mentioned.push(...pathsIn(item.text), ...nestedPaths(item.blocks))
  for (const block of item.blocks) {
    if (block.kind === 'list' && kind !== undefined && kind !== 'aside' && kind !== 'status') {
      readList(block.items, kind, context, reading)
    }
  }
}

function readTable(block: Extract<Block, { kind: 'table' }>, context: Context, reading: Reading): void {
  const kind = kindHere(context)
  const files = readFilesTable(block, reading.file)
  if (files !== undefined) {
    reading.targets.push(...files.filter((f) => !reading.targets.some((t) => t.path === f.path)))
    return
  }
  for (const cell of block.rows.flat()) reading.mentioned.push(...pathsIn(cell.text))
  if (kind === 'criteria') {
    for (const row of block.rows) if (row[0] !== undefined) addCriterion(reading, row[0])
  } else if (!isApart(kind)) {
    reading.candidates.push(
      ...readTaskTable(
        block,
        { underTasks: kind === 'tasks', within: taskHere(context), section: sectionHere(context) },
        reading.habits,
      ),
    )
  }
}

function addTarget(reading: Reading, path: string, line: number): void {
  if (reading.targets.some((t) => t.path === path)) return
  reading.targets.push({ path, place: { file: reading.file, line } })
}

function addCriterion(reading: Reading, piece: Piece, kind: 'criteria' | 'requirements' = 'criteria'): void {
  const text = plain(readMark(piece.text).text)
  if (text === '') return
  const written = /^((?:AC|REQ)-?\d+[a-z]?)\s*[:.：—–-]\s*/iu.exec(text)
  const list = reading[kind]
  list.push({
    id: written?.[1]?.toUpperCase() ?? `${kind === 'criteria' ? 'AC' : 'REQ'}-${list.length + 1}`,
    text: written === null ? text : text.slice(written[0].length),
    place: { file: reading.file, line: piece.line },
  })
}
