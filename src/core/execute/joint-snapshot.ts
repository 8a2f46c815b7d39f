import type { Sha } from '../model/ids.ts'
import type { Workspace } from '../ports.ts'

/** One look at a directory after the last of `count` steps in it has ended, shared by all that ended well. */
export function jointSnapshot(
  workspace: Workspace,
  count: number,
): { snapshot: () => Promise<Sha>; leave: () => void } {
  let waiting = count
  let release: () => void = () => undefined
  const all = new Promise<void>((resolve) => (release = resolve))
  let taken: Promise<Sha> | undefined
  const leave = (): void => {
    waiting--
    if (waiting <= 0) release()
  }
  return {
    leave,
    snapshot: async () => {
      leave()
      await all
      return await (taken ??= workspace.snapshot())
    },
  }
}
