import { between, seeded } from './random.ts'

export interface Node {
  id: string
  after: string[]
  /** What the plan lets us guess: the scheduler's only knowledge. */
  weight: number
  /** How long it really takes, in the unit of `weight`. */
  takes: number
}

export interface Graph {
  nodes: Node[]
  slots: number
}

/**
 * A plan's graph by chance: phases in written order, each waiting for up to three of those shortly before it, some for none.
 * What a phase takes is its weight, off by up to 30 %.
 */
export function randomGraph(seed: number, limits = { phases: [5, 60], slots: [1, 8] }): Graph {
  const random = seeded(seed)
  const [fewest = 5, largest = 60] = limits.phases
  const [narrow = 1, wide = 8] = limits.slots
  const count = between(random, fewest, largest)
  // From narrow chains, where the critical path rules, to wide fields, where the slots do.
  const reach = between(random, 2, count)
  const rootShare = random() * 0.6
  const most = between(random, 1, 3)
  const nodes = Array.from({ length: count }, (_, i): Node => {
    const weight = between(random, 1, 10)
    const before = new Set<number>()
    if (i > 0 && random() >= rootShare) {
      for (let n = between(random, 1, most); n > 0; n--)
        before.add(between(random, Math.max(0, i - reach), i - 1))
    }
    const takes = weight * (0.7 + random() * 0.6)
    return {
      id: String(i + 1),
      after: [...before].sort((a, b) => a - b).map((at) => String(at + 1)),
      weight,
      takes,
    }
  })
  return { nodes, slots: between(random, narrow, wide) }
}

/** What no schedule can beat: the longest chain, and all work spread over all slots. */
export function bound({ nodes, slots }: Graph): number {
  const end = new Map<string, number>()
  for (const { id, after, takes } of nodes) {
    end.set(id, takes + Math.max(0, ...after.map((one) => end.get(one) ?? 0)))
  }
  const work = nodes.reduce((sum, { takes }) => sum + takes, 0)
  return Math.max(...end.values(), work / slots)
}

/** Waves, as many tools do it: everything that is ready runs, and nothing new begins until all of it has ended. */
export function inWaves({ nodes, slots }: Graph): number {
  const done = new Set<string>()
  let total = 0
  while (done.size < nodes.length) {
    const wave = nodes.filter(({ id, after }) => !done.has(id) && after.every((one) => done.has(one)))
    const free = Array.from({ length: slots }, () => 0)
    for (const { id, takes } of wave) {
      const first = free.indexOf(Math.min(...free))
      free[first] = (free[first] ?? 0) + takes
      done.add(id)
    }
    total += Math.max(...free)
  }
  return total
}

export const oneByOne = ({ nodes }: Graph): number => nodes.reduce((sum, { takes }) => sum + takes, 0)
