import type { Plan } from '../../model/plan.ts'
import { restructure } from '../restructure.ts'
import { addTasks } from './add-tasks.ts'
import { orderSprints, splitManifestPhases, stateSpecDependencies } from './manifest-rows.ts'
import type { Mend } from './mend.ts'
import { movePhases } from './move-phases.ts'
import { nameFiles } from './name-files.ts'

/** In the order in which they are made: what a later one looks at, an earlier one may have changed. */
const TASK_BASED: readonly Mend[] = [
  movePhases,
  addTasks,
  nameFiles,
  { rules: ['too-many-tasks', 'implicit-dependency'], propose: (plan) => restructure(plan) },
]
const SPEC_DRIVEN: readonly Mend[] = [
  stateSpecDependencies,
  splitManifestPhases,
  orderSprints,
  addTasks,
  nameFiles,
]

/** The mends for plans of our own formats; another planner's files are that planner's. */
export const mendsFor = ({ mode }: Plan): readonly Mend[] =>
  mode === 'task-based' ? TASK_BASED : mode === 'spec-driven' ? SPEC_DRIVEN : []
