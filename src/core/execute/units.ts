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

function specUnits(specs: Spec[]): Unit[] {
  const open = specs.filter((spec) => spec.status !== 'completed' && spec.status !== 'skipped')
  const names = new Set(open.map((spec) => spec.name))
  return open.map((spec) => ({
    id: spec.name,
    title: spec.overview === '' ? spec.name : `${spec.name} — ${spec.overview}`,
    kind: 'spec',
    files: [...new Set(spec.files.map((file) => file.path))].sort(),
    after: [...new Set([...spec.dependsOn.filter((name) => names.has(name)), ...earlierSprints(spec, open)])],
  }))
}

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
export const mayChangeNothing = ({ kind, title }: Pick<Unit, 'kind' | 'title'>): boolean =>
  kind !== 'spec' && CHECKS.test(title.replace(/^[^\p{L}]+/u, '').replace(/^step\s+\d+\s*[:：.-]\s*/iu, ''))

const wholePhase = (phase: Phase): Unit => ({
  id: '',
  title: phase.title,
  kind: 'phase',
  files: phase.files,
  after: [],
})
