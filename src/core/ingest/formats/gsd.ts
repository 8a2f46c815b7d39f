/** GSD: `.planning/` with ROADMAP.md and `phases/01-name/01-02-PLAN.md`. */
import type { Diagnostic } from '../../model/diagnostic.ts'
import type { ContextPiece, FileTarget, Phase, Status, Task, WrittenPlan } from '../../model/plan.ts'
import { headingsOf, textOf } from '../../text/lines.ts'
import { undone } from '../boxes.ts'
import { buildPhase, titleText } from '../build-phase.ts'
import { dependsOnItself, type PhaseOrder, phaseOrder } from '../dependencies.ts'
import type { PlanFiles, PlanFormat } from '../format.ts'
import { isNote, isPlanFile, isSummary, notesOf, type PlanFile, plansOnDisk, summaryOf } from './gsd-plans.ts'
import { planKey, readRoadmap, type Roadmap, type RoadmapPhase } from './gsd-roadmap.ts'
import { criteriaOf, dependenciesOf, INDEX, requirementsIn, requirementsOf } from './gsd-section.ts'
import { digestText, writeGsd } from './gsd-write.ts'

const HOME = /(?:^|\/)\.planning$/u

export const gsd: PlanFormat = {
  id: 'gsd',
  marker: 'ROADMAP.md in .planning',
  words: { phase: 'phase', task: 'plan' },
  // no summaries: what an agent writes into one stays
  own: ['{ROADMAP,PROJECT,REQUIREMENTS}.md', 'phases/*/{,*-}{PLAN,CONTEXT,RESEARCH,UI-SPEC,SPEC}.md'],
  marksRunning: true,
  locate(path) {
    const [, dir, rest = ''] = /^((?:.*\/)?\.planning)\/(.+)$/u.exec(path) ?? []
    const known = /^(?:ROADMAP|REQUIREMENTS|PROJECT)\.md$|^phases\/[^/]+\/[^/]+\.md$/u.test(rest)
    return dir === undefined || !known ? undefined : { dir, sure: rest === INDEX }
  },
  async detect({ where, names, file = INDEX, text, list }) {
    if (file !== INDEX || !names.includes(INDEX)) return undefined
    const known = HOME.test(where)
    if (!known && !(names.some(isPlanFile) && readRoadmap((await text(INDEX)) ?? '').phases.length > 0))
      return undefined
    const all = await list(2)
    const below = all.filter(
      (name) => isPlanFile(name) || isSummary(name) || (name.startsWith('phases/') && isNote(name)),
    )
    return {
      confidence: known ? 'certain' : 'likely',
      index: INDEX,
      files: [INDEX, 'PROJECT.md', 'REQUIREMENTS.md', ...below],
    }
  },
  read: readGsd,
  write: writeGsd,
  creates: (paths) => paths.filter(isPlanFile).map(summaryOf),
  digestText,
}

interface Reading {
  files: PlanFiles
  roadmap: Roadmap
  source: string
  order: PhaseOrder
  requirements: ReadonlyMap<string, ContextPiece>
}

function readGsd(files: PlanFiles): WrittenPlan {
  const source = files.text(INDEX) ?? ''
  const roadmap = readRoadmap(source, files.blocks(INDEX))
  const order = phaseOrder(roadmap.phases.map(({ id }) => id))
  const requirements = requirementsOf(files.text('REQUIREMENTS.md') ?? '')
  const diagnostics: Diagnostic[] = []
  const free = new Set<string>()
  const phases = roadmap.phases.map((phase) =>
    toPhase(phase, { files, roadmap, source, order, requirements }, diagnostics, free),
  )
  const project = files.text('PROJECT.md')
  const title = headingsOf(roadmap.lines).find(({ level }) => level === 1)?.text ?? ''
  return {
    mode: 'gsd',
    title: titleText(title.replace(/^roadmap\s*[:：—–-]\s*/iu, '')),
    phases,
    diagnostics,
    context: project === undefined ? [] : [{ path: 'PROJECT.md', title: 'PROJECT.md', text: project }],
    inOrder: { free },
  }
}

function toPhase(
  phase: RoadmapPhase,
  reading: Reading,
  diagnostics: Diagnostic[],
  free: Set<string>,
): Omit<Phase, 'after'> {
  const { files, roadmap, source } = reading
  const onDisk = plansOnDisk(phase, roadmap, files)
  const tasks = tasksOf(phase, onDisk, reading.requirements)
  const text =
    phase.section === undefined ? '' : textOf(source, roadmap.lines, phase.section.from, phase.section.to)
  const place = { file: INDEX, line: phase.section?.heading.line ?? phase.line }
  const { status, contradictions } = statusOf(phase, onDisk, tasks)
  diagnostics.push(...contradictions, ...otherCounts(phase, tasks))
  const own = phase.section === undefined ? [] : roadmap.lines.slice(phase.section.from, phase.section.to)
  const { on, unknown, self, isFree } = dependenciesOf(own, phase.id, reading.order)
  if (self !== undefined)
    diagnostics.push(dependsOnItself(`Phase ${phase.id}`, { file: INDEX, line: self }, phase.id))
  if (isFree) free.add(phase.id)
  const notes = notesOf(files.paths, phase.id).map((path) => ({
    path,
    title: path.split('/').at(-1) ?? path,
    text: files.text(path) ?? '',
  }))
  return buildPhase({
    id: phase.id,
    title: phase.title,
    status,
    text: text === '' ? (phase.item?.rest ?? '').replace(/^[\s*)\]—–-]+/u, '') : text,
    tasks,
    targets: targetsOf(onDisk),
    dependsOn: on,
    unknownDependencies: unknown.map((name) => ({ text: name, place })),
    criteria: criteriaOf(own),
    context: [...requirementsIn(own, reading.requirements), ...notes],
    place,
  })
}

// ── plans ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What the roadmap names and what lies on disk, each once; where neither says more, as many as are counted. */
function tasksOf(
  phase: RoadmapPhase,
  onDisk: readonly PlanFile[],
  requirements: ReadonlyMap<string, ContextPiece>,
): Task[] {
  const keys = [
    ...new Set([...phase.plans.map(({ name }) => planKey(name)), ...onDisk.map(({ name }) => planKey(name))]),
  ]
  const counted = keys.length === 0 ? (phase.counts?.all ?? 0) : 0
  if (counted > 0) return Array.from({ length: Math.min(counted, 100) }, (_, at) => countedPlan(phase, at))
  const byKey = new Map(onDisk.map((plan) => [planKey(plan.name), plan]))
  const ids = new Map(
    keys.map((key) => [
      key,
      byKey.get(key)?.name ?? phase.plans.find(({ name }) => planKey(name) === key)?.name ?? key,
    ]),
  )
  return keys.map((key): Task => {
    const plan = byKey.get(key)
    const line = phase.plans.find(({ name }) => planKey(name) === key)
    const after = plan === undefined ? undefined : afterOf(plan, keys, byKey)
    return {
      id: ids.get(key) ?? key,
      title: (line?.title ?? '') || plan?.objective.slice(0, 200) || `Plan ${ids.get(key) ?? key}`,
      done: plan?.summary.there === true || line?.box?.status === 'completed',
      files: plan?.files ?? [],
      place: line === undefined ? { file: plan?.path ?? INDEX, line: 1 } : { file: INDEX, line: line.line },
      ...(after === undefined ? {} : { after: after.map((other) => ids.get(other) ?? other) }),
      ...(plan === undefined ? {} : { context: contextOf(plan, requirements) }),
    }
  })
}

/** The plan as it is written, and the requirements that it names. */
const contextOf = (plan: PlanFile, requirements: ReadonlyMap<string, ContextPiece>): ContextPiece[] => [
  ...(plan.text === '' ? [] : [{ path: plan.path, title: `Plan ${plan.name}`, text: plan.text }]),
  ...plan.requirements.flatMap((id) => requirements.get(id) ?? []),
]

const countedPlan = ({ id, line, counts, item }: RoadmapPhase, at: number): Task => ({
  id: `${id}.${at + 1}`,
  title: `Plan ${at + 1}`,
  done: item?.box.status === 'completed' || at < (counts?.done ?? 0),
  files: [],
  place: { file: INDEX, line },
})

/** What its front matter waits for; where that says nothing, the plans of earlier waves. */
function afterOf(
  plan: PlanFile,
  keys: readonly string[],
  byKey: ReadonlyMap<string, PlanFile>,
): string[] | undefined {
  const own = planKey(plan.name)
  if (plan.dependsOn !== undefined) return plan.dependsOn.filter((key) => key !== own && keys.includes(key))
  const { wave } = plan
  if (wave === undefined) return undefined
  return keys.filter((key) => (byKey.get(key)?.wave ?? wave) < wave)
}

function targetsOf(plans: readonly PlanFile[]): FileTarget[] {
  const found = plans.flatMap((plan) =>
    plan.files.map((path): FileTarget => ({ path, place: { file: plan.path, line: 1 } })),
  )
  return [...new Map(found.map((target) => [target.path, target])).values()]
}

// ── status ───────────────────────────────────────────────────────────────────────────────────────────────────────

interface Said {
  status: Status
  line: number
}

/**
 * Done is what the checklist, the phase's own section, the table or a summary of every plan says, in this order; the section counts
 * more than the table. Some summaries or ticked plans are progress.
 */
function statusOf(
  phase: RoadmapPhase,
  onDisk: readonly PlanFile[],
  tasks: readonly Task[],
): { status: Status; contradictions: Diagnostic[] } {
  const said = statementsOf(phase)
  const every =
    onDisk.length > 0 && onDisk.length === tasks.length && onDisk.every(({ summary }) => summary.there)
  const some = tasks.some(({ done }) => done)
  const first = said.find(({ status }) => status === 'completed')
  const own = phase.stated?.status
  const status = ((): Status => {
    if (phase.item?.box.status === 'completed' || own === 'completed' || every) return 'completed'
    if (own === undefined && first !== undefined) return 'completed'
    const stated = own ?? said.map(({ status: one }) => one).find((one) => one !== 'pending')
    if (stated !== undefined && stated !== 'pending' && stated !== 'completed') return stated
    if (some || phase.item?.box.status === 'in_progress') return 'in_progress'
    return phase.parked ? 'skipped' : 'pending'
  })()
  const open = said.find((one) => one.status === 'pending' || one.status === 'in_progress')
  if (open === undefined || (first === undefined && !every)) return { status, contradictions: [] }
  return { status, contradictions: [contradiction(phase.id, first, open, status)] }
}

/** A table that counts other plans than are listed. */
function otherCounts({ id, rows, plans }: RoadmapPhase, tasks: readonly Task[]): Diagnostic[] {
  const last = plans.at(-1)
  if (last === undefined) return []
  return rows.flatMap(({ plans: mark }): Diagnostic[] => {
    const counted = Number(/\d+\s*\/\s*(\d+)/u.exec(mark?.text ?? '')?.[1] ?? tasks.length)
    if (mark === undefined || counted === tasks.length) return []
    return [
      {
        rule: 'contradicting-count',
        severity: 'info',
        file: INDEX,
        line: mark.line,
        message: `Line ${mark.line} counts ${counted} plans of phase ${id}; it has ${tasks.length}, the last of them in line ${last.line}.`,
        hint: 'Correct the count, or look which plan is missing or stands twice.',
        phase: id,
      },
    ]
  })
}

const statementsOf = ({ item, section, stated, rows }: RoadmapPhase): Said[] => [
  ...(item === undefined ? [] : [{ status: item.box.status, line: item.box.line }]),
  ...(section !== undefined && undone(section.heading.text) !== section.heading.text
    ? [{ status: 'completed' as const, line: section.heading.line }]
    : []),
  ...[stated, ...rows.map((row) => row.status)].flatMap((mark) =>
    mark?.status === undefined ? [] : [{ status: mark.status, line: mark.line }],
  ),
]

const contradiction = (id: string, done: Said | undefined, open: Said, status: Status): Diagnostic => {
  const words = status.replace('_', ' ')
  const what =
    done === undefined ? 'Every plan has a SUMMARY.md' : `Phase ${id} is complete in line ${done.line}`
  return {
    rule: 'contradicting-status',
    severity: 'warning',
    file: INDEX,
    line: done?.line ?? open.line,
    message: `${what}, and ${open.status === 'pending' ? 'open' : 'in progress'} in line ${open.line}; phase ${id} counts as ${words}.`,
    hint: `Let line ${open.line} say what is so.`,
    phase: id,
  }
}
