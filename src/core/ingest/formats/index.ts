import type { PlanMode } from '../../model/plan.ts'
import type { PlanFormat } from '../format.ts'
import { bmad } from './bmad.ts'
import { gsd } from './gsd.ts'
import { kiro } from './kiro.ts'
import { manifest } from './manifest.ts'
import { openspec } from './openspec.ts'
import { planMd } from './plan-md.ts'
import { specKit } from './spec-kit.ts'
import { superpowers } from './superpowers.ts'
import { taskMaster } from './task-master.ts'
import { taskPlan } from './task-plan.ts'

/** Every way of writing a plan that we read. Of two that are as sure as each other the first counts. */
export const FORMATS: readonly PlanFormat[] = [
  manifest,
  taskPlan,
  openspec,
  kiro,
  specKit,
  superpowers,
  taskMaster,
  gsd,
  bmad,
  planMd,
]

export function formatOf(mode: PlanMode): PlanFormat {
  const format = FORMATS.find(({ id }) => id === mode)
  if (format === undefined) throw new Error(`no format reads ${mode}`)
  return format
}
