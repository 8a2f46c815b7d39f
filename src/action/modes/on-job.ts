/** The modes that work on the checkout. What they need is loaded while git looks at it, and then at the remote. */
import { lookFirst } from '../../adapters/git/first-look.ts'
import { type Outcome, refused } from '../outcome.ts'
import type { Surroundings } from '../surroundings.ts'

export async function onJob(around: Surroundings): Promise<Outcome> {
  // Before anything large is read: newer versions of Node read it in one go, and git would wait. No job asks for the status.
  const look = lookFirst(around.workspace, around.env, { status: false })
  const { openCheckout } = await import('../open-checkout.ts')
  const opened = await openCheckout(around, look)
  if (!opened.ok) return refused(opened.error)
  const repository = opened.value
  try {
    const { mode, run } = around.inputs
    const fetching = mode === 'plan' ? undefined : repository.shared.fetch(run)
    // Told by who opens the run; a fault while the rest is loaded must not go unheard, nor end the process before that.
    fetching?.catch(() => {})
    const { work } = await import('./work.ts')
    return await work(around, repository, fetching)
  } finally {
    await repository.close()
  }
}
