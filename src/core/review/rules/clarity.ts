import type { Phase, Plan } from '../../model/plan.ts'
import { list, plural } from '../../text/display.ts'
import { criteriaOf, named, openPhases, openTasks, taskOf } from '../facts.ts'
import type { Found, Rule } from './rule.ts'

const VAGUE_START =
  /^(?:improve|enhance|optimi[sz]e|handle|support|polish|clean(?:\s|-)?up|tidy|refine|tweak|adjust|deal with|work on|look into|investigate|explore|misc|various|finali[sz]e|fix (?:all |any |remaining |minor )?(?:bugs?|issues?|problems?|errors?)|make (?:it|things) |ensure|update|refactor|review|complete|finish|prepare|manage|mejorar|optimizar|melhorar|otimizar|verbessern|optimieren|améliorer)\b|^(?:优化|完善|改进|改善|调整|处理|支持|整理|改善する|최적화|개선|улучшить|оптимизировать)/i
/** Of those, verbs of looking and ending: nothing is said to get better. */
const OPEN_END =
  /^(?:look into|investigate|explore|misc|various|finali[sz]e|review|ensure|complete|finish|prepare|manage|handle|support|deal with|work on|update)\b/i
/** Code, a path, a number, an identifier, a quoted text: something that can be checked. */
export const CONCRETE = /[`"“«「]|\d|\w\/\w|\w\.\w|\w_\w|[a-z][A-Z]|\(|:\s*\S/
const FEW_WORDS = 5
const FEW_CJK = 10

/** Says that something shall be better, not what shall be true afterwards. */
export function isVague(task: { title: string; files: readonly string[] }): boolean {
  if (task.files.length > 0 || CONCRETE.test(task.title) || !VAGUE_START.test(task.title.trim())) return false
  return /[\u3040-\u9fff\uac00-\ud7af]/.test(task.title)
    ? task.title.length <= FEW_CJK
    : task.title.trim().split(/\s+/).length <= FEW_WORDS
}

export const PLACEHOLDER = /\b(?:TBD|TBC|FIXME|XXX|lorem ipsum)\b|\bTODO\b(?=\s*$|:)|\?\?\?|待定|未定/

const noFileTargets: Rule = {
  id: 'no-file-targets',
  severity: 'warning',
  why: 'Files tell an agent where to work, keep it out of everything else, and show which phases can run side by side.',
  fix: 'List the paths it creates or changes, in a Files table or in the tasks.',
  check: (plan) =>
    together(
      plan,
      (phase) => phase.files.length === 0 && (openTasks(phase).length > 0 || phase.specs.length > 0),
      (phase) => `${named(phase, plan)} names no file`,
      (many) => `None of the ${many} names a file`,
    ),
}

const noAcceptanceCriteria: Rule = {
  id: 'no-acceptance-criteria',
  severity: 'warning',
  why: 'Each criterion is judged with evidence before the merge; without one, “done” is what the agent says.',
  fix: 'Add acceptance criteria: what a person can see or run, and with what result.',
  check: (plan) =>
    together(
      plan,
      (phase) => criteriaOf(phase).length === 0 && openTasks(phase).length > 0,
      (phase) => `${named(phase, plan)} has no acceptance criterion`,
      (many) => `None of the ${many} has an acceptance criterion`,
    ),
}

/** One finding for a habit of the whole plan, one per phase where it is an exception. */
function together(
  plan: Plan,
  lacks: (phase: Phase) => boolean,
  one: (phase: Phase) => string,
  /** `many` is "3 open phases". */
  all: (many: string) => string,
): Found[] {
  const open = openPhases(plan)
  const without = open.filter(lacks)
  const [first, ...others] = without
  if (first === undefined) return []
  if (without.length < 3 || without.length < open.length) {
    return without.map((phase) => ({ place: phase.place, phase: phase.id, message: one(phase) }))
  }
  return [
    {
      place: first.place,
      message: all(`${open.length} open ${plural(plan.words.phase)}`),
      related: others.map((phase) => ({ ...phase.place, message: `${named(phase, plan)} neither` })),
    },
  ]
}

const vagueTask: Rule = {
  id: 'vague-task',
  severity: 'warning',
  why: 'An agent fills in what a task leaves open, and each one differently.',
  fix: 'Say what shall be true afterwards: the behaviour, the number, the files.',
  check: (plan) =>
    openPhases(plan).flatMap((phase) =>
      openTasks(phase)
        .filter(isVague)
        .map((task) => ({
          place: task.place,
          phase: phase.id,
          message: `${taskOf(task.id, plan)} “${task.title}” ${OPEN_END.test(task.title.trim()) ? 'says what to do, not what is true when it is done' : 'says that something gets better, not what'}`,
        })),
    ),
}

const placeholder: Rule = {
  id: 'placeholder',
  severity: 'warning',
  why: 'A decision that is left open is made by an agent, and nobody sees it made.',
  fix: 'Decide it, or take the task out of this run.',
  check: (plan) =>
    openPhases(plan).flatMap((phase) =>
      [
        ...openTasks(phase).map((task) => ({ text: task.title, place: task.place })),
        ...criteriaOf(phase),
      ].flatMap(({ text, place }) => {
        const match = PLACEHOLDER.exec(text)
        return match === null
          ? []
          : { place, phase: phase.id, message: `“${match[0]}” stands where a decision should` }
      }),
    ),
}

const emptyPhase: Rule = {
  id: 'empty-phase',
  severity: 'warning',
  why: 'With no task and no spec the whole phase is one agent’s guess from its title.',
  fix: 'List its tasks, or remove the phase.',
  check: (plan) =>
    together(
      plan,
      (phase) => phase.specs.length === 0 && phase.tasks.length === 0,
      (phase) => `${named(phase, plan)} has no ${plan.words.task}`,
      (many) => `None of the ${many} has a ${plan.words.task}`,
    ),
}

const duplicateTask: Rule = {
  id: 'duplicate-task',
  severity: 'info',
  why: 'The same task in two phases is done twice, the second time over the first.',
  fix: 'Keep it in one phase, or say what differs.',
  check(plan) {
    const seen = new Map<string, { id: string; phase: Phase; place: Found['place'] }>()
    return openPhases(plan).flatMap((phase) =>
      openTasks(phase).flatMap((task) => {
        const key = task.title
          .toLowerCase()
          .replace(/[^\p{L}\p{N}]+/gu, ' ')
          .trim()
        const first = seen.get(key)
        if (first === undefined) seen.set(key, { id: task.id, phase, place: task.place })
        if (first === undefined || first.phase === phase || key.length < 12) return []
        return {
          place: task.place,
          phase: phase.id,
          message: `${taskOf(task.id, plan)} says the same as ${list([first.id])} of ${named(first.phase, plan)}`,
          related: [{ ...first.place, message: 'the same task' }],
        }
      }),
    )
  },
}

export const clarity: Rule[] = [
  noFileTargets,
  noAcceptanceCriteria,
  vagueTask,
  placeholder,
  emptyPhase,
  duplicateTask,
]
