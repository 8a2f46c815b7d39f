import type { Phase, Plan } from '../model/plan.ts'
import { count } from '../text/display.ts'
import { criteriaOf, openTasks } from './facts.ts'
import { isVague, PLACEHOLDER } from './rules/clarity.ts'
import { isTooLarge } from './rules/sizing.ts'

export interface Confidence {
  level: 'high' | 'medium' | 'low'
  /** What speaks for it and against it, in words. */
  reasons: string[]
}

/** Points off from which a phase is medium, and low: needs clarification. */
const MEDIUM = 1
const LOW = 4

/** How likely a phase is to be understood as it was meant, from what is there. */
export function confidenceOf(plan: Plan, phase: Phase): Confidence {
  const tasks = openTasks(phase)
  const lacks = doubts(phase, plan)
  const off = lacks.reduce((sum, [points]) => sum + points, 0)
  const has: string[] = []
  if (phase.specs.length > 0) has.push(count(phase.specs.length, 'spec'))
  if (tasks.length > 0) has.push(count(tasks.length, `open ${plan.words.task}`))
  if (phase.files.length > 0) has.push(count(phase.files.length, 'file'))
  const criteria = criteriaOf(phase).length
  if (criteria > 0) has.push(count(criteria, 'acceptance criterion', 'acceptance criteria'))
  if (has.length === 0 && plan.phases.length > 0) has.push('only a title')
  return {
    level: off >= LOW ? 'low' : off >= MEDIUM ? 'medium' : 'high',
    reasons: [has.join(', '), ...lacks.map(([, reason]) => reason)],
  }
}

/** Points off, with the reason. Two for what leaves an agent guessing, one for what leaves it room. */
function doubts(phase: Phase, { words }: Plan): [number, string][] {
  const tasks = openTasks(phase)
  const found: [number, string][] = []
  const vague = tasks.filter(isVague).length
  const placeholders = tasks.filter((task) => PLACEHOLDER.test(task.title)).length
  const withoutFile = phase.specs.filter((spec) => spec.file === undefined)
  const questions = phase.specs.reduce((sum, spec) => sum + spec.openQuestions.length, 0)
  if (phase.specs.length === 0 && phase.tasks.length === 0) found.push([4, `no ${words.task} and no spec`])
  if (withoutFile.length > 0) found.push([2, `${count(withoutFile.length, 'spec')} without a file`])
  if (phase.files.length === 0) found.push([1, 'no file is named'])
  if (criteriaOf(phase).length === 0) found.push([1, 'no acceptance criterion'])
  if (vague > 0) found.push([vague * 2 >= tasks.length ? 2 : 1, count(vague, `vague ${words.task}`)])
  if (placeholders > 0) found.push([2, `${count(placeholders, 'open decision')}`])
  if (questions > 0) found.push([1, `${count(questions, 'open question')}`])
  if (phase.unknownDependencies.length > 0) found.push([1, `a dependency that names no ${words.phase}`])
  if (isTooLarge(phase)) found.push([1, `larger than one ${words.phase} should be`])
  return found
}
