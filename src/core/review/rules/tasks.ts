import type { Plan, Task } from '../../model/plan.ts'
import { openPhases, openTasks, taskOf } from '../facts.ts'
import { lineReader } from '../source.ts'
import { isVague } from './clarity.ts'
import type { Found, Rule } from './rule.ts'

/** Only a verb or the noun of one, and words that name nothing: "Implement", "Testing", "Fix everything". */
const BARE =
  /^(?:implement(?:ation|ing)?|build(?:ing)?|create|add|write|cod(?:e|ing)|develop(?:ment)?|test(?:ing)?|fix(?:es)?|deploy(?:ment|ing)?|integrat(?:e|ion)|migrat(?:e|ion)|design|set[- ]?up|install(?:ation)?|configur(?:e|ation)|document(?:ation)?|debug(?:ging)?|validat(?:e|ion)|verif(?:y|ication)|connect|wire up|do|run|check|apply|implementar|probar|desarrollar|testar|implementieren|testen|entwickeln|implémenter|tester|реализовать|тестирование|实现|开发|测试|部署|联调|実装|テスト|구현|테스트)(?:\s+(?:it|this|that|these|them|things?|stuff|everything|all|the rest|(?:the )?(?:code|features?|functionality|logic|changes)|etc\.?|todo|alles|tout|всё))*\s*[.!…。]*$/iu

/** "Implement:" above a list of its own is a heading. */
const LEADS_ON = /[:：][\s*_]*$/u

/** Any outcome of it is a success. */
const HEDGED =
  /^(?:try|attempt) (?:to|and)\b|\b(?:if (?:at all )?possible|if (?:there(?:['’]s| is) )?(?:time|budget)(?: (?:permits|allows|left|remains))?|time permitting|(?:on a )?best[- ]effort|as (?:much|far|many|well) as (?:possible|we can)|(?:where|when|whenever) possible|nice[- ]to[- ]have)\b|^(?:consider|think about|maybe|perhaps|possibly|ideally|hopefully)\b|\bsi es posible\b|\bse possível\b|\bwenn möglich\b|\bsi possible\b|по возможности|尽量|尽可能|如果可能|如有时间|有时间的话|^考虑|できれば|可能であれば|가능하면/iu
const CONDITIONAL =
  /\b(?:if|as|when|where) (?:needed|necessary|required|appropriate|applicable|desired)\b|按需|如有必要|必要时|必要に応じて|필요시|bei Bedarf|si es necesario|se necessário|si nécessaire|при необходимости/iu

const eachTask = (plan: Plan, check: (task: Task) => Omit<Found, 'place' | 'phase'> | undefined): Found[] =>
  openPhases(plan).flatMap((phase) =>
    openTasks(phase).flatMap((task) => {
      const found = check(task)
      return found === undefined ? [] : { ...found, place: task.place, phase: phase.id }
    }),
  )

const withoutObject: Rule = {
  id: 'task-without-object',
  severity: 'warning',
  why: 'A verb alone is the title of a step, not work: its agent takes from the rest of the plan whatever it likes.',
  fix: 'Say what is built, tested or written: the function, the page, the file.',
  check(plan) {
    const lineOf = lineReader(plan)
    return eachTask(plan, ({ id, title, files, place }) =>
      files.length === 0 &&
      BARE.test(title.trim()) &&
      !isVague({ title, files }) &&
      !LEADS_ON.test(lineOf(place))
        ? { message: `${taskOf(id, plan)} “${title}” does not say what` }
        : undefined,
    )
  },
}

const cannotFail: Rule = {
  id: 'task-cannot-fail',
  severity: 'warning',
  why: 'Whatever its agent does, or does not do, the task counts as done, so nobody learns that it was not.',
  fix: 'Decide it: make it a plain task with a result that can be checked, or take it out of this run.',
  check: (plan) =>
    eachTask(plan, (task) => {
      const hedge = HEDGED.exec(task.title)
      if (hedge !== null)
        return {
          message: `${taskOf(task.id, plan)} cannot fail: “${hedge[0]}” makes every outcome a success`,
        }
      const condition = CONDITIONAL.exec(task.title)
      return condition === null
        ? undefined
        : {
            severity: 'info',
            message: `${taskOf(task.id, plan)} leaves it to its agent whether it is done: “${condition[0]}”`,
            hint: 'Say on what it depends, or decide it.',
          }
    }),
}

export const tasks: Rule[] = [withoutObject, cannotFail]
