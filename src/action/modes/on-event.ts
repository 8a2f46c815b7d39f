/** Mode plan on an event of a pull request: the gate. Loads what the first request needs; `gate.ts` the rest. */
import { theEvent } from '../event.ts'
import { openForge } from '../open-forge.ts'
import { type Outcome, refused } from '../outcome.ts'
import type { Surroundings } from '../surroundings.ts'
import { gate } from './gate.ts'

export async function onEvent(around: Surroundings): Promise<Outcome> {
  const forge = await openForge(around)
  if (!forge.ok) return refused(forge.error)
  const done = await gate(await theEvent(around.env), forge.value, around.log)
  if (!done.ok) return refused(done.error)
  around.log(done.value)
  return {
    annotations: [],
    summary: undefined,
    outputs: { run: '', phases: '[]', agent: '' },
    failed: false,
  }
}
