/** Task Master: `.taskmaster/tasks/tasks.json`, whose current tag is the plan. */
import { applyEdits as applyJsonEdits, modify } from 'jsonc-parser'
import * as z from 'zod'
import type { Diagnostic } from '../../model/diagnostic.ts'
import type { ContextPiece, Phase, Status, Task, WrittenPlan } from '../../model/plan.ts'
import { applyEdits, lineEndOf } from '../../text/edits.ts'
import { normalized } from '../boxes.ts'
import { dependsOnItself } from '../dependencies.ts'
import { buildPhase, countedIds, titleText } from '../build-phase.ts'
import type { PlanChange, PlanFiles, PlanFormat } from '../format.ts'
import { pathsIn } from '../paths.ts'
import { type JsonTask, parseTaskFile, readableText, type TaskFile } from './task-master-json.ts'

const FILE = 'tasks.json'
const HOME = /(?:^|\/)\.taskmaster$/u
const FOLDER = /(?:^|\/)\.taskmaster\/tasks$/u
const PRD = /^docs\/prd\.(?:txt|md)$/iu

export const taskMaster: PlanFormat = {
  id: 'task-master',
  marker: 'tasks/tasks.json in .taskmaster',
  words: { phase: 'task', task: 'subtask' },
  own: ['{tasks/,}tasks.json', 'state.json', '../../.taskmaster/state.json', 'docs/prd.{txt,md}'],
  marksRunning: true,
  locate(path) {
    const [, home, rest] =
      /^((?:.*\/)?\.taskmaster)\/(tasks\/tasks\.json|state\.json|docs\/prd\.\w+)$/iu.exec(path) ?? []
    if (home !== undefined) return { dir: home, sure: rest === 'tasks/tasks.json' }
    const old = /^((?:.*\/)?tasks)\/tasks\.json$/u.exec(path)?.[1]
    return old === undefined ? undefined : { dir: old, sure: false }
  },
  around: (path) => (FOLDER.test(path) ? [path.replace(/tasks$/u, 'state.json')] : []),
  async detect({ where, names, file, text }) {
    const home = HOME.test(where)
    const index = home ? `tasks/${FILE}` : FILE
    if ((file !== undefined && file !== index) || !names.includes(index)) return undefined
    const known = home || FOLDER.test(where)
    const { tags } = parseTaskFile((await text(index)) ?? '')
    if (!known && !tags.some(({ tasks }) => tasks.length > 0)) return undefined
    const beside = home
      ? ['state.json', ...names.filter((name) => PRD.test(name))]
      : known
        ? ['../state.json']
        : []
    return { confidence: known ? 'certain' : 'likely', index, files: [index, ...beside] }
  },
  read: readTaskMaster,
  write: writeTaskMaster,
  digestText,
}

const State = z.object({ currentTag: z.string() })
const isState = (path: string): boolean => /(?:^|\/)state\.json$/u.test(path)

/** The tag that state.json names, else master, else the first with tasks. */
function currentTag(
  { tags }: TaskFile,
  files: { paths: readonly string[]; text: (path: string) => string | undefined },
): TaskFile['tags'][number] | undefined {
  const path = files.paths.find(isState)
  const state = State.safeParse(parsed(path === undefined ? '' : (files.text(path) ?? '')))
  const named = state.success ? tags.find(({ name }) => name === state.data.currentTag) : undefined
  return (
    named ??
    tags.find(({ name }) => name === 'master') ??
    tags.find(({ tasks }) => tasks.length > 0) ??
    tags[0]
  )
}

function parsed(source: string): unknown {
  try {
    return JSON.parse(source.replace(/^\uFEFF/u, ''))
  } catch {
    return undefined
  }
}

const STATUS: Record<string, Status> = {
  pending: 'pending',
  todo: 'pending',
  'in-progress': 'in_progress',
  in_progress: 'in_progress',
  review: 'in_progress',
  done: 'completed',
  completed: 'completed',
  blocked: 'blocked',
  deferred: 'skipped',
  cancelled: 'skipped',
  canceled: 'skipped',
}
const statusOf = ({ status }: JsonTask): Status | undefined => STATUS[status?.trim().toLowerCase() ?? '']
const isDone = (task: JsonTask): boolean => statusOf(task) === 'completed'

function readTaskMaster(files: PlanFiles): WrittenPlan {
  const { index } = files
  const file = parseTaskFile(files.text(index) ?? '')
  const tag = currentTag(file, files)
  const tasks = tag?.tasks ?? []
  const ids = idsOf(tasks)
  const diagnostics = [
    ...(file.broken === undefined ? [] : [brokenJson(index, file.broken.line)]),
    ...tasks.flatMap((task, at) => problems(task, ids[at] ?? task.id, ids, index)),
  ]
  const phases = tasks.map((task, at) => toPhase(task, ids[at] ?? task.id, ids, index))
  const context = files.paths.flatMap((path): ContextPiece[] =>
    path === index || isState(path)
      ? []
      : [{ path, title: 'Product requirements', text: files.text(path) ?? '' }],
  )
  return { mode: 'task-master', title: titleOf(tag?.name, files.where), phases, diagnostics, context }
}

/** "project, tag search": the project's folder, and the tag where it is a named one. */
function titleOf(tag: string | undefined, where: string): string {
  const project =
    where
      .replace(/\/?(?:\.taskmaster(?:\/tasks)?|tasks)$/u, '')
      .split('/')
      .at(-1) ?? ''
  const named = tag === undefined || tag === 'master' ? '' : `tag ${tag}`
  return [project, named].filter((part) => part !== '').join(', ')
}

const idsOf = (tasks: readonly JsonTask[]): string[] =>
  countedIds(tasks.map(({ id }, at) => (id === '' ? String(at + 1) : id)))

function toPhase(task: JsonTask, id: string, ids: readonly string[], file: string): Omit<Phase, 'after'> {
  const place = { file, line: task.line }
  const known = (task.dependencies ?? []).map((on) => ({ on, id: phaseOf(on, ids) }))
  return buildPhase({
    id,
    title: task.title === '' ? `Task ${id}` : task.title,
    status: statusOf(task) ?? 'pending',
    text: textOf(task),
    tasks: toTasks(task, id, file),
    files: [...(task.files ?? []), ...pathsIn(textOf(task))],
    dependsOn: known.flatMap((one) => (one.id === undefined || one.id === id ? [] : [one.id])),
    unknownDependencies: known.flatMap(({ on, id: found }) =>
      found === undefined ? [{ text: on, place }] : [],
    ),
    place,
  })
}

/** A dependency on a subtask of another task waits for that task. */
const phaseOf = (on: string, ids: readonly string[]): string | undefined =>
  ids.find((id) => id === on) ?? ids.find((id) => id === on.split('.')[0])

const textOf = ({ description, details, testStrategy }: JsonTask): string =>
  [
    description,
    details === description ? '' : details,
    testStrategy === '' ? '' : `Test strategy: ${testStrategy}`,
  ]
    .filter((part) => part.trim() !== '')
    .join('\n\n')

function toTasks(task: JsonTask, id: string, file: string): Task[] {
  if (task.subtasks.length === 0) {
    const files = [...new Set([...(task.files ?? []), ...pathsIn(textOf(task))])]
    return [
      {
        id: `${id}.1`,
        title: titleText(task.title),
        done: isDone(task),
        files,
        place: { file, line: task.line },
      },
    ]
  }
  const names = subtaskIds(task, id)
  const ordered = task.subtasks.some(({ dependencies = [] }) => dependencies.length > 0)
  return task.subtasks.map((sub, at): Task => {
    const text = textOf(sub)
    const name = names[at] ?? `${id}.${at + 1}`
    const after = (sub.dependencies ?? []).flatMap((on) => siblingOf(on, id, names) ?? [])
    return {
      id: name,
      title: titleText(sub.title) || `Subtask ${name}`,
      done: sub.status === undefined ? isDone(task) : isDone(sub),
      files: [...new Set([...(sub.files ?? []), ...pathsIn(text)])],
      place: { file, line: sub.line },
      ...(ordered ? { after: after.filter((other) => other !== name) } : {}),
      ...(text === ''
        ? {}
        : {
            context: [
              { path: file, title: `Subtask ${name}`, lines: [sub.line, sub.endLine] as const, text },
            ],
          }),
    }
  })
}

/** "5.2" for the second subtask of task 5, whether its id is written as 2 or as "5.2". */
function subtaskIds({ subtasks }: JsonTask, id: string): string[] {
  return countedIds(
    subtasks.map((sub, at) =>
      sub.id === '' ? `${id}.${at + 1}` : sub.id.startsWith(`${id}.`) ? sub.id : `${id}.${sub.id}`,
    ),
  )
}

const siblingOf = (on: string, id: string, names: readonly string[]): string | undefined =>
  names.find((name) => name === on || name === `${id}.${on}`)

// ── what is wrong ────────────────────────────────────────────────────────────────────────────────────────────────

const brokenJson = (file: string, line: number): Diagnostic => ({
  rule: 'not-json',
  severity: 'error',
  file,
  line,
  message: `${file} is no JSON from line ${line} on; only what could be understood was read.`,
  hint: 'Repair it there: a conflict of a merge, a missing comma or quote.',
})

function problems(task: JsonTask, id: string, ids: readonly string[], file: string): Diagnostic[] {
  return [
    ...unknownStatus(task, id, file),
    ...contradiction(task, id, file),
    ...foreignSubtasks(task, id, ids, file),
    ...((task.dependencies ?? []).includes(id)
      ? [dependsOnItself(`Task ${id}`, { file, line: task.line }, id)]
      : []),
  ]
}

function unknownStatus(task: JsonTask, id: string, file: string): Diagnostic[] {
  if (task.status === undefined || statusOf(task) !== undefined) return []
  return [
    {
      rule: 'unknown-status',
      severity: 'warning',
      file,
      line: task.statusLine,
      message: `Task ${id} has the status "${task.status.slice(0, 80)}", which is none of Task Master's; it counts as pending.`,
      hint: 'Write pending, in-progress, review, done, deferred, cancelled or blocked.',
      phase: id,
    },
  ]
}

function contradiction(task: JsonTask, id: string, file: string): Diagnostic[] {
  const names = subtaskIds(task, id)
  const at = task.subtasks.findIndex((sub) =>
    ['pending', 'in_progress', 'blocked'].includes(statusOf(sub) ?? ''),
  )
  const open = task.subtasks[at]
  if (!isDone(task) || open === undefined) return []
  return [
    {
      rule: 'contradicting-status',
      severity: 'warning',
      file,
      line: task.statusLine,
      message: `Task ${id} is done in line ${task.statusLine}, and its subtask ${names[at] ?? ''} is ${open.status ?? 'open'} in line ${open.statusLine}; the task counts as done.`,
      hint: `Set the status in line ${open.statusLine} to done, or the one in line ${task.statusLine} to in-progress.`,
      phase: id,
    },
  ]
}

/** A subtask that waits for a subtask of a task that its own task does not wait for. */
function foreignSubtasks(task: JsonTask, id: string, ids: readonly string[], file: string): Diagnostic[] {
  const names = subtaskIds(task, id)
  const waits = new Set((task.dependencies ?? []).map((on) => phaseOf(on, ids)))
  return task.subtasks.flatMap((sub, at) =>
    (sub.dependencies ?? []).flatMap((on): Diagnostic[] => {
      const other = on.includes('.') && siblingOf(on, id, names) === undefined ? phaseOf(on, ids) : undefined
      if (other === undefined || other === id || waits.has(other)) return []
      return [
        {
          rule: 'dependency-not-understood',
          severity: 'warning',
          file,
          line: sub.line,
          message: `Subtask ${names[at] ?? ''} depends on ${on}, and task ${id} does not depend on task ${other}; it does not change the order.`,
          hint: `Add ${other} to the dependencies of task ${id}.`,
          phase: id,
        },
      ]
    }),
  )
}

// ── written back ─────────────────────────────────────────────────────────────────────────────────────────────────

/** Sets the task's status and, when it is done, that of the subtasks that were open. Only these values change. */
function writeTaskMaster(
  files: ReadonlyMap<string, string>,
  { phase, status, index, leftOut = [] }: PlanChange,
): Map<string, string> {
  const source = files.get(index)
  const value = { completed: 'done', in_progress: 'in-progress', pending: 'pending' }[status as string]
  if (source === undefined || value === undefined) return new Map()
  const tag = currentTag(parseTaskFile(source), { paths: [...files.keys()], text: (path) => files.get(path) })
  const tasks = tag?.tasks ?? []
  const task = tasks[idsOf(tasks).indexOf(phase.id)]
  if (task === undefined) return new Map()
  const names = subtaskIds(task, phase.id)
  const below =
    status === 'completed'
      ? task.subtasks.filter(
          (sub, at) =>
            sub.statusSpan !== undefined &&
            !leftOut.includes(names[at] ?? '') &&
            !['completed', 'skipped'].includes(statusOf(sub) ?? ''),
        )
      : []
  const changed = [task, ...below].filter((one) => statusOf(one) !== status)
  const edits = changed.flatMap(({ statusSpan }) =>
    statusSpan === undefined ? [] : [{ ...statusSpan, text: JSON.stringify(value) }],
  )
  const text = applyEdits(source, edits)
  return new Map([[index, task.statusSpan === undefined ? withStatus(text, task.path, value) : text]])
}

/** A status where none was, behind the other members and indented as they are. */
function withStatus(source: string, path: readonly (string | number)[], value: string): string {
  const [mark = ''] = /^\uFEFF/u.exec(source) ?? []
  const json = source.slice(mark.length)
  const indent = /\n([ \t]+)"/u.exec(json)?.[1] ?? '  '
  const formattingOptions = {
    insertSpaces: !indent.includes('\t'),
    tabSize: indent.length,
    eol: lineEndOf(json),
  }
  return mark + applyJsonEdits(json, modify(json, [...path, 'status'], value, { formattingOptions }))
}

/** tasks.json without statuses, times and Task Master's own figures, whatever its formatting; of state.json which tag is current. */
function digestText(path: string, text: string): string | undefined {
  if (isState(path)) {
    const state = State.safeParse(parsed(text))
    return state.success ? state.data.currentTag : undefined
  }
  if (!path.endsWith('.json')) return normalized(text)
  const value = parsed(text)
  // what is no strict JSON is read all the same, and its statuses are written
  if (value === undefined) return readableText(text, FIGURES) ?? normalized(text)
  return JSON.stringify(value, (key, inner: unknown) => (FIGURES.has(key) ? undefined : inner))
}

const FIGURES = new Set(['status', 'updatedAt', 'updated', 'metadata', 'meta'])
