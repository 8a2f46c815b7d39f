import type { PhaseId } from '../model/ids.ts'
import { type PhaseState, type RunState, settled } from './state.ts'

/**
 * The phases to start now, in order: every dependency settled, no file shared with a running phase, the longest remaining
 * path first, at most `maxParallelPhases` at a time. There are no waves: a phase starts the moment it can.
 */
export function schedule(state: RunState): PhaseId[] {
  const running = [...state.phases.values()].filter((p) => p.state === 'running')
  const free = state.policy.maxParallelPhases - running.length
  if (free <= 0) return []
  const length = remainingPath(state)
  const ready = [...state.phases.values()]
    .filter((p) => p.state === 'pending' && blocked(state, p) === undefined)
    .map((phase, order) => ({ phase, order, length: length.get(phase.planned.id) ?? 0 }))
    .sort((a, b) => b.length - a.length || a.order - b.order)
  const busy = new Set(running.flatMap((p) => p.planned.files))
  const picked: PhaseId[] = []
  for (const { phase } of ready) {
    if (picked.length === free) break
    if (phase.planned.files.some((file) => busy.has(file))) continue
    for (const file of phase.planned.files) busy.add(file)
    picked.push(phase.planned.id)
  }
  return picked
}

/** Why this phase may not be claimed now; undefined when it may. Asked again at claim time, since others claim too. */
export function canClaim(state: RunState, phase: PhaseState): string | undefined {
  if (phase.state !== 'pending') return `phase ${phase.planned.id} is ${phase.state}`
  const reason = blocked(state, phase)
  if (reason !== undefined) return reason
  const running = [...state.phases.values()].filter((p) => p.state === 'running')
  if (running.length >= state.policy.maxParallelPhases) return `${running.length} phases are running already`
  const files = new Set(phase.planned.files)
  for (const other of running) {
    const shared = other.planned.files.find((file) => files.has(file))
    if (shared !== undefined) return `phase ${other.planned.id} is changing ${shared}`
  }
  return undefined
}

/** What keeps a pending phase from starting, other than what runs beside it. */
function blocked(state: RunState, phase: PhaseState): string | undefined {
  if (state.waitingAfter !== undefined)
    return `the run waits for a go-ahead after phase ${state.waitingAfter}`
  if (state.policy.onFailure === 'stop') {
    const stopped = [...state.phases.values()].find((p) => p.state === 'needs-input')
    if (stopped) return `phase ${stopped.planned.id} stopped the run`
  }
  for (const id of phase.planned.after) {
    const before = state.phases.get(id)
    if (before && !settled(before)) return `it waits for phase ${id}`
  }
  return undefined
}

/** The weight of the longest chain of open phases that begins with each phase, its own included. Linear in edges. */
export function remainingPath(state: RunState): Map<PhaseId, number> {
  const followers = new Map<PhaseId, PhaseId[]>()
  for (const phase of state.phases.values()) {
    for (const before of phase.planned.after) {
      const list = followers.get(before)
      if (list) list.push(phase.planned.id)
      else followers.set(before, [phase.planned.id])
    }
  }
  const length = new Map<PhaseId, number>()
  const onPath = new Set<PhaseId>()
  // Depth-first with a stack of its own: plans have up to a thousand phases in a row.
  for (const start of state.phases.keys()) {
    const stack: { id: PhaseId; entered: boolean }[] = [{ id: start, entered: false }]
    while (stack.length > 0) {
      const top = stack[stack.length - 1]
      if (!top) break
      if (length.has(top.id)) {
        stack.pop()
        continue
      }
      const next = followers.get(top.id) ?? []
      if (!top.entered) {
        top.entered = true
        onPath.add(top.id)
        for (const id of next) if (!length.has(id) && !onPath.has(id)) stack.push({ id, entered: false })
        continue
      }
      stack.pop()
      onPath.delete(top.id)
      const phase = state.phases.get(top.id)
      const own = phase && !settled(phase) ? Math.max(phase.planned.weight, 1) : 0
      length.set(top.id, own + Math.max(0, ...next.map((id) => length.get(id) ?? 0)))
    }
  }
  return length
}
