import type { Forge } from '../../forge.ts'
import { markerOf } from './publish.ts'

/** Another plan that is to change the same files. */
export interface Neighbour {
  pull: number
  /** What whoever reads this plan has to know of it. */
  note: string
}

/** Other plans that are looked at: a request each. */
const MAX_OTHERS = 5

/**
 * Plans of other open pull requests that are to change the same files. What they are to change stands in the marker of their
 * comment. GitHub not answering costs the remark and nothing else.
 */
export async function otherPlans(
  forge: Forge,
  pull: number,
  label: string,
): Promise<(files: readonly string[]) => Neighbour[]> {
  const labelled = await forge.labelled(label)
  if (!labelled.ok) return () => []
  const numbers = labelled.value.filter((number) => number !== pull).slice(0, MAX_OTHERS)
  const others = await Promise.all(
    numbers.map(async (number) => {
      const facts = await forge.pull(number)
      return { number, files: facts.ok ? new Set(markerOf(facts.value).files) : new Set<string>() }
    }),
  )
  return (files) =>
    others.flatMap(({ number, files: theirs }) => {
      const shared = files.filter((file) => theirs.has(file))
      if (shared.length === 0) return []
      const shown = shared.slice(0, 3)
      const more = shared.length > 3 ? ` and ${shared.length - 3} more` : ''
      const note = `The plan of pull request ${number} is to change ${shown.join(', ')}${more} as well: whichever lands second has to be merged by hand.`
      return [{ pull: number, note }]
    })
}
