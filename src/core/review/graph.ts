/** Small graph algorithms over string ids. Edges point from what waits to what it waits for. */
export type Edges = ReadonlyMap<string, readonly string[]>

/** For every node all that it reaches, without itself unless it lies on a cycle. Bit sets: n² / 64 words. */
export function reachability(edges: Edges): (from: string, to: string) => boolean {
  const index = new Map([...edges.keys()].map((id, at) => [id, at]))
  const wordsPerRow = Math.ceil(index.size / 32)
  const rows = new Map([...edges.keys()].map((id) => [id, new Uint32Array(wordsPerRow)]))
  // Until nothing changes: one pass per level of the deepest chain that is written against the order, two as a rule.
  for (let changed = true; changed;) {
    changed = false
    for (const [id, targets] of edges) {
      const row = rows.get(id)
      if (row === undefined) continue
      for (const target of targets) {
        const at = index.get(target)
        const further = rows.get(target)
        if (at === undefined || further === undefined) continue
        if (merge(row, further, at)) changed = true
      }
    }
  }
  return (from, to) => {
    const at = index.get(to)
    return at !== undefined && (((rows.get(from)?.[at >> 5] ?? 0) >>> (at & 31)) & 1) === 1
  }
}

function merge(row: Uint32Array, further: Uint32Array, bit: number): boolean {
  let changed = false
  for (let word = 0; word < row.length; word++) {
    const before = row[word] ?? 0
    const own = word === bit >> 5 ? 1 << (bit & 31) : 0
    const after = (before | (further[word] ?? 0) | own) >>> 0
    if (after !== before) {
      row[word] = after
      changed = true
    }
  }
  return changed
}

/** Cycles without a common node, each as the ids in order (`[1, 2, 3]` is 1 → 2 → 3 → 1). Empty where there is none. */
export function cycles(edges: Edges): string[][] {
  const left = new Map(
    [...edges].map(([id, targets]) => [id, new Set(targets.filter((target) => edges.has(target)))]),
  )
  const waiting = new Map<string, string[]>()
  for (const [id, targets] of left) {
    for (const target of targets) {
      const waiters = waiting.get(target)
      if (waiters === undefined) waiting.set(target, [id])
      else waiters.push(id)
    }
  }
  const remove = (first: string[]) => {
    const queue = [...first]
    for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
      if (!left.delete(id)) continue
      for (const waiter of waiting.get(id) ?? []) {
        const targets = left.get(waiter)
        targets?.delete(id)
        if (targets?.size === 0) queue.push(waiter)
      }
    }
  }
  remove([...left].filter(([, targets]) => targets.size === 0).map(([id]) => id))
  const found: string[][] = []
  for (let start = first(left.keys()); start !== undefined; start = first(left.keys())) {
    const cycle = walk(left, start)
    found.push(cycle)
    remove(cycle)
  }
  return found
}

/** Every node that is left waits for one that is left, so that a walk must come back to where it was. */
function walk(left: ReadonlyMap<string, ReadonlySet<string>>, start: string): string[] {
  const path: string[] = []
  const at = new Map<string, number>()
  for (let id: string | undefined = start; id !== undefined; id = first(left.get(id) ?? [])) {
    const seen = at.get(id)
    if (seen !== undefined) return rotate(path.slice(seen), [...left.keys()])
    at.set(id, path.length)
    path.push(id)
  }
  return path
}

/** Starts at the node that is written first, so that the same cycle always reads the same. */
function rotate(cycle: string[], order: string[]): string[] {
  const start = order.find((id) => cycle.includes(id)) ?? ''
  const at = Math.max(0, cycle.indexOf(start))
  return [...cycle.slice(at), ...cycle.slice(0, at)]
}

const first = <T>(items: Iterable<T>): T | undefined => {
  for (const item of items) return item
  return undefined
}
