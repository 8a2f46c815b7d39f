/** Phases that wait for one written after them: the section moves behind it. */
import type { Phase, Plan } from '../../model/plan.ts'
import { openPhases } from '../facts.ts'
import { linesOf } from '../line-edits.ts'
import { reachesOf } from '../waits.ts'
import type { Mend } from './mend.ts'

export const movePhases: Mend = {
  rules: ['forward-dependency'],
  propose(plan) {
    const none = { files: new Map<string, string>(), changes: [] }
    const written = linesOf(plan, plan.index)
    // Behind the last line something may come to stand, and another may become the last.
    const isClosed = written === undefined || written.at(-1) === ''
    const lines = isClosed ? written : closed(written)
    const reaches = reachesOf(plan)
    const at = new Map<string, number>(plan.phases.map(({ id }, index) => [id, index]))
    for (const phase of openPhases(plan)) {
      const own = at.get(phase.id) ?? 0
      const later = phase.dependsOn.filter((id) => (at.get(id) ?? -1) > own && !reaches(id, phase.id))
      const behind = plan.phases[Math.max(...later.map((id) => at.get(id) ?? -1))]
      if (behind === undefined || lines === undefined) continue
      const moved = movedBehind(plan, lines, phase, behind)
      if (moved === undefined) continue
      const text = moved.join('\n')
      // one at a time: the next is seen when this has been read again
      return {
        files: new Map([[plan.index, isClosed ? text : text.replace(/\r?\n$/, '')]]),
        changes: [
          {
            what: `Move ${plan.words.phase} ${phase.id} behind ${plan.words.phase} ${behind.id}`,
            why: 'It waits for it, and readers take the written order for the order of work.',
            place: phase.place,
          },
        ],
        moved: true,
      }
    }
    return none
  },
}

/** The lines of a text that ends without a line end, with one: that of the line above. */
const closed = (lines: readonly string[]): string[] => [
  ...lines.slice(0, -1),
  `${lines.at(-1) ?? ''}${lines.at(-2)?.endsWith('\r') === true ? '\r' : ''}`,
  '',
]

function movedBehind(
  plan: Plan,
  lines: readonly string[],
  phase: Phase,
  behind: Phase,
): string[] | undefined {
  const [start, other] = [phase.place.line - 1, behind.place.line - 1]
  const level = levelOf(lines[start])
  // siblings only: sections of one level, with nothing above them in between
  if (level === undefined || levelOf(lines[other]) !== level || phase.place.file !== plan.index)
    return undefined
  const isEnd = (line: string): boolean => (levelOf(line) ?? 7) <= level
  const next = (from: number): number => {
    const found = lines.findIndex((line, at) => at > from && isEnd(line))
    return found < 0 ? lines.length : found
  }
  const [end, until] = [next(start), next(other)]
  const between = lines.slice(start, until).filter((line) => (levelOf(line) ?? 7) < level)
  if (
    between.length > 0 ||
    lines.slice(start, until).some((line) => /^\s*(?:`{3,}|~{3,}|<!--|---\s*$)/.test(line))
  )
    return undefined
  const section = lines.slice(start, end)
  const rest = lines.slice(until)
  const [body, blank] = withoutBlanks(lines.slice(end, until))
  const [own, gap] = withoutBlanks(section)
  const sep = gap.length > 0 ? gap : blank.length > 0 ? blank : ['']
  return [
    ...lines.slice(0, start),
    ...body,
    ...sep,
    ...own,
    ...(rest.length > 0 && blank.length === 0 ? sep : blank),
    ...rest,
  ]
}

const levelOf = (line = ''): number | undefined => /^(#{1,6})\s/.exec(line)?.[1]?.length

/** The lines, and the blank ones at their end. */
function withoutBlanks(lines: readonly string[]): [string[], string[]] {
  let end = lines.length
  while (end > 0 && (lines[end - 1] ?? '').trim() === '') end -= 1
  return [lines.slice(0, end), lines.slice(end)]
}
