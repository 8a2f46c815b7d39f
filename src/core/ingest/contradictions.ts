/** What a plan says twice, and differently: ids that stand twice, totals that are not those of the plan. Both lines are named. */
import type { Diagnostic, Place } from '../model/diagnostic.ts'
import type { PlanWords, WrittenPlan } from '../model/plan.ts'
import { count, plural } from '../text/display.ts'
import { linesOf } from '../text/lines.ts'
import { capital } from '../text/sentence.ts'

type Phases = WrittenPlan['phases']

export interface Indexed {
  phases: Phases
  words: PlanWords
  index: string
  /** The index's text. */
  text: string
}

export const contradictionsIn = (plan: Indexed): Diagnostic[] => [
  ...samePhaseIds(plan),
  ...sameTaskIds(plan),
  ...totals(plan),
]

// ── ids ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** "3#2", as readers name the second of an id. */
const COUNTED = /^(.+)#\d+$/u
const writtenId = (id: string): string => COUNTED.exec(id)?.[1] ?? id

/** Two phases of one id. Where one of them is done, it is history: numbers begin anew with the next milestone. */
function samePhaseIds({ phases, words }: Indexed): Diagnostic[] {
  const first = new Map<string, Phases[number]>()
  return phases.flatMap((phase): Diagnostic[] => {
    const id = writtenId(phase.id)
    const known = first.get(id)
    if (known === undefined) first.set(id, phase)
    if (known === undefined || known.status === 'completed' || phase.status === 'completed') return []
    const name = `${words.phase} ${id}`
    return [
      {
        rule: 'duplicate-phase',
        severity: 'warning',
        ...at(phase.place),
        message: `${capital(name)} stands twice, in ${where(known.place, phase.place)} and in line ${phase.place.line}; the second one is called ${phase.id} here.`,
        hint: `Give one of them a number of its own: “${name}” elsewhere means the first.`,
        phase: phase.id,
        related: [{ ...known.place, message: `${name} is here, too` }],
      },
    ]
  })
}

/** A bare number says only which task of its phase it is; "T014", "2.3" and "01-02" are names for the whole plan. */
const NAME = /[.-]|\p{L}/u

function sameTaskIds({ phases, words }: Indexed): Diagnostic[] {
  const first = new Map<string, Place>()
  return phases.flatMap((phase) =>
    COUNTED.test(phase.id)
      ? []
      : phase.tasks.flatMap((task): Diagnostic[] => {
          const id = writtenId(task.id)
          const known = first.get(id)
          if (known === undefined) first.set(id, task.place)
          if (known === undefined || !NAME.test(id)) return []
          const name = `${words.task} ${id}`
          return [
            {
              rule: 'duplicate-task-id',
              severity: 'warning',
              ...at(task.place),
              message: `${capital(name)} stands twice, in ${where(known, task.place)} and in line ${task.place.line}.`,
              hint: 'Give one of them an id of its own: what names it elsewhere means the first.',
              phase: phase.id,
              related: [{ ...known, message: `${name} is here, too` }],
            },
          ]
        }),
  )
}

const at = ({ file, line }: Place): Place => ({ file, line })
const where = (place: Place, from: Place): string =>
  place.file === from.file ? `line ${place.line}` : `line ${place.line} of ${place.file}`

// ── totals ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** "**Total Tasks**: 42", "- Total number of phases: 6", "Total: 42 tasks"; more on the line may count only a part. */
const TOTAL =
  /^[\s>*_#|-]*total(?:\s+(?:number\s+of\s+)?([a-z]+)[*_\s]*[:：|]|[*_\s]*[:：|])[*_\s]*(\d{1,4})\b[*_\s]*([a-z]+)?[*_.\s|]*(?:\([^)]*\)\s*)?$/iu

/** A total of tasks or phases that is not the plan's. Who counts finer or coarser than we do says nothing wrong. */
function totals({ phases, words, index, text }: Indexed): Diagnostic[] {
  const last = phases.at(-1)
  if (last === undefined) return []
  const tasks = phases.flatMap((phase) => phase.tasks)
  const counts = (noun: string): { all: number; last: Place; word: string }[] => [
    ...(isNoun(noun, words.phase) ? [{ all: phases.length, last: last.place, word: words.phase }] : []),
    ...(isNoun(noun, words.task)
      ? [{ all: tasks.length, last: tasks.at(-1)?.place ?? last.place, word: words.task }]
      : []),
  ]
  return linesOf(text).flatMap((line): Diagnostic[] => {
    const [, before, number = '', behind = ''] = line.hidden ? [] : (TOTAL.exec(line.text) ?? [])
    const found = number === '' ? [] : counts((before ?? behind).toLowerCase())
    const [one] = found
    if (one === undefined || found.some(({ all }) => all === Number(number))) return []
    return [
      {
        rule: 'contradicting-count',
        severity: 'info',
        file: index,
        line: line.number,
        message: `Line ${line.number} says ${count(Number(number), one.word)}; the plan has ${one.all}, the last of them in ${where(one.last, { file: index, line: 0 })}.`,
        hint: `Correct the total, or look which ${one.word} is missing or stands twice.`,
        related: [{ ...one.last, message: `the last ${one.word}` }],
      },
    ]
  })
}

const isNoun = (noun: string, word: string): boolean => noun === word || noun === plural(word)
