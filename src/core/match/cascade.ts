import type { PhaseId } from '../model/ids.ts'
import type { Phase } from '../model/plan.ts'
import { significantWords } from '../text/words.ts'
import type { Definition, Origin } from './definition.ts'
import type { InstalledSet } from './installed.ts'
import { type PhaseText, type Ranked, type Ranking, rankingOf } from './rank.ts'
import { type Hit, registryHits } from './registry-hits.ts'
import type { ProjectRegistry } from './registry-file.ts'
import type { Safety } from './safety.ts'

export interface MatchedSkill {
  name: string
  source: 'registry' | Origin
  /** Where it lies: a path, or the catalogue that has it. */
  from?: string
  why: string
  /** Comparable within a phase only. */
  score: number
  /** Undefined where a registry names a skill that is not installed. */
  text?: string
}

/** What a catalogue has for a phase; nothing of it is used until somebody consents. */
export interface Offer {
  kind: 'skill' | 'agent'
  name: string
  from: string
  why: string
  score: number
}

export interface Assignment {
  phase: PhaseId
  /** "general-purpose" where nothing fits. */
  agentType: string
  /** What a definition of this agent says, where there is one, and where it lies. */
  agentText?: string
  agentFrom?: string
  /** Best first. */
  skills: MatchedSkill[]
  why: string
  /** Of the agent type: 10 where the phase names it, 8 to 2 by the registry, then what is installed; 0 where nothing fits. */
  score: number
  offers: Offer[]
}

export const FALLBACK = 'general-purpose'
/** More would crowd the task out of the prompt. */
const MAX_SKILLS = 5
const MAX_OFFERS = 3
/** Named in the phase itself. The registry's kinds lie between, from 8 to 2, then what is found by its text. */
const NAMED = 10
const BASE: Readonly<Record<Origin, number>> = { project: 1, home: 1, plugin: 1, catalogue: 0, search: 0 }

/** Everything that phases are matched with. */
export interface Cascade {
  registry: ProjectRegistry
  installed: InstalledSet
  /** What catalogues have. */
  offered: readonly Definition[]
  /** Whether somebody consented to use it. */
  install: boolean
  safety: Safety
}

/** Agents or skills by their names and by their text, those that are installed before those that are offered. */
class Stock {
  readonly byName = new Map<string, Definition>()
  readonly #installed: Ranking
  readonly #offered: Ranking

  constructor(installed: ReadonlyMap<string, Definition>, offered: readonly Definition[]) {
    for (const one of offered) if (!this.byName.has(one.name)) this.byName.set(one.name, one)
    const further = [...this.byName.values()].filter(({ name }) => !installed.has(name))
    for (const one of installed.values()) this.byName.set(one.name, one)
    this.#installed = rankingOf(installed.values())
    this.#offered = rankingOf(further)
  }

  search = (phase: PhaseText): { installed: Ranked[]; offered: Ranked[] } => ({
    installed: this.#installed.search(phase),
    offered: this.#offered.search(phase),
  })
}

/** Gives each phase its agent type and skills, and tells which definitions it used of those that are offered. */
export function assigner(cascade: Cascade): (phase: Phase) => { assignment: Assignment; used: Definition[] } {
  const { registry, installed, offered, install, safety } = cascade
  const of = (kind: Definition['kind']) => offered.filter((one) => one.kind === kind)
  const agents = new Stock(installed.agents, of('agent'))
  const skills = new Stock(installed.skills, of('skill'))
  const isUsable = (one: Definition) => safety.allows(one) && (install || BASE[one.origin] > 0)
  const there = (stock: Stock, name: string): Definition | undefined => {
    const one = stock.byName.get(name)
    return one !== undefined && isUsable(one) ? one : undefined
  }

  return (phase) => {
    const text = textOf(phase)
    const given = { text, words: significantWords(text), title: significantWords(phase.title) }
    const hits = registryHits(phase, text, registry)
    const foundAgents = agents.search(given)
    const foundSkills = skills.search(given)
    const agent = chooseAgent(hits, [...foundAgents.installed, ...foundAgents.offered].filter(usable))
    const definition = there(agents, agent.name)
    const chosen = merged([
      ...hits.flatMap((hit) => hit.entry.skills.map((name) => skillOf(name, hit))),
      ...[...foundSkills.installed, ...foundSkills.offered].filter(usable).map(asSkill),
    ])
    const assignment: Assignment = {
      phase: phase.id,
      agentType: agent.name,
      ...(definition !== undefined && { agentText: definition.text, agentFrom: definition.from }),
      skills: chosen,
      why: agent.why,
      score: agent.score,
      offers: install ? [] : offersFor(agent.name, hits, foundAgents.offered, foundSkills.offered),
    }
    const names = new Set(chosen.map(({ name }) => name))
    const used = [...(definition === undefined ? [] : [definition]), ...skills.byName.values()].filter(
      (one) => BASE[one.origin] === 0 && (one === definition || names.has(one.name)),
    )
    return { assignment, used: used.filter(isUsable) }
  }

  function usable({ definition }: Ranked): boolean {
    return isUsable(definition)
  }

  function skillOf(name: string, { why, score }: Hit): MatchedSkill {
    const one = there(skills, name)
    const text = one?.text ?? registry.own.texts[name] ?? registry.base.texts[name]
    return {
      ...{ name, source: one?.origin ?? 'registry', why, score },
      ...(one !== undefined && { from: one.from }),
      ...(text !== undefined && { text }),
    }
  }

  /** What would be there with consent: an agent where nothing else fits, skills that a registry misses or that fit by their text. */
  function offersFor(agent: string, hits: Hit[], byAgent: Ranked[], bySkill: Ranked[]): Offer[] {
    const missing = hits.flatMap(({ entry, why, score }) =>
      entry.skills.flatMap((name) => {
        const one = skills.byName.get(name)
        const isMissing = there(skills, name) === undefined && !isTold(name)
        return one !== undefined && isMissing && safety.allows(one) ? [offerOf(one, why, score)] : []
      }),
    )
    const found = [...byAgent.filter(({ named }) => named || agent === FALLBACK).slice(0, 1), ...bySkill]
    const all = [
      ...missing,
      ...found
        .filter(({ definition }) => safety.allows(definition))
        .map((one) => offerOf(one.definition, one.why, scoreOf(one))),
    ]
    const first = new Map<string, Offer>()
    for (const offer of all) {
      const key = `${offer.kind} ${offer.name}`
      if (!first.has(key)) first.set(key, offer)
    }
    return [...first.values()].sort((a, b) => b.score - a.score).slice(0, MAX_OFFERS)
  }

  function isTold(name: string): boolean {
    return (registry.own.texts[name] ?? registry.base.texts[name]) !== undefined
  }
}

const offerOf = ({ kind, name, from }: Definition, why: string, score: number): Offer => ({
  ...{ kind, name, from, why, score },
})

/** All that a phase says of itself. */
export const textOf = (phase: Phase): string =>
  [
    phase.title,
    phase.text,
    ...phase.tasks.map((t) => t.title),
    ...phase.specs.map((s) => `${s.name}\n${s.text}`),
  ].join('\n')

function chooseAgent(hits: Hit[], found: Ranked[]): { name: string; why: string; score: number } {
  const named = found.find((one) => one.named)
  if (named !== undefined) return agentOf(named)
  const best = hits.find((hit) => hit.entry.agent !== '')
  if (best !== undefined) return { name: best.entry.agent, why: best.why, score: best.score }
  const [first] = found
  return first === undefined
    ? { name: FALLBACK, why: 'nothing in the registry, installed or in a catalogue fits', score: 0 }
    : agentOf(first)
}

const agentOf = (one: Ranked) => ({ name: one.definition.name, why: one.why, score: scoreOf(one) })

const scoreOf = ({ named, share, definition }: Ranked): number =>
  named ? NAMED : BASE[definition.origin] + share

const asSkill = (one: Ranked): MatchedSkill => {
  const { name, origin, from, text } = one.definition
  return { name, source: origin, from, why: one.why, score: scoreOf(one), text }
}

/** Each name once, with its best score. */
function merged(skills: MatchedSkill[]): MatchedSkill[] {
  const best = new Map<string, MatchedSkill>()
  for (const skill of skills) {
    const known = best.get(skill.name)
    if (known === undefined || skill.score > known.score) best.set(skill.name, skill)
  }
  return [...best.values()].sort((a, b) => b.score - a.score).slice(0, MAX_SKILLS)
}
