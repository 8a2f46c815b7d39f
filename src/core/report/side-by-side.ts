import type { Phase } from '../model/plan.ts'

/**
 * Which phases could run at the same time: groups of phases that have the same distance from the start and name no
 * common file. Only a hint for a reader: the scheduler starts a phase the moment it can, in no groups.
 */
export function sideBySide(phases: readonly Phase[]): string[] {
  const levels = new Map<number, Phase[]>()
  const depth = depths(phases)
  for (const phase of phases) {
    const level = depth.get(phase.id) ?? 0
    levels.set(level, [...(levels.get(level) ?? []), phase])
  }
  return [...levels.entries()]
    .sort(([a], [b]) => a - b)
    .map(([, together]) => withoutSharedFiles(together))
    .filter((group) => group.length > 1)
    .map((group) => group.map((phase) => phase.id).join(' + '))
}

/** Longest way from a start, per phase. A cycle, which the review refuses, ends at the first repetition. */
function depths(phases: readonly Phase[]): Map<string, number> {
  const known = new Map<string, number>()
  const byId = new Map<string, Phase>(phases.map((phase) => [phase.id, phase]))
  const visit = (phase: Phase, path: ReadonlySet<string>): number => {
    const seen = known.get(phase.id)
    if (seen !== undefined) return seen
    if (path.has(phase.id)) return 0
    const below = new Set(path).add(phase.id)
    const before = phase.after.flatMap((id) => byId.get(id) ?? []).map((other) => visit(other, below) + 1)
    const depth = Math.max(0, ...before)
    known.set(phase.id, depth)
    return depth
  }
  for (const phase of phases) visit(phase, new Set())
  return known
}

function withoutSharedFiles(group: readonly Phase[]): Phase[] {
  const taken = new Set<string>()
  return group.filter((phase) => {
    if (phase.files.some((file) => taken.has(file))) return false
    for (const file of phase.files) taken.add(file)
    return true
  })
}
