import type { Result } from '../../core/model/result.ts'
import type { Agent } from '../../core/ports.ts'
import type { CageDoor, Opened } from './door.ts'

/**
 * An agent that is made when it is first needed, in the cage if there is to be one. What is wrong with the configuration is said
 * at once, what is missing for a cage in its preflight, with everything else that is missing.
 */
export function heldAgent(
  make: (around: Pick<Opened, 'cage'> & { tmpDir: string }) => Result<Agent>,
  door: CageDoor,
  /** Said in the preflight before the cage is looked for. */
  refused: Awaited<ReturnType<Agent['preflight']>> = [],
): Result<Agent> {
  const free = make({ cage: undefined, tmpDir: '' })
  if (!free.ok) return free
  let made: Promise<Agent> | undefined
  const agent = async (): Promise<Agent> => {
    const { cage, tmpDir } = await door.open()
    const found = make({ cage, tmpDir })
    return found.ok ? found.value : free.value
  }
  return {
    ok: true,
    value: {
      name: free.value.name,
      ...(free.value.metered === undefined ? {} : { metered: free.value.metered }),
      ...(free.value.leads === undefined ? {} : { leads: free.value.leads }),
      ...(free.value.nameFor === undefined ? {} : { nameFor: free.value.nameFor }),
      async preflight() {
        if (refused.length > 0) return refused
        const { problems } = await door.open()
        return [...problems, ...(await (await (made ??= agent())).preflight())]
      },
      async run(request, signal, onActivity) {
        return await (await (made ??= agent())).run(request, signal, onActivity)
      },
      ...(free.value.about === undefined
        ? {}
        : { about: async () => (await (await (made ??= agent())).about?.()) ?? { warnings: [] } }),
      cage: async () => (await door.open()).standing,
    },
  }
}
