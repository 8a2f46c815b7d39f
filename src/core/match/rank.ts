import MiniSearch from 'minisearch'

import { list } from '../text/display.ts'
import { overlap, significantWords } from '../text/words.ts'
import type { Definition } from './definition.ts'

/** A definition that fits a phase. */
export interface Ranked {
  definition: Definition
  /** The phase names it. */
  named: boolean
  /** Below one, the best of a search 0.9: comparable within one search. */
  share: number
  why: string
}

/** What a phase is searched with. */
export interface PhaseText {
  text: string
  words: ReadonlySet<string>
  /** What it is about in short: these words weigh more. */
  title: ReadonlySet<string>
}

/** Definitions that can be searched, best first: those that the phase names, then by their text (BM25 over name, description, body). */
export interface Ranking {
  search(phase: PhaseText): Ranked[]
}

/** A hit in a name tells more than one in a description, and that more than one in a long body. */
const BOOST = { name: 4, description: 2, keywords: 1, body: 0.3 }
/** How much more a word of the phase's title weighs. */
const TITLE = 3
/** Of a body; what a skill is about stands at its beginning. */
const MAX_BODY = 8_000

export function rankingOf(definitions: Iterable<Definition>): Ranking {
  const all = [...definitions]
  const index = new MiniSearch<{ id: number }>({
    fields: Object.keys(BOOST),
    tokenize: (text) => [...significantWords(text)],
    processTerm: (term) => term,
    searchOptions: { boost: BOOST, combineWith: 'OR' },
  })
  index.addAll(
    all.map(({ name, description, keywords, text }, id) => ({
      ...{ id, description, keywords },
      name: name.replaceAll(/[-_:]/g, ' '),
      body: text.slice(0, MAX_BODY),
    })),
  )
  return {
    search({ text, words, title }) {
      const lower = text.toLowerCase()
      const named = all.filter(({ name }) => isNamed(lower, name.toLowerCase()))
      const scored =
        all.length === 0
          ? []
          : index.search([...words].join(' '), {
              tokenize: (given) => given.split(' '),
              boostTerm: (term) => (title.has(term) ? TITLE : 1),
            })
      const fitting = scored.flatMap(({ id, score }) => {
        const definition = all[Number(id)]
        if (definition === undefined || named.includes(definition)) return []
        const common = commonWords(definition, words)
        return common === undefined ? [] : [{ definition, score, common }]
      })
      const best = Math.max(...fitting.map(({ score }) => score), Number.MIN_VALUE)
      return [
        ...named.map((definition) => ({ definition, named: true, share: 0, why: 'the phase names it' })),
        ...fitting.map(({ definition, score, common }) => ({
          ...{ definition, named: false, share: Math.round((900 * score) / best) / 1_000 },
          why: `both speak of ${list(common, 4)}`,
        })),
      ]
    },
  }
}

/**
 * The words that show that a definition is about what the phase is about; undefined where they are too few to tell: a search finds
 * something for every text. The whole name, or a fifth of the description and three words at least.
 */
function commonWords({ nameWords, words }: Definition, of: ReadonlySet<string>): string[] | undefined {
  const ofName = overlap(nameWords, of)
  const ofDescription = overlap(words, of)
  const wholeName =
    nameWords.size > 0 && ofName === nameWords.size && (nameWords.size > 1 || ofDescription > 1)
  if (!wholeName && (ofDescription < 3 || ofDescription * 5 < words.size)) return undefined
  return [...new Set([...nameWords, ...words].filter((word) => of.has(word)))]
}

/** In code marks, with an @, or after the word skill or agent: a name alone may be an ordinary word. */
function isNamed(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at !== -1; at = text.indexOf(name, at + name.length)) {
    const before = text.slice(Math.max(0, at - 12), at)
    const after = text.slice(at + name.length, at + name.length + 8)
    if (/[\w-]$/.test(before) || /^[\w-]/.test(after)) continue
    if (
      /(?:@|(?:skills?|agents?)(?: type)?[:\s]+[`*"]*|技能[:：\s]*)$/.test(before) ||
      /^[`*"]*\s+(?:skill|agent)\b/.test(after)
    )
      return true
    if (name.includes('-') && /`$/.test(before) && after.startsWith('`')) return true
  }
  return false
}
