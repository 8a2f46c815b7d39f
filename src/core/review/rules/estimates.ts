import type { Phase, Plan, Task } from '../../model/plan.ts'
import { count } from '../../text/display.ts'
import { describeEstimate, estimateAt, estimateInBrackets, sumOf, type Estimate } from '../estimate.ts'
import { isOpen, named } from '../facts.ts'
import { type Line, splitLines } from '../source.ts'
import type { Found, Rule } from './rule.ts'

/** A label before an estimate, whatever mark-up stands around it. */
const LABEL =
  /^[\s>*_|+-]*(?:(?:total |overall )?(?:estimated? |expected )?(?:time|effort|duration|estimates?|estimation)(?: estimate)?|(?:estimated? )?total|timeline|预计(?:时间|工时|耗时|工期)?|工时|工期|耗时|总(?:计|工时|工期|时间)|estimación|duración|estimativa|duração|schätzung|aufwand|dauer|durée|оценка|срок|見積もり|所要時間|예상 시간)[\s*_]*[:：][\s*_]*/iu
const TOTAL = /\b(?:total|overall)\b|总/iu

interface Stated {
  estimate: Estimate
  line: Line
}

function stated(line: Line): Stated | undefined {
  const label = LABEL.exec(line.text)
  const estimate = label === null ? undefined : estimateAt(line.text.slice(label[0].length))
  return estimate === undefined ? undefined : { estimate, line }
}

/** Room for how people round, and for days of six hours. */
const ROOM = 1.25

const contradiction: Rule = {
  id: 'estimate-contradiction',
  severity: 'warning',
  why: 'When a sum and its parts disagree, one of them was written for another plan, and whoever approves does not know which.',
  fix: 'Bring the sum and its parts to the same figure, or leave one of them out.',
  check(plan) {
    if (plan.mode !== 'task-based') return []
    const source = plan.files.find(({ path }) => path === plan.index)
    if (source === undefined) return []
    const lines = splitLines(source.text).map((text, at) => ({ file: plan.index, line: at + 1, text }))
    const phases = plan.phases.filter(({ place }) => place.file === plan.index)
    const ends = endsOf(phases, lines.length)
    const read = phases.map((phase, at) => ({
      phase,
      ...estimatesOf(phase, lines.slice(phase.place.line - 1, ends[at])),
    }))
    return [
      ...read
        .filter(({ phase }) => isOpen(phase))
        .flatMap(({ phase, own, tasks }) => inPhase(plan, phase, own, tasks)),
      ...ofPlan(plan, lines.slice(0, (phases[0]?.place.line ?? 1) - 1), read),
    ]
  },
}

/** The last line of each phase: the one before the phase that is written next. */
function endsOf(phases: readonly Phase[], last: number): number[] {
  const starts = [...new Set(phases.map(({ place }) => place.line))].sort((a, b) => a - b)
  const next = new Map(starts.map((start, at) => [start, (starts[at + 1] ?? last + 1) - 1]))
  return phases.map(({ place }) => next.get(place.line) ?? last)
}

interface PhaseEstimates {
  /** What is said of the phase as a whole: in its heading, and on lines before its first task. */
  own: Stated[]
  tasks: (Estimate | undefined)[]
}

/** `lines`: the heading and what is below it. */
function estimatesOf(phase: Phase, lines: readonly Line[]): PhaseEstimates {
  const [heading, ...body] = lines
  const marks = phase.tasks.map(({ place }) => place.line)
  const firstTask = Math.min(...marks, Infinity)
  const own: Stated[] = []
  const inHeading = heading === undefined ? undefined : estimateInBrackets(heading.text)
  if (heading !== undefined && inHeading !== undefined) own.push({ estimate: inHeading, line: heading })
  const details = new Map<number, Estimate>()
  let task: number | undefined
  const starts = new Set(marks)
  for (const line of body) {
    if (starts.has(line.line)) task = line.line
    const found = stated(line)
    if (found === undefined) continue
    if (line.line < firstTask) own.push(found)
    else if (task !== undefined && !details.has(task)) details.set(task, found.estimate)
  }
  const first = phase.place.line
  const estimateOf = ({ place }: Task): Estimate | undefined =>
    estimateInBrackets(lines[place.line - first]?.text ?? '') ?? details.get(place.line)
  return { own, tasks: phase.tasks.map(estimateOf) }
}

function inPhase(plan: Plan, phase: Phase, own: readonly Stated[], tasks: PhaseEstimates['tasks']): Found[] {
  const [first, second] = own
  if (first === undefined) return []
  const at = { place: { file: first.line.file, line: first.line.line }, phase: phase.id }
  if (second !== undefined && disagree(first.estimate, second.estimate)) {
    return [
      {
        ...at,
        place: { file: second.line.file, line: second.line.line },
        message: `${named(phase, plan)} is estimated at ${first.estimate.text} and at ${second.estimate.text}`,
        related: [
          { file: first.line.file, line: first.line.line, message: `${first.estimate.text} stands here` },
        ],
      },
    ]
  }
  const sum = sumOf(tasks)
  if (sum === undefined || sum.unit !== first.estimate.unit) return []
  // Less is no contradiction: a phase also holds its reviews and what nobody thought of.
  if (sum.low <= first.estimate.high * ROOM && sum.high * 2 >= first.estimate.low) return []
  return [
    {
      ...at,
      message: `${named(phase, plan)} is estimated at ${first.estimate.text}, its ${count(tasks.length, plan.words.task)} at ${describeEstimate(sum)} together`,
    },
  ]
}

const disagree = (a: Estimate, b: Estimate): boolean =>
  a.unit === b.unit && (a.low > b.high * ROOM || b.low > a.high * ROOM)

/** The figure for the whole plan against its phases: at least the longest chain of them, at most one after another. */
function ofPlan(
  plan: Plan,
  preamble: readonly Line[],
  read: readonly { phase: Phase; own: Stated[]; tasks: PhaseEstimates['tasks'] }[],
): Found[] {
  const total = preamble
    .filter(({ text }) => TOTAL.test(text))
    .map(stated)
    .find((one) => one !== undefined)
  if (total === undefined || read.length < 2) return []
  const sum = sumOf(read.map(({ own }) => own[0]?.estimate))
  if (sum === undefined || sum.unit !== total.estimate.unit) return []
  const least = longestChain(
    plan,
    new Map(read.map(({ phase, own }) => [phase.id, own[0]?.estimate.low ?? 0])),
  )
  if (total.estimate.low <= sum.high * ROOM && least <= total.estimate.high * ROOM) return []
  return [
    {
      place: { file: total.line.file, line: total.line.line },
      message: `The plan is estimated at ${total.estimate.text}, its ${count(read.length, plan.words.phase)} at ${describeEstimate(sum)} together`,
    },
  ]
}

/** What phases take that wait for each other, in written order of what each waits for. */
function longestChain(plan: Plan, takes: ReadonlyMap<string, number>): number {
  const done = new Map<string, number>()
  for (const phase of plan.phases) {
    const before = Math.max(0, ...phase.after.map((id) => done.get(id) ?? 0))
    done.set(phase.id, before + (takes.get(phase.id) ?? 0))
  }
  return Math.max(0, ...done.values())
}

export const estimates: Rule[] = [contradiction]
