import type { PlanMode } from '../../model/plan.ts'
import type { PlanFormat } from '../format.ts'
import { manifest } from './manifest.ts'
import { taskPlan } from './task-plan.ts'

/** Every way of writing a plan that we read. Of two that are as sure as each other the first counts. */
export const FORMATS: readonly PlanFormat[] = [manifest, taskPlan]

export function formatOf(mode: PlanMode): PlanFormat {
  const format = FORMATS.find(({ id }) => id === mode)
  if (format === undefined) throw new Error(`no format reads ${mode}`)
  return format
}
