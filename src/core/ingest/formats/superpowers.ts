/** superpowers: `docs/superpowers/plans/DATE-NAME.md` with `### Task N: …`, files and steps to tick. */
import type { ContextPiece, FileTarget, Phase, Task, WrittenPlan } from '../../model/plan.ts'
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
import { completeSection, normalized, statusOfSection, undone, withoutBoxes } from '../boxes.ts'
import { buildPhase, countedIds, titleText } from '../build-phase.ts'
import { readDependencyNotes } from '../dependency-notes.ts'
import type { PlanChange, PlanFiles, PlanFormat, PlanPlace } from '../format.ts'
import { pathsIn } from '../paths.ts'

const PLACE = /(?:^|\/)docs\/(?:.+\/)?plans\/(?:.+\/)?[^/]+\.md$/iu
const MARK = /superpowers:(?:executing-plans|subagent-driven-development|writing-plans)/u

export const superpowers: PlanFormat = {
  id: 'superpowers',
  marker: '### Task N in docs/**/plans/*.md',
  words: { phase: 'task', task: 'step' },
  stepsOfOne: true,
  locate(path) {
    if (!PLACE.test(path) || /(?:^|\/)(?:archived?|completed|done)\//iu.test(path)) return undefined
    const at = path.lastIndexOf('/')
    return { dir: path.slice(0, at), file: path.slice(at + 1), sure: false }
  },
  around: (path) => (PLACE.test(path) ? [path.replace(/plans\/.*$/u, 'specs')] : []),
  async detect(place) {
    const file = place.file ?? onlyMarkdown(place)
    if (file === undefined || !/\.md$/iu.test(file)) return undefined
    const text = (await place.text(file)) ?? ''
    const lines = linesOf(text)
    const tasks = taskHeadings(headingsOf(lines))
    const marked = MARK.test(text)
    const placed = PLACE.test(`${place.where}/${file}`)
    if (tasks.length === 0 || !(marked || placed)) return undefined
    const design = specOf(text, lines, place.dir)
    const files = design === undefined ? [file] : [file, design]
    return { confidence: marked ? 'certain' : 'likely', index: file, files }
  },
  read: readSuperpowers,
  write: writeSuperpowers,
  digestText: (_path, text) =>
    taskHeadings(headingsOf(linesOf(text))).length > 0 ? withoutBoxes(text) : normalized(text),
}

const onlyMarkdown = ({ where, names }: PlanPlace): string | undefined => {
  const own = names.filter((name) => /^[^/]+\.md$/iu.test(name) && !/^readme/iu.test(name))
  return /(?:^|\/)docs\/(?:.+\/)?plans(?:\/|$)/u.test(where) && own.length === 1 ? own[0] : undefined
}

/** The design that the plan names: "**Spec:** `docs/superpowers/specs/…-design.md`". */
function specOf(text: string, lines: readonly Line[], dir: string): string | undefined {
  const first = taskHeadings(headingsOf(lines))[0]
  const top = text.slice(0, lines[first?.index ?? 0]?.start ?? 0)
  const named = pathsIn(top).find((path) => /(?:^|\/)specs\/.+\.md$|-(?:design|spec)\.md$/iu.test(path))
  if (named === undefined) return undefined
  const up = dir === '' ? 0 : dir.split('/').length
  return named.startsWith('docs/') || named.includes('/') ? `${'../'.repeat(up)}${named}` : named
}

const TASK =
  /^(?:\*\*)?(?:task|aufgabe|tarea|tarefa|tâche|任务|任務|タスク)\s*#?\s*(\d{1,3}(?:\.\d{1,3})*[a-z]?)(?![\p{L}\p{N}])\s*(.*)$/iu

const taskHeadings = (headings: readonly Heading[]): Heading[] => {
  const found = headings.filter(({ level, text }) => level >= 2 && level <= 4 && TASK.test(text))
  const level = Math.min(...found.map((heading) => heading.level))
  return found.filter((heading) => heading.level === level)
}

interface Step {
  title: string
  box: BoxLine | undefined
  line: number
}

interface Section {
  id: string
  title: string
  heading: Heading
  from: number
  to: number
  steps: Step[]
  boxes: BoxLine[]
}

function sectionsOf(lines: readonly Line[]): Section[] {
  const headings = headingsOf(lines)
  const boxes = boxesOf(lines)
  const tasks = taskHeadings(headings)
  const ids = countedIds(tasks.map(({ text }) => TASK.exec(text)?.[1] ?? ''))
  return tasks.map((heading, at) => {
    const to = sectionEnd(headings, heading, lines)
    const own = boxes.filter(({ index }) => index > heading.index && index < to)
    const title = (TASK.exec(heading.text)?.[2] ?? '').replace(/^(?:\*\*)?\s*(?:[:：.)、]|[—–-]+)?\s*/u, '')
    return {
      id: ids[at] ?? '',
      title: titleText(undone(title)),
      heading,
      from: heading.index + 1,
      to,
      steps: stepsOf(own, lines, heading.index + 1, to),
      boxes: own,
    }
  })
}

const STEP =
  /^\s*(?:[-*+]\s+)?(?:#{3,6}\s+)?\*{0,2}(?:step|schritt|paso|passo|步骤|步驟|ステップ)\s*(\d{1,3}[a-z]?)\s*[:：.)—–-]/iu

/** Boxes, the outermost of them; where there is none, what is called a step. */
function stepsOf(boxes: readonly BoxLine[], lines: readonly Line[], from: number, to: number): Step[] {
  if (boxes.length > 0) return boxes.map((box) => ({ title: box.text, box, line: box.line }))
  return lines.slice(from, to).flatMap((line) => {
    if (line.hidden || !STEP.test(line.text)) return []
    const title = line.text.replace(/^\s*(?:[-*+#]+\s+)?/u, '')
    return [{ title, box: undefined, line: line.number }]
  })
}

function readSuperpowers(files: PlanFiles): WrittenPlan {
  const { index } = files
  const source = files.text(index) ?? ''
  const lines = linesOf(source)
  const sections = sectionsOf(lines)
  const { stated, free } = readDependencyNotes(source, lines, sections)
  const phases = sections.map((section) =>
    toPhase(section, { source, lines, file: index, dependsOn: stated.get(section.id) ?? [] }),
  )
  const diagnostics = sections.flatMap(
    (section) => statusOfSection({ ...section, word: 'task', file: index }).diagnostics,
  )
  const title = headingsOf(lines).find(({ level }) => level === 1)?.text ?? ''
  return {
    mode: 'superpowers',
    title: titleText(title),
    phases,
    diagnostics,
    context: contextOf(files, source, lines, sections),
    inOrder: { free },
  }
}

function toPhase(
  section: Section,
  around: { source: string; lines: readonly Line[]; file: string; dependsOn: readonly string[] },
): Omit<Phase, 'after'> {
  const { source, lines, file, dependsOn } = around
  const tasks = section.steps.map((step, at): Task => {
    const title = titleText(step.title)
    return {
      id: `${section.id}.${at + 1}`,
      title: title.replace(/^(?:step|步骤)\s*\d+[a-z]?\s*[:：.)—–-]\s*/iu, '') || title,
      done: step.box?.status === 'completed',
      files: [],
      // steps are written to be done one after the other: a failing test first
      after: at === 0 ? [] : [`${section.id}.${at}`],
      place: { file, line: step.line },
    }
  })
  return buildPhase({
    id: section.id,
    title: section.title,
    status: statusOfSection({ ...section, word: 'task', file }).status,
    text: textOf(source, lines, section.from, section.to),
    tasks,
    targets: targetsOf(lines.slice(section.from, section.to), file),
    dependsOn,
    place: { file, line: section.heading.line },
  })
}

const FILES =
  /^\s*(?:#{3,6}\s+)?\*{0,2}(?:files?|文件|ファイル|archivos|arquivos|dateien)(?:\s+[^:：*]{0,30})?\*{0,2}\s*[:：]?\*{0,2}/iu
const ACTION =
  /^\s*[-*+]?\s*\*{0,2}(create|add|new|modify|update|edit|change|delete|remove|test|rename|move|read|新建|创建|修改|删除|测试)[^:：]{0,40}[:：]/iu

/** "**Files:**" and the list below it, each with what is done to it; a range of lines behind a path is left out. */
function targetsOf(lines: readonly Line[], file: string): FileTarget[] {
  const found = new Map<string, FileTarget>()
  let inside = false
  for (const line of lines) {
    const { text } = line
    if (line.hidden) continue
    const opens = FILES.test(text) && !/^\s*[-*+]\s+\[/u.test(text)
    if (opens) inside = true
    else if (inside && text.trim() !== '' && !/^\s*[-*+]\s+(?!\[[ xX]?\])|^\s+\S/u.test(text)) inside = false
    if (!inside) continue
    const said = opens ? text.replace(FILES, '') : text
    for (const path of pathsIn(said, { listed: true })) {
      const word = ACTION.exec(said)?.[1]?.toLowerCase() ?? ''
      const action = actionOf(word)
      if (!found.has(path))
        found.set(path, {
          path,
          ...(action === undefined ? {} : { action }),
          place: { file, line: line.number },
        })
    }
  }
  return [...found.values()]
}

function actionOf(word: string): FileTarget['action'] {
  if (/^(?:create|add|new|新建|创建)$/u.test(word)) return 'create'
  if (/^(?:delete|remove|删除)$/u.test(word)) return 'delete'
  return /^(?:modify|update|edit|change|rename|move|修改)$/u.test(word) ? 'modify' : undefined
}

/** Goal, architecture, file map, and the design that it is made from: for every task. */
function contextOf(
  files: PlanFiles,
  source: string,
  lines: readonly Line[],
  sections: readonly Section[],
): ContextPiece[] {
  const end = sections[0]?.heading.index ?? 0
  const text = textOf(source, lines, 0, end)
  const head: ContextPiece[] =
    text === ''
      ? []
      : [{ path: files.index, title: 'Goal and architecture', lines: [1, Math.max(1, end)], text }]
  const design = files.paths.filter((path) => path !== files.index)
  return [
    ...head,
    ...design.map((path) => ({ path, title: path.split('/').at(-1) ?? path, text: files.text(path) ?? '' })),
  ]
}

function writeSuperpowers(
  files: ReadonlyMap<string, string>,
  { phase, status, index }: PlanChange,
): Map<string, string> {
  const source = files.get(index)
  const section =
    source === undefined ? undefined : sectionsOf(linesOf(source)).find(({ id }) => id === phase.id)
  if (source === undefined || section === undefined || status !== 'completed') return new Map()
  return new Map([[index, completeSection(source, section.heading, section.boxes)]])
}
