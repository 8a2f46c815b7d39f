/** OpenSpec: a change in `openspec/changes/NAME` with tasks.md, proposal.md, design.md and deltas of specs. */
import type { Diagnostic } from '../../model/diagnostic.ts'
import type { ContextPiece, Phase, Task, WrittenPlan } from '../../model/plan.ts'
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
import { within } from '../../text/sorted.ts'
import {
  completeSection,
  normalized,
  statusOfBoxes,
  statusOfSection,
  undone,
  withoutBoxes,
} from '../boxes.ts'
import { buildPhase, countedIds, titleText } from '../build-phase.ts'
import { readDependencyNotes } from '../dependency-notes.ts'
import type { PlanChange, PlanFiles, PlanFormat } from '../format.ts'
import { pathsIn } from '../paths.ts'

const INDEX = 'tasks.md'
const CHANGE = /(?:^|\/)openspec\/changes\/(?:archive\/)?(?!archive$)[^/]+$/u

export const openspec: PlanFormat = {
  id: 'openspec',
  marker: 'tasks.md in openspec/changes/NAME',
  words: { phase: 'section', task: 'task' },
  own: [INDEX, 'proposal.md', 'design.md', 'specs/**/*.md', '../../project.md'],
  locate(path) {
    const [, dir, rest] = /^((?:.*\/)?openspec\/changes\/(?!archive\/)[^/]+)\/(.+)$/u.exec(path) ?? []
    if (dir === undefined) return undefined
    return { dir, sure: rest === INDEX }
  },
  around: (path) =>
    CHANGE.test(path) ? ['project.md', 'AGENTS.md'].map((name) => path.replace(/changes\/.*$/u, name)) : [],
  async detect({ where, names, file = INDEX, text }) {
    if (file !== INDEX || !names.includes(INDEX)) return undefined
    const known = CHANGE.test(where)
    if (!known && !(names.includes('proposal.md') && sections((await text(INDEX)) ?? '').length > 0))
      return undefined
    const beside = names.filter((name) => /^(?:proposal|design)\.md$|^specs\/.+\.md$/u.test(name))
    const project = where.includes('/archive/') ? '../../../project.md' : '../../project.md'
    return { confidence: known ? 'certain' : 'likely', index: INDEX, files: [INDEX, ...beside, project] }
  },
  read: readOpenSpec,
  write: writeOpenSpec,
  digestText: (path, text) => (path === INDEX ? withoutBoxes(text) : normalized(text)),
}

interface Section {
  id: string
  heading: Heading
  title: string
  from: number
  to: number
  tasks: { box: BoxLine | undefined; id: string | undefined; title: string; boxes: BoxLine[]; line: number }[]
}

/** "## 1. Title", "## Phase 2: Title", "## 3b. Title", "## 4 Title". */
const NUMBERED =
  /^\s*(?:\*\*)?(?:(?:phase|section|step|part|fase|阶段|phase)\s*)?(\d{1,3}(?:\.\d{1,3})*[a-z]?)(?![\p{L}\p{N}])\s*(?:[.:：)、．—–-]+\s*|\s+)(.*)$/iu
/** "1.2 Title" or "### 1.2: Title" */
const STEP = /^(?:\*\*)?(\d{1,3}[a-z]?(?:\.\d{1,3}[a-z]?)+)(?![\p{L}\p{N}])[.:)]?(?:\*\*)?\s*(.*)$/u

function sections(source: string, lines: readonly Line[] = linesOf(source)): Section[] {
  const headings = headingsOf(lines)
  const boxes = boxesOf(lines)
  const numbered = headings.filter(({ level, text }) => level <= 3 && NUMBERED.test(text) && !STEP.test(text))
  const level = Math.min(...numbered.map((heading) => heading.level))
  let found = numbered.filter((heading) => heading.level === level)
  if (found.length === 0) {
    found = headings.filter(
      (heading) =>
        heading.level === 2 && within(boxes, heading.index, sectionEnd(headings, heading, lines)).length > 0,
    )
  }
  const names = found.map(({ text }, at) => NUMBERED.exec(text) ?? ['', String(at + 1), text])
  const ids = countedIds(names.map(([, id = '']) => id))
  return found.map((heading, at) => {
    const to = sectionEnd(headings, heading, lines)
    const [, , title = ''] = names[at] ?? []
    const inside = within(boxes, heading.index, to)
    const parts = within(headings, heading.index, to)
    return {
      id: ids[at] ?? '',
      heading,
      title: titleText(undone(title)),
      from: heading.index + 1,
      to,
      tasks: tasksOf(inside, parts, to),
    }
  })
}

/** "### 1.2 Title" with boxes below are tasks; else boxes that carry "1.2"; else the boxes that are in no other. */
function tasksOf(boxes: readonly BoxLine[], headings: readonly Heading[], end: number): Section['tasks'] {
  const steps = headings.filter(({ text }) => STEP.test(text))
  const numbered = boxes.filter(({ text }) => STEP.test(text))
  if (steps.length > 0 && numbered.length === 0) {
    return steps.map((heading) => {
      const to =
        headings.find(({ index, level }) => index > heading.index && level <= heading.level)?.index ?? end
      const [, id, title = ''] = STEP.exec(heading.text) ?? []
      const own = within(boxes, heading.index, to)
      return { box: undefined, id, title, boxes: own, line: heading.line }
    })
  }
  const least = boxes.reduce((least, { indent }) => Math.min(least, indent), Infinity)
  const chosen = numbered.length > 0 ? numbered : boxes.filter(({ indent }) => indent <= least + 1)
  return chosen.map((box, at) => {
    const [, id, title] = STEP.exec(box.text) ?? []
    const next = chosen[at + 1]?.index ?? end
    const own = within(boxes, box.index - 1, next)
    return { box, id, title: title ?? box.text, boxes: own, line: box.line }
  })
}

function readOpenSpec(files: PlanFiles): WrittenPlan {
  const source = files.text(INDEX) ?? ''
  const lines = linesOf(source)
  const found = sections(source, lines)
  const { stated, free } = readDependencyNotes(source, lines, found)
  const diagnostics: Diagnostic[] = []
  const phases = found.map((section) => {
    const text = textOf(source, lines, section.from, section.to)
    return toPhase(section, text, stated.get(section.id) ?? [], diagnostics)
  })
  const title = headingsOf(lines).find(({ level }) => level === 1)?.text ?? ''
  const name = files.where.split('/').at(-1) ?? ''
  const said = titleText(title.replace(/^(?:implementation )?tasks?\b\s*[:—–-]?\s*/iu, ''))
  const context = contextOf(files)
  return { mode: 'openspec', title: said || name, phases, diagnostics, context, inOrder: { free } }
}

function toPhase(
  section: Section,
  text: string,
  dependsOn: readonly string[],
  diagnostics: Diagnostic[],
): Omit<Phase, 'after'> {
  const boxes = section.tasks.flatMap(({ box, boxes: below }) => (box === undefined ? below : [box]))
  const read = statusOfSection({ ...section, word: 'section', boxes, file: INDEX })
  diagnostics.push(...read.diagnostics)
  const tasks = section.tasks.map(({ id, title, box, boxes, line }, at): Task => {
    const marked = box === undefined ? boxes : [box]
    return {
      id: id ?? `${section.id}.${at + 1}`,
      title: titleText(title),
      done: statusOfBoxes(marked) === 'completed',
      files: pathsIn(title),
      place: { file: INDEX, line },
    }
  })
  return buildPhase({
    id: section.id,
    title: section.title,
    status: read.status,
    text,
    tasks,
    dependsOn,
    place: { file: INDEX, line: section.heading.line },
  })
}

/** Why and how of the change, the requirements that it adds or alters, the project's conventions: for every section. */
const contextOf = (files: PlanFiles): ContextPiece[] =>
  [
    'proposal.md',
    'design.md',
    ...files.names.filter((name) => /^specs\/.+\.md$/u.test(name)),
    '../../project.md',
    '../../../project.md',
  ].flatMap((path) => {
    const text = files.text(path)
    return text === undefined ? [] : [{ path, title: path.replace(/^(?:\.\.\/)+/u, 'openspec/'), text }]
  })

function writeOpenSpec(
  files: ReadonlyMap<string, string>,
  { phase, status, leftOut = [] }: PlanChange,
): Map<string, string> {
  const source = files.get(INDEX)
  const section = source === undefined ? undefined : sections(source).find(({ id }) => id === phase.id)
  if (source === undefined || section === undefined || status !== 'completed') return new Map()
  const left = new Set(leftOut)
  const boxes = section.tasks.flatMap((task, at) =>
    left.has(task.id ?? `${section.id}.${at + 1}`) ? [] : task.boxes,
  )
  return new Map([[INDEX, completeSection(source, section.heading, boxes)]])
}
