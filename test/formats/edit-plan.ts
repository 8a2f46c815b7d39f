/** Every edit that the product makes of a plan's own files, made once, and what it touched besides. */
import { applyPatch } from 'diff'
import { formatOf } from '../../src/core/ingest/formats/index.ts'
import type { Phase, Plan, Status } from '../../src/core/model/plan.ts'
import { pathFromRoot } from '../../src/core/model/plan-path.ts'
import { proposeRevision } from '../../src/core/pipeline/revise.ts'
import { appendProgressLog, recordProgress } from '../../src/core/record/progress-file.ts'
import { patchText } from '../../src/core/report/patch.ts'
import { resultOf } from '../core/record/result.ts'
import { appendFaults, revisionFaults, statusFaults } from './edit-faults.ts'
import { type Files, planIn, readIn } from './memory-plan.ts'

/** How editors leave the ends of lines and files. */
export const ENDS: readonly { name: string; change: (text: string) => string }[] = [
  { name: 'as it is', change: (text) => text },
  { name: 'CRLF', change: crlf },
  { name: 'byte order mark', change: (text) => (text.startsWith('\uFEFF') ? text : `\uFEFF${text}`) },
  {
    name: 'mixed line ends',
    change: (text) => text.replace(/\r?\n/gu, (_end, at: number) => (at % 3 === 0 ? '\r\n' : '\n')),
  },
  { name: 'no final line end', change: unended },
  { name: 'CRLF, no final line end', change: (text) => unended(crlf(text)) },
]

function crlf(text: string): string {
  return text.replace(/\r?\n/gu, '\r\n')
}
function unended(text: string): string {
  return text.replace(/[\r\n]+$/u, '')
}

export const withEnds = (files: Files, change: (text: string) => string): Files =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [name, change(text)]))

export interface Edited {
  statuses: number
  entries: number
  revisions: number
  faults: string[]
}

/** The statuses that a format writes. */
export const statusesOf = ({ mode }: Plan): Status[] => {
  const format = formatOf(mode)
  if (format.isOurs) return ['completed', 'in_progress', 'failed', 'skipped']
  return format.marksRunning ? ['completed', 'in_progress'] : ['completed']
}

const nothing = (): Edited => ({ statuses: 0, entries: 0, revisions: 0, faults: [] })

/** Writes a status of a phase. */
export async function editStatus(
  files: Files,
  path: string,
  plan: Plan,
  phase: Phase,
  status: Status,
): Promise<Edited> {
  const format = formatOf(plan.mode)
  const own = ownFiles(files, plan)
  const faults: string[] = []
  const tell = (what: string): void => void faults.push(`phase ${phase.id}, ${status}: ${what}`)
  const written = format.write(own, { phase, index: plan.index, status })
  const mayAdd = format.creates?.([...own.keys()]) ?? []
  for (const [file, text] of written) {
    const before = own.get(file)
    if (before === undefined) {
      if (!mayAdd.includes(file)) tell(`${file} is new`)
    } else for (const fault of statusFaults(before, text, isOwn(plan, phase, file))) tell(`${file}, ${fault}`)
  }
  const after = placed(files, plan, written)
  const read = (await readIn(after, path)).plan
  if (read === undefined) tell('it is no plan any more')
  else {
    const now = read.phases.find(({ id }) => id === phase.id)?.status
    if (status === 'completed' && now !== status) tell(`reads back as ${now ?? 'nothing'}`)
    const difference = firstDifference(said(plan, phase.id), said(read, phase.id))
    if (difference !== undefined) tell(`the plan says something else: ${difference}`)
    if (read.digest !== plan.digest) tell('another digest')
    const again = format.write(ownFiles(after, plan), { phase, index: plan.index, status })
    if ([...again].some(([file, text]) => text !== after[pathFromRoot(plan.dir, file)]))
      tell('writing it again changes it again')
  }
  return { ...nothing(), statuses: 1, faults }
}

/** Writes the entry of a merged phase into progress.md and the log, which need not be there; in plans that have such. */
export function editProgress(files: Files, plan: Plan, phase: Phase): Edited {
  if (!formatOf(plan.mode).isOurs) return nothing()
  const before = files[pathFromRoot(plan.dir, 'progress.md')]
  const specs = phase.specs.map(({ name }) => name)
  const entry = { result: resultOf(phase.id), specs, date: '2026-01-02' }
  const names = [phase.id, ...specs]
  const faults = [
    ...appendFaults(before ?? '# Progress\n', recordProgress(before, entry), (_line, text) =>
      names.some((name) => namesIt(text, name)),
    ),
    ...appendFaults(before ?? '# Progress log\n', appendProgressLog(before, entry)),
  ]
  return { ...nothing(), entries: 2, faults: faults.map((fault) => `progress of ${phase.id}: ${fault}`) }
}

/** Writes all that the review proposes, in a repository that has the files that the plan names. */
export async function editByReview(files: Files, path: string, plan: Plan): Promise<Edited> {
  if (!formatOf(plan.mode).isOurs) return nothing()
  const named = [...new Set(plan.phases.flatMap((phase) => phase.files))].sort()
  const revised = await proposeRevision(planIn(files, path), plan, () => Promise.resolve({ files: named }))
  if (!revised.ok) return nothing()
  const own = ownFiles(files, plan)
  const faults: string[] = []
  for (const [file, text] of revised.value.files) {
    const before = own.get(file) ?? ''
    const tell = (fault: string): void => void faults.push(`revision of ${file}: ${fault}`)
    revisionFaults(before, text, revised.value.changes).forEach(tell)
    const patch = patchText([{ path: file, before, after: text }])
    if (applyPatch(before, patch, { autoConvertLineEndings: false }) !== text)
      tell('the patch that is shown makes another text')
  }
  return { ...nothing(), revisions: revised.value.files.size, faults }
}

function ownFiles(files: Files, plan: Plan): Map<string, string> {
  return new Map(
    plan.files.flatMap((file) => {
      const text = files[pathFromRoot(plan.dir, file.path)]
      return text === undefined ? [] : [[file.path, text] as const]
    }),
  )
}

const placed = (files: Files, plan: Plan, written: ReadonlyMap<string, string>): Files => ({
  ...files,
  ...Object.fromEntries([...written].map(([file, text]) => [pathFromRoot(plan.dir, file), text])),
})

/** The lines of a file in which a phase's status may stand: its section, its tasks, its specs, and what names it anywhere. */
function isOwn(plan: Plan, phase: Phase, file: string): (line: number, text: string) => boolean {
  const specs = phase.specs.flatMap((spec) => (spec.file === undefined ? [] : [spec.file]))
  const from = phase.place.file === file ? phase.place.line : Infinity
  const until = sectionEnd(plan, phase)
  const tasks = new Set(phase.tasks.filter(({ place }) => place.file === file).map(({ place }) => place.line))
  // what its section names ("**Requirements**: SIM-01") is done with it, where a format keeps a list of it
  const lines = plan.files.find(({ path }) => path === phase.place.file)?.text.split('\n') ?? []
  const section = lines.slice(phase.place.line - 1, sectionEnd(plan, phase) - 1).join('\n')
  const demands = file === 'REQUIREMENTS.md' ? (section.match(/[A-Z]{2,}-\d+[a-z]?/gu) ?? []) : []
  const names = [phase.id, ...phase.specs.map(({ name }) => name), ...demands]
  return (line, text) =>
    specs.includes(file) ||
    (line >= from && line < until) ||
    tasks.has(line) ||
    names.some((name) => namesIt(text, name))
}

/** The line at which the next phase of the file begins. */
const sectionEnd = (plan: Plan, { place }: Phase): number =>
  Math.min(
    ...plan.phases.flatMap(({ place: { file, line } }) =>
      file === place.file && line > place.line ? [line] : [],
    ),
    Infinity,
  )

const namesIt = (text: string, name: string): boolean =>
  new RegExp(
    `(?<![\\p{L}\\p{N}])${name.replaceAll(/[.*+?^${}()|[\]\\]/gu, '\\$&').replaceAll(/\\\.|-/gu, '[.-]')}(?![\\p{L}\\p{N}])`,
    'iu',
  ).test(text)

/** All that agents are told and waited for, without the status of one phase. */
const said = (plan: Plan, besides: string): string[] =>
  plan.phases.map(({ id, title, status, tasks, dependsOn, files, criteria }) =>
    JSON.stringify([
      id,
      title,
      id === besides ? '' : status,
      tasks.map((task) => [task.id, task.title, id === besides || task.done]),
      dependsOn,
      files,
      criteria,
    ]),
  )

function firstDifference(before: readonly string[], after: readonly string[]): string | undefined {
  const at = before.findIndex((text, index) => text !== after[index])
  if (at < 0) return before.length === after.length ? undefined : `${after.length} phases`
  const [old = '', now = ''] = [before[at], after[at]]
  const from = Math.max(0, [...old].findIndex((char, index) => char !== now[index]) - 30)
  return `${old.slice(from, from + 80)} → ${now.slice(from, from + 80)}`
}
