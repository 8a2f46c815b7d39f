/** BMAD: stories in files of their own (v4: `docs/stories/1.2.story.md`; v6: `_bmad-output/` with sprint-status.yaml). */
import type { Diagnostic } from '../../model/diagnostic.ts'
import type { ContextPiece, Phase, Task, WrittenPlan } from '../../model/plan.ts'
import { applyEdits } from '../../text/edits.ts'
import { textOf } from '../../text/lines.ts'
import { normalized, withoutBoxes } from '../boxes.ts'
import { buildPhase, titleText } from '../build-phase.ts'
import type { PlanFiles, PlanFormat } from '../format.ts'
import { pathsIn } from '../paths.ts'
import { EPICS, type Found, SPRINT, statusOf, storiesOf, STORY } from './bmad-found.ts'
import { readSprint } from './bmad-sprint.ts'
import { readStory, type Story, storyStatus } from './bmad-story.ts'
import { writeBmad } from './bmad-write.ts'

const OUTPUT = /(?:^|\/)_?bmad-output$/u
const STORIES = /(?:^|\/)(?:stories|implementation-artifacts|sprint-artifacts)$/u
/** What BMAD gives to every developer, and what stories are made from. */
const ALWAYS = /(?:^|\/)(?:project-context|architecture|prd|coding-standards|tech-stack|source-tree)\.md$/iu

const isStory = (path: string, where: string): boolean =>
  STORY.test(path) &&
  STORIES.test([where, ...path.split('/').slice(0, -1)].join('/').replace(/\/epic[-_.]?\d+[^/]*$/iu, ''))

export const bmad: PlanFormat = {
  id: 'bmad',
  marker: 'sprint-status.yaml, or stories/1.2.story.md',
  words: { phase: 'story', task: 'task' },
  own: [
    '{,*/,*/*/}sprint-status.{yml,yaml}',
    ...['', '../'].map(
      (up) => `${up}{stories,implementation-artifacts,sprint-artifacts}/{,epic*/}{,story*}[0-9]*.md`,
    ),
    '{,*/,*/*/}{{epic,epics}{,[-_.]*}.md,epics/*.md}',
    '{,*/,*/*/}{project-context,architecture,prd,coding-standards,tech-stack,source-tree}.md',
  ],
  marksRunning: true,
  locate(path) {
    const [, output] = /^((?:.*\/)?_?bmad-output)\/(?:implementation|planning)-artifacts\//u.exec(path) ?? []
    if (output !== undefined) return { dir: output, sure: SPRINT.test(path) }
    const [, home] = /^((?:.*\/)?docs)\/(?:stories|sprint-artifacts)\//u.exec(path) ?? []
    return home !== undefined && (STORY.test(path) || SPRINT.test(path))
      ? { dir: home, sure: false }
      : undefined
  },
  async detect({ where, names, file, text }) {
    const sprint = names.find((name) => SPRINT.test(name))
    const stories = names.filter((name) => isStory(name, where))
    const epics = names.filter((name) => EPICS.test(name) && !isStory(name, where))
    const index = sprint ?? stories[0] ?? (OUTPUT.test(where) ? epics[0] : undefined)
    if (index === undefined || (file !== undefined && file !== sprint)) return undefined
    if (
      sprint === undefined &&
      stories.length > 0 &&
      !/^#.*\bstory\b|^#+\s*(?:story|acceptance criteria)\b/imu.test((await text(index)) ?? '')
    )
      return undefined
    const certain = sprint !== undefined || OUTPUT.test(where)
    const beside = STORIES.test(where)
      ? ['../prd.md', '../architecture.md', '../epics.md', '../planning-artifacts/epics.md']
      : []
    const always = names.filter((name) => ALWAYS.test(name) && !EPICS.test(name))
    return {
      confidence: certain ? 'certain' : 'likely',
      index,
      files: [index, ...stories, ...epics, ...always, ...beside],
    }
  },
  read: readBmad,
  write: writeBmad,
  digestText(path, text) {
    if (SPRINT.test(path))
      return readSprint(text)
        .map(({ key }) => key)
        .join('\n')
    if (!STORY.test(path)) return EPICS.test(path) ? withoutBoxes(text) : normalized(text)
    const { status } = readStory(text)
    return withoutBoxes(status === undefined ? text : applyEdits(text, [{ ...status, text: '' }]))
  },
}

function readBmad(files: PlanFiles): WrittenPlan {
  const found = storiesOf(files)
  const ids = found.map(({ id }) => id)
  const sprintPath = files.paths.find((path) => SPRINT.test(path))
  const diagnostics = found.flatMap((one) => contradictions(one, sprintPath ?? ''))
  const free = new Set(
    found.filter((one) => requiresOf(one).none && requiresOf(one).ids.length === 0).map(({ id }) => id),
  )
  const context = files.paths.flatMap((path): ContextPiece[] =>
    ALWAYS.test(path) ? [{ path, title: path.split('/').at(-1) ?? path, text: files.text(path) ?? '' }] : [],
  )
  const phases = found.map((one) => toPhase(one, ids, files, sprintPath ?? files.index))
  return {
    mode: 'bmad',
    title: files.where.split('/').at(-2) ?? '',
    phases,
    diagnostics,
    context,
    inOrder: { free },
  }
}

const requiresOf = ({ story, epic }: Found): Story['requires'] => ({
  ids: [...new Set([...(epic?.requires.ids ?? []), ...(story?.requires.ids ?? [])])],
  none: epic?.requires.none === true || story?.requires.none === true,
})

function toPhase(
  found: Found,
  ids: readonly string[],
  files: PlanFiles,
  index: string,
): Omit<Phase, 'after'> {
  const { id, story, epic, sprint, path } = found
  const place =
    path !== undefined
      ? { file: path, line: story?.line ?? 1 }
      : sprint !== undefined
        ? { file: index, line: sprint.line }
        : { file: epic?.path ?? index, line: epic?.heading.line ?? 1 }
  const required = requiresOf(found).ids.filter((other) => other !== id)
  const text = story?.text ?? epic?.text ?? ''
  const source = path === undefined ? '' : (files.text(path) ?? '')
  return buildPhase({
    id,
    title:
      (story?.title ?? '') ||
      (epic?.title ?? '') ||
      titleText((sprint?.slug ?? '').replaceAll('-', ' ')) ||
      `Story ${id}`,
    status: statusOf(found),
    text,
    tasks: story === undefined || path === undefined ? [] : tasksOf(story, id, path, source),
    files: pathsIn(text),
    dependsOn: required.filter((other) => ids.includes(other)),
    unknownDependencies: required
      .filter((other) => !ids.includes(other))
      .map((other) => ({ text: `Story ${other}`, place })),
    criteria: (story?.criteria ?? []).map((one, at) => ({
      id: `AC-${at + 1}`,
      text: one.text,
      place: { ...one.place, file: path ?? index },
    })),
    place,
  })
}

function tasksOf(story: Story, id: string, file: string, source: string): Task[] {
  return story.tasks.map(({ box, to }, at): Task => {
    const title = titleText(box.text)
    return {
      id: `${id}.${at + 1}`,
      title: title.replace(/^(?:task|任务)\s*\d+[a-z]?\s*[:：.—–-]\s*/iu, '') || title,
      done: box.status === 'completed',
      files: pathsIn(textOf(source, story.lines, box.index, to)),
      // a story's tasks are done one after the other
      after: at === 0 ? [] : [`${id}.${at}`],
      place: { file, line: box.line },
    }
  })
}

/** sprint-status.yaml and the story say different things, or a story is done with an open task. */
function contradictions(found: Found, sprintPath: string): Diagnostic[] {
  const { id, sprint, story, path = '' } = found
  const status = statusOf(found)
  const counts = `; it counts as ${status.replace('_', ' ')}.`
  const open = story?.tasks.find(({ box }) => box.status !== 'completed')?.box
  const common = { rule: 'contradicting-status', severity: 'warning', phase: id } as const
  if (sprint !== undefined && story?.status !== undefined && storyStatus(story.status.text) !== status) {
    const message = `Story ${id} is "${sprint.status}" in line ${sprint.line} of ${sprintPath} and "${story.status.text}" in line ${story.status.line} of ${path}${counts}`
    return [
      { ...common, file: sprintPath, line: sprint.line, message, hint: 'Write the same status in both.' },
    ]
  }
  if (status !== 'completed' || open === undefined) return []
  const line = story?.status?.line ?? story?.line ?? 1
  const message = `Story ${id} is done in line ${line}, and its task in line ${open.line} is open${counts}`
  return [
    { ...common, file: path, line, message, hint: `Tick line ${open.line}, or set the story's status back.` },
  ]
}
