/** A plan in one file of nobody's format: PLAN.md, IMPLEMENTATION_PLAN.md. */
import type { WrittenPlan } from '../../model/plan.ts'
import { setPhaseStatus } from '../../text/status-edit.ts'
import type { PlanChange, PlanFormat } from '../format.ts'
import { findPlanPhases } from './plan-md-phases.ts'
import { planNotes } from './plan-md-progress.ts'
import { PLAN_MD_TASKS } from './plan-md-tasks.ts'
import { type PlanHabits, readTaskPlan } from './task-plan.ts'

const HABITS: PlanHabits = { find: findPlanPhases, tasks: PLAN_MD_TASKS, notes: planNotes }

/** "PLAN.md", "implementation-plan.md", "IMPLEMENTATION_PLAN.md". */
const NAME =
  /^(?:(?:implementation|project|development|dev|migration|refactor(?:ing)?|execution|master)[ _-]?)?plan\.md$/iu

export const planMd: PlanFormat = {
  id: 'plan-md',
  marker: 'PLAN.md or IMPLEMENTATION_PLAN.md',
  words: { phase: 'phase', task: 'task' },
  locate(path) {
    const folders = path.split('/')
    const file = folders.pop() ?? ''
    const skipped = folders.some((name) => /^(?:archived?|\.kiro|openspec|specs|\.planning)$/iu.test(name))
    return !skipped && NAME.test(file) ? { dir: folders.join('/'), file, sure: false } : undefined
  },
  detect({ file, names }) {
    const own = names.filter((name) => NAME.test(name))
    const index = file ?? (own.length === 1 ? own[0] : undefined)
    if (index === undefined || !/\.(?:md|markdown)$/iu.test(index)) return Promise.resolve(undefined)
    const confidence = NAME.test(index) ? 'likely' : 'possible'
    return Promise.resolve({ confidence, index, files: [index] })
  },
  read({ text, blocks, index }): WrittenPlan {
    const plan = readTaskPlan(text(index) ?? '', index, blocks(index), HABITS)
    const phases = plan.phases.map((phase) => ({ ...phase, title: withoutPriority(phase.title) }))
    return { ...plan, phases, mode: 'plan-md' }
  },
  write,
}

/** "Title (P2)", "Title (P2-P3)": what is urgent is not what it is called. */
const withoutPriority = (title: string): string =>
  title.replace(/(?<=\S)\s*[(（]P\d(?:\s*[-–/,]\s*P\d)*[)）]$/u, '')

function write(
  files: ReadonlyMap<string, string>,
  { phase, index, status }: PlanChange,
): ReadonlyMap<string, string> {
  const source = files.get(index)
  if (source === undefined) return new Map()
  return new Map([[index, setPhaseStatus(source, { id: phase.id, line: phase.place.line }, status)]])
}
