/** spec-kit: a feature in `specs/NNN-NAME` with tasks.md, spec.md, plan.md and what was found out for it. */
import type { Diagnostic } from '../../model/diagnostic.ts'
import type { Phase, Status, Task, WrittenPlan } from '../../model/plan.ts'
import { labelled } from '../../text/inline.ts'
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
import { phaseLabel } from '../../text/phase-label.ts'
import { readStatus } from '../../text/status.ts'
import { completeSection, normalized, statusOfSection, undone, withoutBoxes } from '../boxes.ts'
import { buildPhase, countedIds, titleText } from '../build-phase.ts'
import { readDependencyNotes } from '../dependency-notes.ts'
import { besideIndex, type PlanChange, type PlanFiles, type PlanFormat } from '../format.ts'
import { pathsIn } from '../paths.ts'
import { type SpecPieces, specPieces, storyNumbers } from '../spec-kit-spec.ts'

const INDEX = 'tasks.md'
const FEATURE = /^(?!.*(?:^|\/)(?:\.kiro|openspec)\/)(?:.*\/)?specs\/[^/]+$/u
const PARTS =
  /^(?:spec|plan|research|data-model|quickstart)\.md$|^(?:contracts|checklists)\/[^/]+\.(?:md|ya?ml|json|graphql|proto|ts)$/u
const CONSTITUTION = '.specify/memory/constitution.md'

export const specKit: PlanFormat = {
  id: 'spec-kit',
  marker: 'tasks.md in specs/NAME',
  words: { phase: 'phase', task: 'task' },
  own: [
    INDEX,
    '{spec,plan,research,data-model,quickstart}.md',
    '{contracts,checklists}/*.{md,yml,yaml,json,graphql,proto,ts}',
  ],
  locate(path) {
    const [, dir, rest] = /^((?:.*\/)?specs\/[^/]+)\/(.+)$/u.exec(path) ?? []
    if (dir === undefined || rest === undefined || !FEATURE.test(dir)) return undefined
    return rest === INDEX || PARTS.test(rest) ? { dir, sure: rest === INDEX } : undefined
  },
  around: (path) => (FEATURE.test(path) ? [constitutionOf(path)] : []),
  async detect({ where, dir, names, file = INDEX, text }) {
    if (file !== INDEX || !names.includes(INDEX)) return undefined
    const source = (await text(INDEX)) ?? ''
    const known = FEATURE.test(where)
    const numbered = boxesOf(linesOf(source)).some(({ text: item }) => TASK.test(item))
    const beside = names.some((name) => name === 'spec.md' || name === 'plan.md')
    if (!(known && (numbered || beside)) && !(numbered && beside) && !(file === INDEX && numbered))
      return undefined
    const up =
      known && FEATURE.test(dir) ? [`${'../'.repeat(dir.split('/').length)}${constitutionOf(dir)}`] : []
    return {
      confidence: known ? 'certain' : 'likely',
      index: INDEX,
      files: [INDEX, ...names.filter((name) => PARTS.test(name)), ...up],
    }
  },
  read: readSpecKit,
  write: writeSpecKit,
  digestText: (path, text) => (path === INDEX ? withoutBoxes(text) : normalized(text)),
}

const constitutionOf = (path: string): string =>
  path.replace(/(?:\.specify\/)?specs\/[^/]+$/u, '') + CONSTITUTION

/** "T001", "**T001**", "[T001]", "T001a", "T001:". */
const TASK =
  /^(?:\*\*|~~|`|\[)*(T\d{1,4}[a-z]?(?:[.-]\d{1,3})?)(?![\p{L}\p{N}])(?:\*\*|~~|`|\])*\s*[:.)–—-]?\s*(.*)$/u

interface Section {
  id: string
  title: string
  heading: Heading | undefined
  from: number
  to: number
  tasks: {
    id: string | undefined
    text: string
    /** What it says anywhere: some plans write each task twice. */
    all: string
    boxes: BoxLine[]
    part: number
  }[]
  stories: string[]
}

function sectionsOf(lines: readonly Line[]): Section[] {
  const headings = headingsOf(lines)
  const boxes = boxesOf(lines)
  const inside = (heading: Heading): BoxLine[] => {
    return within(boxes, heading.index, sectionEnd(headings, heading, lines))
  }
  const phases = phaseHeadings(headings, inside)
  const found =
    phases.length > 0
      ? phases
      : headings.filter(
          (heading) => heading.level === 2 && inside(heading).some(({ text }) => TASK.test(text)),
        )
  if (found.length === 0) return boxes.length === 0 ? [] : [wholeList(boxes, headings, lines)]
  const labels = found.map(({ text }) => phaseLabel(text))
  const ids = countedIds(
    found.map((_, at) => (phases.length > 0 ? labels[at]?.id : undefined) ?? String(at + 1)),
  )
  return found.map((heading, at) => {
    const to = sectionEnd(headings, heading, lines)
    const title = titleText(undone((phases.length > 0 ? labels[at]?.title : undefined) ?? heading.text))
    const tasks = tasksOf(inside(heading), headings)
    return {
      id: ids[at] ?? '',
      title,
      heading,
      from: heading.index + 1,
      to,
      tasks,
      stories: storyNumbers(
        title,
        tasks.map(({ text }) => text),
      ),
    }
  })
}

const ABOUT =
  /dependenc|execution|parallel|strateg|summary|notes|delivery|example|overview|mvp|depend|resumo|estrat/iu

/** Those of the level that most of the boxes stand under. One that only mentions a phase ("## Dependencies" below) is none. */
function phaseHeadings(headings: readonly Heading[], inside: (heading: Heading) => BoxLine[]): Heading[] {
  const named = headings.filter((heading) => {
    const label = heading.level > 4 ? undefined : phaseLabel(heading.text)
    if (label?.separated !== true || label.word !== 'phase') return false
    const above = headings.findLast(({ index, level }) => index < heading.index && level < heading.level)
    return inside(heading).length > 0 || above === undefined || above.level === 1 || !ABOUT.test(above.text)
  })
  const weight = (level: number): number =>
    named.filter((heading) => heading.level === level && inside(heading).length > 0).length
  const levels = [...new Set(named.map(({ level }) => level))].sort((a, b) => weight(b) - weight(a) || a - b)
  const chosen = named.filter(({ level }) => level === levels[0])
  const seen = new Set<string>()
  return chosen.filter((heading) => {
    const id = phaseLabel(heading.text)?.id ?? ''
    const isNew = !seen.has(id)
    seen.add(id)
    return isNew || inside(heading).length > 0
  })
}

const wholeList = (
  boxes: readonly BoxLine[],
  headings: readonly Heading[],
  lines: readonly Line[],
): Section => ({
  id: '1',
  title: titleText((headings[0]?.text ?? '').replace(/^tasks?\s*[:—–-]\s*/iu, '')) || 'Tasks',
  heading: undefined,
  from: 0,
  to: lines.length,
  tasks: tasksOf(boxes, headings),
  stories: [],
})

/** Boxes with a T id, each id once; where none has one, those that are indented least. `part` counts the headings above. */
function tasksOf(boxes: readonly BoxLine[], headings: readonly Heading[]): Section['tasks'] {
  const partOf = (box: BoxLine): number => headings.filter(({ index }) => index < box.index).length
  const byId = new Map<string, Section['tasks'][number]>()
  for (const box of boxes) {
    const [, id, text = ''] = TASK.exec(box.text) ?? []
    if (id === undefined) continue
    const known = byId.get(id)
    if (known === undefined) byId.set(id, { id, text, all: text, boxes: [box], part: partOf(box) })
    else {
      known.boxes.push(box)
      known.all += `\n${text}`
    }
  }
  if (byId.size > 0) return [...byId.values()]
  const margin = Math.min(...boxes.map(({ indent }) => indent))
  return boxes
    .filter(({ indent }) => indent === margin)
    .map((box) => ({ id: undefined, text: box.text, all: box.text, boxes: [box], part: partOf(box) }))
}

function readSpecKit(files: PlanFiles): WrittenPlan {
  const source = files.text(INDEX) ?? ''
  const lines = linesOf(source)
  const sections = sectionsOf(lines)
  const { stated, free } = readDependencyNotes(source, lines, sections)
  const spec = specPieces(files.text('spec.md') ?? '')
  const diagnostics: Diagnostic[] = []
  const phases = sections.map((section): Omit<Phase, 'after'> => {
    const text = textOf(source, lines, section.from, section.to)
    const tasks = toTasks(section, spec)
    const boxes = section.tasks.flatMap((task) => task.boxes.slice(0, 1))
    const read = statusOfSection(
      { ...section, word: 'phase', boxes, file: INDEX },
      statedStatus(lines.slice(section.from, section.to)),
    )
    diagnostics.push(...read.diagnostics, ...section.tasks.flatMap((task) => twoTicks(task, section.id)))
    return buildPhase({
      id: section.id,
      title: section.title,
      status: read.status,
      text,
      tasks,
      dependsOn: stated.get(section.id) ?? [],
      context: [
        ...section.stories.flatMap((story) => spec.stories.get(story) ?? []),
        ...spec.requirementsIn(text),
      ],
      place: { file: INDEX, line: section.heading?.line ?? 1 },
    })
  })
  const title = headingsOf(lines).find(({ level }) => level === 1)?.text ?? ''
  return {
    mode: 'spec-kit',
    title: titleText(title.replace(/^tasks?\s*[:—–-]\s*/iu, '')) || (files.where.split('/').at(-1) ?? ''),
    phases,
    diagnostics,
    context: besideIndex(files, ''),
    inOrder: { free },
  }
}

/** What a "Status:" line before the tasks says. */
function statedStatus(lines: readonly Line[]): { status: Status; line: number } | undefined {
  const first = lines.findIndex(({ text }) => /^\s*[-*] \[/u.test(text))
  for (const { text, number } of lines.slice(0, first < 0 ? lines.length : first)) {
    const read = labelled(text)
    if (read?.label !== 'status') continue
    const status = /✅|\bcomplete/iu.test(read.value) ? 'completed' : readStatus(read.value)?.status
    return status === undefined ? undefined : { status, line: number }
  }
  return undefined
}

/** A task that is written twice, and ticked once. */
function twoTicks({ id, boxes }: Section['tasks'][number], phase: string): Diagnostic[] {
  const ticked = boxes.find(({ status }) => status === 'completed')
  const open = boxes.find(({ status }) => status !== 'completed')
  if (id === undefined || ticked === undefined || open === undefined) return []
  return [
    {
      rule: 'contradicting-status',
      severity: 'warning',
      file: INDEX,
      line: ticked.line,
      message: `Task ${id} stands twice: ticked in line ${ticked.line} and open in line ${open.line}; it counts as open.`,
      hint: 'Tick both, or give one of them an id of its own.',
      phase,
    },
  ]
}

function toTasks(section: Section, { stories, requirementsIn }: SpecPieces): Task[] {
  const names = section.tasks.map(({ id }, at) => id ?? `${section.id}.${at + 1}`)
  const isParallel = section.tasks.map(({ text }) => /^(?:\s*\[[^\]]*\])*?\s*\[P\]/u.test(text))
  let before: string[] = []
  return section.tasks.map((task, at): Task => {
    const previous = section.tasks[at - 1]
    const goesOn = isParallel[at] === true && isParallel[at - 1] === true && previous?.part === task.part
    if (!goesOn) before = names.slice(0, at)
    const waits = [...(/\bdepends? on\b([^)]*)/iu.exec(task.text)?.[1] ?? '').matchAll(/T\d{1,4}[a-z]?/gu)]
    const own = waits.map(([id]) => id).filter((id) => names.indexOf(id) >= 0 && names.indexOf(id) < at)
    // what the whole phase does, its agents have anyway
    const others = storiesOf(task.text).filter((story) => !section.stories.includes(story))
    const context = [...others.flatMap((story) => stories.get(story) ?? []), ...requirementsIn(task.all)]
    return {
      id: names[at] ?? '',
      title: titleText(task.text.replace(/^(?:\s*\[(?:P|US-?\d+|[A-Z]+-?\d+)\])+\s*/u, '')),
      done: task.boxes.every(({ status }) => status === 'completed'),
      files: pathsIn(task.all),
      after: [...new Set([...before, ...own])],
      place: { file: INDEX, line: task.boxes[0]?.line ?? 1 },
      ...(context.length === 0 ? {} : { context }),
    }
  })
}

/** The numbers in "[US1]" and "[US2]". */
const storiesOf = (text: string): string[] =>
  [...text.matchAll(/\[US-?(\d{1,3})\]/giu)].map(([, number = '']) => number)

function writeSpecKit(
  files: ReadonlyMap<string, string>,
  { phase, status, leftOut = [] }: PlanChange,
): Map<string, string> {
  const source = files.get(INDEX)
  const section =
    source === undefined ? undefined : sectionsOf(linesOf(source)).find(({ id }) => id === phase.id)
  if (source === undefined || section === undefined || status !== 'completed') return new Map()
  const left = new Set(leftOut)
  const boxes = section.tasks.flatMap((task, at) =>
    left.has(task.id ?? `${section.id}.${at + 1}`) ? [] : task.boxes,
  )
  return new Map([[INDEX, completeSection(source, section.heading, boxes)]])
}
