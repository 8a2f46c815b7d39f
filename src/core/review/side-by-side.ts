import type { Phase, Plan } from '../model/plan.ts'
import { modulesOf, openPhases, textOf } from './facts.ts'
import { indexedReachability, reachability } from './graph.ts'
import { CONCERNS, WORDS } from './vocabulary.ts'

/** Enough to show; a plan of very many phases has very many pairs. */
const MAX_PAIRS = 200

/**
 * Pairs of open phases that nothing ties together: no stated dependency, no common file, no mention of each other, directly
 * or through others. A phase that names no file is never in one, since nothing is known about it; groundwork ties all that
 * follows to it, lower layers tie higher ones, finishing work ties itself to all before.
 */
export function independentPairs(plan: Plan): [Phase, Phase][] {
  const known = pairsByPlan.get(plan) ?? findPairs(plan)
  pairsByPlan.set(plan, known)
  return known
}

const pairsByPlan = new WeakMap<Plan, [Phase, Phase][]>()

function findPairs(plan: Plan): [Phase, Phase][] {
  const phases = openPhases(plan)
  const { placeOf, has } = indexedReachability(links(phases))
  const known = phases.flatMap((phase) => {
    const place = placeOf(phase.id)
    return phase.files.length === 0 || place === undefined ? [] : { phase, place }
  })
  const pairs: [Phase, Phase][] = []
  for (const [at, later] of known.entries()) {
    for (let before = 0; before < at; before += 1) {
      const earlier = known[before]
      if (earlier === undefined || has(later.place, earlier.place) || has(earlier.place, later.place))
        continue
      pairs.push([earlier.phase, later.phase])
      if (pairs.length === MAX_PAIRS) return pairs
    }
  }
  return pairs
}

/** A node that is no phase: no id holds a line feed. */
const joint = (name: string): string => `\n${name}`

/**
 * What waits for what. Where a phase waits for many (all before it, every owner of a name), it waits for a joint that does, so that
 * there are as many edges as the plan is long and not as many as it has pairs.
 */
function links(phases: Phase[]): Map<string, string[]> {
  const edges = new Map<string, string[]>()
  const lastWithFile = new Map<string, string>()
  const mentions = mentionFinder(phases, edges)
  /** The joint of all before, of those that lay ground, of each layer. */
  const chains = new Map<string, string>()
  const extend = (chain: string, id: string): void => {
    const before = chains.get(chain)
    const name = joint(`${chain} ${id}`)
    edges.set(name, before === undefined ? [id] : [id, before])
    chains.set(chain, name)
  }
  for (const phase of phases) {
    const waits = new Set<string>(phase.dependsOn)
    const layer = layerOf(phase)
    const ties = ['ground', ...LAYERS.slice(0, Math.max(0, layer))]
    for (const chain of WORDS.finish.test(phase.title) ? ['all'] : ties) {
      const before = chains.get(chain)
      if (before !== undefined) waits.add(before)
    }
    for (const file of phase.files) {
      const owner = lastWithFile.get(file)
      if (owner !== undefined) waits.add(owner)
      lastWithFile.set(file, phase.id)
    }
    for (const id of mentions(phase)) waits.add(id)
    waits.delete(phase.id)
    edges.set(phase.id, [...waits])
    extend('all', phase.id)
    if (WORDS.groundwork.test(phase.title)) extend('ground', phase.id)
    else if (layer >= 0) extend(LAYERS[layer] ?? '', phase.id)
  }
  return edges
}

/** Layers build on each other even where the plan does not say so. */
const LAYERS = ['database', 'backend', 'frontend']

/** -1 where a title names none; the lowest where it names several. */
const layerOf = (phase: Phase): number =>
  LAYERS.findIndex((layer) => CONCERNS[layer]?.words.test(phase.title))

/**
 * What a phase speaks of: the ids of phases ("phase 2"), and the joint of those that name a file by whose path or name it speaks. The
 * joints are put into `edges`.
 */
function mentionFinder(phases: Phase[], edges: Map<string, string[]>): (phase: Phase) => string[] {
  for (const phase of phases) {
    for (const file of phase.files) {
      for (const name of fileNames(file)) {
        const known = edges.get(joint(`name ${name}`))
        if (known === undefined) edges.set(joint(`name ${name}`), [phase.id])
        else known.push(phase.id)
      }
    }
  }
  const ids = new Map(phases.map((phase) => [phase.id.toLowerCase(), phase.id]))
  return (phase) => {
    const text = textOf(phase)
    const found = new Set<string>()
    for (const [, id] of text.matchAll(/(?:phase|阶段|fase)\s*([0-9]+(?:\.[0-9]+)?[a-z]?)/gi)) {
      const known = ids.get((id ?? '').toLowerCase())
      if (known !== undefined) found.add(known)
    }
    for (const [word] of text.matchAll(/[\w@./-]+/g)) {
      const name = joint(`name ${word.toLowerCase().replace(/^\.\/|[.,]+$/g, '')}`)
      const owners = edges.get(name)
      // its own files are no ties
      if (owners !== undefined && owners.some((owner, at) => owner !== phase.id || at > 0)) found.add(name)
    }
    return [...found]
  }
}

/** Names that every second directory has. */
const COMMON_NAME =
  /^(index|main|mod|lib|init|__init__|types|utils?|helpers?|config|readme|route|page|layout|styles?|app|test|tests)$/

/** What a text calls a file: its path, and where they are distinctive its name and its name without ending. */
function fileNames(path: string): string[] {
  const lower = path.toLowerCase()
  const name = lower.split('/').at(-1) ?? lower
  const stem = name.replace(/\..*$/, '')
  if (COMMON_NAME.test(stem)) return [lower]
  return [...new Set(stem.length > 4 ? [lower, name, stem] : [lower, name])]
}

/** A stated dependency that nothing in the two phases supports: files of other modules, and no word of each other. */
export function looksIndependent(plan: Plan, earlier: Phase, later: Phase): boolean {
  if (earlier.files.length === 0 || later.files.length === 0) return false
  if (plan.phases[0] === earlier || WORDS.groundwork.test(earlier.title) || WORDS.finish.test(later.title))
    return false
  const modules = new Set(modulesOf(earlier.files))
  const laterModules = modulesOf(later.files)
  if (modules.size === 0 || laterModules.length === 0 || laterModules.some((module) => modules.has(module)))
    return false
  if (later.specs.length > 0 || earlier.specs.length > 0) return false
  const unstated = [earlier, later].map((phase) => ({
    ...phase,
    text: withoutDependencyLines(phase.text),
    dependsOn: [],
  }))
  return !reachability(links(unstated))(later.id, earlier.id) && !sharesTitleWord(earlier, later)
}

/** The line that states the dependency is no evidence that it is needed. */
const withoutDependencyLines = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !/depend|blocked by|after phase|requires|依赖|前置/i.test(line))
    .join('\n')

function sharesTitleWord(earlier: Phase, later: Phase): boolean {
  const text = textOf(later).toLowerCase()
  return (earlier.title.toLowerCase().match(/\p{L}{4,}/gu) ?? []).some((word) => text.includes(word))
}
