/**
 * Why a gate of a phase did not open: what was found, and what to do next. `reason` is kebab-case and stable, `paths` are the
 * files it is about (all of them, where the message names only the first few).
 */
export interface Problem<R extends string = string> {
  reason: R
  message: string
  hint: string
  /** Where in an artifact, e.g. "findings[2].line"; undefined where it is about the whole. */
  at?: string
  paths?: string[]
}

/** "1 file", "2 files". */
export const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`

/** The first five, and how many more there are. */
export function some(items: readonly string[], shown = 5): string {
  const more = items.length - shown
  return more > 0 ? `${items.slice(0, shown).join(', ')} and ${more} more` : items.join(', ')
}

/** An agent that did a whole phase was sent back and left pieces out again. */
export const leftOut = (notes: string[]): Problem => ({
  reason: 'units-left-out',
  message: `The agent left out a part of the phase, and did so again when it was sent back:\n${notes.join('\n')}`,
  hint: 'Do it by hand; going on gives the phase to an agent once more, with this said. Without --no-subprocess each piece has an agent of its own.',
})

/** What several steps say that failed beside each other, each thing once. */
export const both = (first: Problem, second: Problem): Problem => ({
  ...first,
  message: joined(first.message, second.message, '\n'),
  hint: joined(first.hint, second.hint, ' '),
})
const joined = (first: string, second: string, between: string): string =>
  first.includes(second) ? first : `${first}${between}${second}`
