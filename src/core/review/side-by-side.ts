import type { Phase, Plan } from '../model/plan.ts'
import { modulesOf, openPhases, textOf } from './facts.ts'
import { reachability } from './graph.ts'
import { CONCERNS, WORDS } from './vocabulary.ts'

/** Enough to show; a plan of very many phases has very many pairs. */
const MAX_PAIRS = 200

/**
 * Pairs of open phases that nothing ties together: no stated dependency, no common file, no mention of each other, directly
 * or through others. A phase that names no file is never in one, since nothing is known about it; groundwork ties all that
 * follows to it, lower layers tie higher ones, finishing work ties itself to all before.
 */
export function independentPairs(plan: Plan): [Phase, Phase][] {
  const phases = openPhases(plan)
  const edges = links(phases)
  const reaches = reachability(edges)
  const known = phases.filter((phase) => phase.files.length > 0)
  const pairs: [Phase, Phase][] = []
  for (const [at, later] of known.entries()) {
    for (const earlier of known.slice(0, at)) {
      if (pairs.length === MAX_PAIRS) return pairs
      if (!reaches(later.id, earlier.id) && !reaches(earlier.id, later.id)) pairs.push([earlier, later])
    }
  }
  return pairs
}

function links(phases: Phase[]): Map<string, string[]> {
  const edges = new Map<string, string[]>()
  const lastWithFile = new Map<string, string>()
  const mentions = mentionFinder(phases)
  for (const [at, phase] of phases.entries()) {
    const before = phases.slice(0, at)
    const waits = new Set<string>(phase.dependsOn)
    const finishes = WORDS.finish.test(phase.title)
    for (const earlier of before) {
      if (finishes || laysGround(earlier, phase)) waits.add(earlier.id)
    }
    for (const file of phase.files) {
      const owner = lastWithFile.get(file)
      if (owner !== undefined) waits.add(owner)
      lastWithFile.set(file, phase.id)
    }
    for (const id of mentions(phase)) waits.add(id)
    waits.delete(phase.id)
    edges.set(phase.id, [...waits])
  }
  return edges
}

/** Layers build on each other even where the plan does not say so. */
const LAYERS = ['database', 'backend', 'frontend']

function laysGround(earlier: Phase, later: Phase): boolean {
  if (WORDS.groundwork.test(earlier.title)) return true
  const [low, high] = [layerOf(earlier), layerOf(later)]
  return low !== -1 && low < high
}

/** -1 where a title names none; the lowest where it names several. */
const layerOf = (phase: Phase): number =>
  LAYERS.findIndex((layer) => CONCERNS[layer]?.words.test(phase.title))

/** The ids of phases that a phase speaks of: "phase 2", or the path or name of a file that the other one names. */
function mentionFinder(phases: Phase[]): (phase: Phase) => string[] {
  const owners = new Map<string, string[]>()
  for (const phase of phases) {
    for (const file of phase.files) {
      for (const name of fileNames(file)) {
        const known = owners.get(name)
        if (known === undefined) owners.set(name, [phase.id])
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
      for (const owner of owners.get(word.toLowerCase().replace(/^\.\/|[.,]+$/g, '')) ?? []) found.add(owner)
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
  const edges = links(unstated)
  return !(edges.get(later.id) ?? []).includes(earlier.id) && !sharesTitleWord(earlier, later)
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
