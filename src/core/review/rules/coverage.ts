import type { Criterion, Spec } from '../../model/plan.ts'
import { overlap, significantWords } from '../../text/words.ts'
import { type Located, openSpecs } from '../facts.ts'
import type { Found, Rule } from './rule.ts'

const orphanedRequirement: Rule = {
  id: 'orphaned-requirement',
  severity: 'warning',
  why: 'A requirement that no task does and no criterion checks is forgotten without anyone noticing.',
  fix: 'Add a task or an acceptance criterion for it, or name its id in the one that covers it.',
  check: (plan) => openSpecs(plan).flatMap(orphans),
}

/**
 * Covered is what a task or criterion names by id, or shares two significant words or one identifier with; and what all of them and
 * the purposes of the files say half of: a requirement is often done in several steps. A spec that names no id anywhere and has
 * neither tasks nor criteria is not judged: `missing-section` says that already.
 */
function orphans({ phase, spec }: Located): Found[] {
  const covering = [...spec.tasks.map((t) => t.title), ...spec.criteria.map((c) => c.text)]
  if (covering.length === 0) return []
  const all = [...covering, ...spec.files.map(({ path, purpose = '' }) => `${path} ${purpose}`)].join('\n')
  const wordsOf = covering.map((text) => significantWords(text))
  const together = significantWords(all)
  const named = new Set(
    covering
      .join(' ')
      .toUpperCase()
      .match(/\bREQ-\d+\b/g),
  )
  // Without ids the words decide, and words are a guess.
  const severity = named.size > 0 ? 'warning' : 'info'
  return spec.requirements
    .filter((requirement) => {
      if (named.has(requirement.id.toUpperCase())) return false
      const own = significantWords(requirement.text)
      const enough = Math.min(2, own.size)
      if (own.size === 0 || wordsOf.some((words) => overlap(own, words) >= enough)) return false
      if (identifiers(requirement.text).some((name) => all.includes(name))) return false
      return own.size < 3 || [...own].filter((word) => isSaid(word, together)).length * 2 < own.size
    })
    .map((requirement) => ({
      place: requirement.place,
      phase: phase.id,
      severity,
      message: `${requirement.id} of spec ${spec.name} is covered by no task and no criterion`,
    }))
}

/** "LLMCallbackServer", "run_sub_agent()": names that stand for one thing. */
const identifiers = (text: string): string[] =>
  text.match(/\b(?:[A-Za-z]+[a-z0-9][A-Z]\w*|[A-Z]{2,}[a-z]\w*|[A-Za-z0-9]+_\w+)\b/g) ?? []

/** "accumulates" where "accumulation" stands: one beginning of six letters, or of all of a shorter word. */
function isSaid(word: string, among: ReadonlySet<string>): boolean {
  if (among.has(word)) return true
  const beginning = word.slice(0, 6)
  return beginning.length >= 5 && [...among].some((other) => other.startsWith(beginning))
}

const duplicateRequirement: Rule = {
  id: 'duplicate-requirement',
  severity: 'warning',
  why: 'One requirement in two places is implemented twice; one id for two requirements makes their trailers and reviews ambiguous.',
  fix: 'Keep it in the spec that owns it and refer to it from the other; number each id once.',
  check(plan) {
    const texts = new Map<string, { requirement: Criterion; spec: Spec }>()
    return openSpecs(plan).flatMap(({ phase, spec }) => {
      const ids = new Map<string, Criterion>()
      return spec.requirements.flatMap((requirement) => {
        const key = requirement.text
          .toLowerCase()
          .replace(/[^\p{L}\p{N}]+/gu, ' ')
          .trim()
        const sameId = ids.get(requirement.id)
        const sameText = key.length < 12 ? undefined : texts.get(key)
        ids.set(requirement.id, sameId ?? requirement)
        if (sameText === undefined) texts.set(key, { requirement, spec })
        const at = { place: requirement.place, phase: phase.id }
        if (sameText !== undefined) {
          const where = { ...sameText.requirement.place, message: 'the same requirement' }
          return {
            ...at,
            message: `${requirement.id} says the same as ${sameText.requirement.id} of spec ${sameText.spec.name}`,
            related: [where],
          }
        }
        if (sameId === undefined) return []
        return {
          ...at,
          message: `${requirement.id} stands twice in spec ${spec.name}`,
          related: [{ ...sameId.place, message: 'first used here' }],
        }
      })
    })
  },
}

const REQUIREMENT_ID = /\bREQ-\d+[a-z]?\b/gi

const idsIn = (text: string): string[] => (text.match(REQUIREMENT_ID) ?? []).map((id) => id.toUpperCase())

/** What a spec's work and its checks say, with their places. */
const workOf = (spec: Spec): { what: string; text: string; place: Found['place'] }[] => [
  ...spec.tasks.map(({ id, title, place }) => ({ what: `Task ${id}`, text: title, place })),
  ...spec.criteria.map(({ id, text, place }) => ({ what: id, text, place })),
]

const unknownRequirement: Rule = {
  id: 'unknown-requirement',
  severity: 'warning',
  why: 'A requirement that is named and nowhere written is work without a reason, or a typing error that leaves the real one uncovered.',
  fix: 'Write the requirement, or name the one that is meant.',
  check(plan) {
    const known = new Set(
      plan.phases
        .flatMap((phase) => phase.specs.flatMap((spec) => spec.requirements))
        .map(({ id }) => id.toUpperCase()),
    )
    // Who writes requirements down elsewhere has none here to compare with.
    if (known.size === 0) return []
    return openSpecs(plan).flatMap(({ phase, spec }) =>
      workOf(spec).flatMap(({ what, text, place }) =>
        [...new Set(idsIn(text))]
          .filter((id) => !known.has(id))
          .map((id) => ({
            place,
            phase: phase.id,
            message: `${what} of spec ${spec.name} names ${id}, which is no requirement of this plan`,
          })),
      ),
    )
  },
}

const unrequiredWork: Rule = {
  id: 'unrequired-work',
  severity: 'info',
  why: 'Where the other tasks and criteria name what they are for, one that names nothing is work that nobody asked for.',
  fix: 'Name the requirement that it serves, write that requirement, or drop it.',
  check: (plan) =>
    openSpecs(plan).flatMap(({ phase, spec }) => {
      const groups = [spec.tasks.map(({ id }) => `Task ${id}`), spec.criteria.map(({ id }) => id)]
      const wanted = spec.requirements.map(({ text }) => significantWords(text))
      return groups.flatMap((names) => {
        const items = workOf(spec).filter(({ what }) => names.includes(what))
        const silent = items.filter(({ text }) => idsIn(text).length === 0)
        // A habit of the spec: most of them say what they are for.
        if (silent.length === 0 || silent.length * 3 > items.length) return []
        return silent
          .filter(({ text }) => {
            const own = significantWords(text)
            return !wanted.some((words) => overlap(own, words) >= Math.min(2, own.size))
          })
          .map(({ what, place }) => ({
            place,
            phase: phase.id,
            message: `${what} of spec ${spec.name} serves no requirement, the others do`,
          }))
      })
    }),
}

export const coverage: Rule[] = [
  orphanedRequirement,
  duplicateRequirement,
  unknownRequirement,
  unrequiredWork,
]
