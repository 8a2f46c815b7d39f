/** Small graph algorithms over string ids. Edges point from what waits to what it waits for. */
export type Edges = ReadonlyMap<string, readonly string[]>

export type Reaches = (from: string, to: string) => boolean

/**
 * For every node all that it reaches, without itself unless it lies on a cycle. Bit sets, n² / 64 words; what is reached over another
 * target already is not merged again, so that a plan whose every phase waits for all before it costs a look per edge.
 */
export function reachability(edges: Edges): Reaches {
  const { placeOf, has } = indexedReachability(edges)
  return (from, to) => {
    const [one, other] = [placeOf(from), placeOf(to)]
    return one !== undefined && other !== undefined && has(one, other)
  }
}

/** The same by the places of the nodes, for who asks of all pairs. */
export function indexedReachability(edges: Edges): {
  placeOf: (id: string) => number | undefined
  has: (from: number, to: number) => boolean
} {
  const ids = [...edges.keys()]
  const index = new Map(ids.map((id, at) => [id, at]))
  const targets = ids.map((id) => (edges.get(id) ?? []).flatMap((target) => index.get(target) ?? []))
  const words = Math.ceil(ids.length / 32)
  const rows: Uint32Array[] = []
  /** Place of each node in `groups`, which come in an order in which each reaches only itself and those before it. */
  const places = new Uint32Array(ids.length)
  for (const [place, group] of groups(targets).entries()) {
    for (const node of group) places[node] = place
    const further = group
      .flatMap((node) => targets[node] ?? [])
      .sort((a, b) => (places[b] ?? 0) - (places[a] ?? 0))
    // most nodes of a long flat plan wait for nothing, and a row of bits for each would fill the memory
    if (further.length === 0) continue
    const row = new Uint32Array(words)
    for (const target of further) {
      if (hasBit(row, target)) continue
      setBit(row, target)
      for (const [word, bits] of (rows[target] ?? []).entries()) row[word] = (row[word] ?? 0) | bits
    }
    if (group.length > 1) for (const node of group) setBit(row, node)
    for (const node of group) rows[node] = row
  }
  return {
    placeOf: (id) => index.get(id),
    has: (from, to) => {
      const row = rows[from]
      return row !== undefined && hasBit(row, to)
    },
  }
}

const hasBit = (row: Uint32Array, bit: number): boolean => (((row[bit >> 5] ?? 0) >>> (bit & 31)) & 1) === 1
const setBit = (row: Uint32Array, bit: number): void => {
  row[bit >> 5] = (row[bit >> 5] ?? 0) | (1 << (bit & 31))
}

/** Nodes that reach each other, together; what a group reaches comes before it (Tarjan, without recursion). */
function groups(targets: readonly (readonly number[])[]): number[][] {
  const found: number[][] = []
  const seen = new Map<number, { order: number; low: number; open: boolean }>()
  const open: number[] = []
  const enter = (node: number) => {
    const state = { order: seen.size, low: seen.size, open: true }
    seen.set(node, state)
    open.push(node)
    return { node, state, next: 0 }
  }
  for (const root of targets.keys()) {
    if (seen.has(root)) continue
    const path = [enter(root)]
    for (let here = path.at(-1); here !== undefined; here = path.at(-1)) {
      const target = targets[here.node]?.[here.next]
      if (target !== undefined) {
        here.next += 1
        const known = seen.get(target)
        if (known === undefined) path.push(enter(target))
        else if (known.open) here.state.low = Math.min(here.state.low, known.order)
        continue
      }
      path.pop()
      const waiter = path.at(-1)
      if (waiter !== undefined) waiter.state.low = Math.min(waiter.state.low, here.state.low)
      if (here.state.low === here.state.order) found.push(close(here.node))
    }
  }
  return found

  function close(root: number): number[] {
    const group = open.splice(open.indexOf(root))
    for (const node of group) {
      const state = seen.get(node)
      if (state !== undefined) state.open = false
    }
    return group
  }
}

/** Cycles without a common node, each as the ids in order (`[1, 2, 3]` is 1 → 2 → 3 → 1). Empty where there is none. */
export function cycles(edges: Edges): string[][] {
  const inOne = onCycles(edges)
  const left = new Map(
    [...inOne].map((id) => [id, new Set((edges.get(id) ?? []).filter((target) => inOne.has(target)))]),
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

/** Nodes that reach themselves, in the order of the edges: in most plans none, and then that is all there is to do. */
function onCycles(edges: Edges): Set<string> {
  const ids = [...edges.keys()]
  const index = new Map(ids.map((id, at) => [id, at]))
  const targets = ids.map((id) => (edges.get(id) ?? []).flatMap((target) => index.get(target) ?? []))
  const found = groups(targets).filter(
    ([node = 0, ...others]) => others.length > 0 || targets[node]?.includes(node) === true,
  )
  return new Set(
    found
      .flat()
      .sort((a, b) => a - b)
      .flatMap((node) => ids[node] ?? []),
  )
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
  const members = new Set(cycle)
  const start = order.find((id) => members.has(id)) ?? ''
  const at = Math.max(0, cycle.indexOf(start))
  return [...cycle.slice(at), ...cycle.slice(0, at)]
}

const first = <T>(items: Iterable<T>): T | undefined => {
  for (const item of items) return item
  return undefined
}
