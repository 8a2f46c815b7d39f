/** The modes that work on the checkout. What they need is loaded while git looks at it. */
import { openCheckout } from '../open-checkout.ts'
import { type Outcome, refused } from '../outcome.ts'
import type { Surroundings } from '../surroundings.ts'

export async function onJob(around: Surroundings): Promise<Outcome> {
  const opening = openCheckout(around)
  // Told below; a fault while the rest is loaded must not go unheard, nor end the process before that.
  opening.catch(() => {})
  const { work } = await import('./work.ts')
  const opened = await opening
  if (!opened.ok) return refused(opened.error)
  try {
    return await work(around, opened.value)
  } finally {
    await opened.value.close()
  }
}
