import type { Phase, Spec, Unit } from '../model/plan.ts'

/**
 * What the agents of a phase implement: its specs, or its tasks, or the whole phase where it lists neither. What the plan says
 * is done is left out; a phase of which everything is done is one unit, so that it is still built, tested and reviewed. So is one
 * whose tasks are `stepsOfOne` piece of work.
 */
export function unitsOf(
  phase: Phase,
  { stepsOfOne = false }: { stepsOfOne?: boolean | undefined } = {},
): Unit[] {
  if (stepsOfOne) return [wholePhase(phase)]
  const units = phase.specs.length > 0 ? specUnits(phase.specs) : taskUnits(phase)
  return units.length > 0 ? units : [wholePhase(phase)]
}

/** More items than this in one spec are shared out to several agents, one after the other: the reference's figure. */
export const MAX_ITEMS = 8

function specUnits(specs: Spec[]): Unit[] {
  const open = specs.filter((spec) => spec.status !== 'completed' && spec.status !== 'skipped')
  const names = new Set(open.map((spec) => spec.name))
  const parts = new Map(open.map((spec) => [spec.name, partsOf(spec)]))
  /** What has to be done before whoever needs this spec. */
  const lastOf = (name: string): string =>
    partId(name, parts.get(name)?.length ?? 1, parts.get(name)?.length ?? 1)
  return open.flatMap((spec): Unit[] => {
    const title = spec.overview === '' ? spec.name : `${spec.name} — ${spec.overview}`
    const files = [...new Set(spec.files.map((file) => file.path))].sort()
    const before = [...spec.dependsOn.filter((name) => names.has(name)), ...earlierSprints(spec, open)]
    const after = [...new Set(before)].map(lastOf)
    const items = parts.get(spec.name) ?? []
    if (items.length < 2) return [{ id: spec.name, title, kind: 'spec', files, after }]
    const of = items.length
    return items.map((ids, i) => ({
      id: partId(spec.name, i + 1, of),
      title: `${title} (${i + 1} of ${of})`,
      kind: 'spec',
      files,
      after: i === 0 ? after : [partId(spec.name, i, of)],
      part: { spec: spec.name, n: i + 1, of, items: ids },
    }))
  })
}

const partId = (spec: string, n: number, of: number): string => (of < 2 ? spec : `${spec}#${n}`)

/** The items of a spec in parts of nearly one size: its open tasks or its requirements, whichever are more. */
function partsOf({ tasks, requirements }: Spec): string[][] {
  const open = tasks.filter((task) => !task.done)
  const items = open.length >= requirements.length ? open : requirements
  const of = Math.max(1, Math.ceil(items.length / MAX_ITEMS))
  const size = Math.ceil(items.length / of)
  return Array.from({ length: of }, (_, i) => items.slice(i * size, (i + 1) * size).map(({ id }) => id))
}

/** The spec that a unit is, or is a part of. */
export const specOf = (phase: Phase, unit: Pick<Unit, 'id' | 'kind' | 'part'>): Spec | undefined =>
  unit.kind === 'spec' ? phase.specs.find(({ name }) => name === (unit.part?.spec ?? unit.id)) : undefined

/** A sprint begins when the sprints before it are done: that is what sprints in one phase mean. */
function earlierSprints(spec: Spec, open: Spec[]): string[] {
  const { sprint } = spec
  if (sprint === undefined) return []
  return open
    .filter((other) => other.sprint !== undefined && other.sprint < sprint)
    .map((other) => other.name)
}

function taskUnits(phase: Phase): Unit[] {
  const open = phase.tasks.filter((task) => !task.done)
  const ids = new Set(open.map(({ id }) => id))
  return open.map((task) => ({
    id: task.id,
    title: task.title,
    kind: 'task',
    files: [...task.files].sort(),
    after: (task.after ?? []).filter((id) => ids.has(id)),
  }))
}

/** Verbs of tasks that look at what is there, or commit it, which is ours to do. */
const CHECKS =
  /^(?:run|re-?run|verify|validate|confirm|ensure|check|checkpoint|commit|inspect|audit|manual(?:ly)?|smoke)(?![\p{L}\p{N}_])|^(?:最终)?(?:运行|验证|确认|检查|提交|チェックポイント|検証|動作確認)/iu

/** Whether a task or phase may be done without a change of any file: "Run the tests", "Checkpoint: all is green". What follows judges it. */
export const mayChangeNothing = ({ kind, title, part }: Pick<Unit, 'kind' | 'title' | 'part'>): boolean =>
  // Whoever did the part before may have done this one with it.
  (part !== undefined && part.n > 1) ||
  (kind !== 'spec' && CHECKS.test(title.replace(/^[^\p{L}]+/u, '').replace(/^step\s+\d+\s*[:：.-]\s*/iu, '')))

const wholePhase = (phase: Phase): Unit => ({
  id: '',
  title: phase.title,
  kind: 'phase',
  files: phase.files,
  after: [],
})
