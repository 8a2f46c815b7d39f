import { type PhaseId, refSegment, type Sha } from '../model/ids.ts'
import type { Workspaces } from '../ports.ts'
import { savedRef } from './phase-context.ts'

/** The name of a phase's worktree; those of its units begin with it and a dot. */
export const worktreeName = (phase: PhaseId): string => `phase-${refSegment(phase)}`

interface Merged {
  run: string
  phase: PhaseId
  attempt: number
  /** A commit that is kept: what is compared with, and what the directory becomes before it goes. */
  head: Sha
}

/** Directories of units that a killed process left: their work is recorded, what is not is saved first. */
export async function removeUnits(workspaces: Workspaces, at: Merged): Promise<void> {
  const prefix = `${worktreeName(at.phase)}.`
  for (const { name } of await workspaces.list(at.run)) {
    if (!name.startsWith(prefix)) continue
    const unit = await workspaces.open(at.run, name, at.head)
    await unit.reset(at.head, savedRef(at.run, at.phase, at.attempt))
    await workspaces.remove(unit)
  }
}

/** The worktree of a phase that was merged by a process that was killed before it came to this. What is in no commit stays. */
export async function removeMerged(workspaces: Workspaces, at: Merged): Promise<void> {
  const name = worktreeName(at.phase)
  for (const found of await workspaces.list(at.run)) {
    if (found.name === name) await workspaces.remove(await workspaces.open(at.run, name, at.head))
  }
  await removeUnits(workspaces, at)
}
