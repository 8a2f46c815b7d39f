import type { RunState } from '../run/state.ts'
import { oneLine } from '../text/clean.ts'
import { list, plural } from '../text/display.ts'

/** What agents of a run get besides its plan, as the run keeps it: a sentence for skills, one for sheets. */
export function keptNotes({
  skills,
  sheets = [],
  words,
}: Pick<RunState, 'skills' | 'sheets' | 'words'>): string[] {
  const of = (phases: readonly string[]): string =>
    `${phases.length === 1 ? words.phase : plural(words.phase)} ${list([...phases], 9)}`
  const taken = skills.map(
    ({ kind, name, from, phases }) => `${kind} ${oneLine(name)} of ${oneLine(from)} for ${of(phases)}`,
  )
  const made = sheets.map(
    ({ tech, from, phases }) => `${tech}${from === undefined ? '' : ` (${oneLine(from)})`} for ${of(phases)}`,
  )
  return [
    ...(taken.length === 0 ? [] : [`Taken from catalogues, as approved: ${taken.join('; ')}.`]),
    ...(made.length === 0 ? [] : [`Cheat sheets that its agents get: ${made.join('; ')}.`]),
  ]
}
