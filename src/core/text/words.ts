/** Words that say nothing about what a text is about. */
const STOP = new Set(
  (
    'a an and any are as at be been but by can could do does each for from get had has have how if in into is it its ' +
    'just may more most must new no not of on one only or other our out over own per set should so some such than that ' +
    'the their them then there these they this those to up use used user users using via was we well what when where ' +
    'which while who will with within without work working would you your add added build change changes code create ' +
    'created creating define ensure file files fix help helps implement implementing make phase plan project provide ' +
    'provides support task tasks update write writing need needs always also'
  ).split(' '),
)

/** Lower-case words with letters in them, in order; CJK runs come as pairs of characters, since they have no spaces. */
export function words(text: string): string[] {
  const found: string[] = []
  for (const [word] of text
    .toLowerCase()
    .matchAll(/[\p{L}\p{N}][\p{L}\p{N}_+#]*(?:[.-][\p{L}\p{N}_+#]+)*/gu)) {
    if (/[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/.test(word)) {
      for (let at = 0; at < word.length - 1; at++) found.push(word.slice(at, at + 2))
      if (word.length === 1) found.push(word)
    } else if (/\p{L}/u.test(word)) found.push(word)
  }
  return found
}

/** The distinct words that carry meaning, plural and -ing endings cut, so that "migrations" meets "migration". */
export function significantWords(text: string): Set<string> {
  const kept = new Set<string>()
  for (const word of words(text)) {
    if (word.length > 1 && !STOP.has(word)) kept.add(stem(word))
  }
  return kept
}

function stem(word: string): string {
  if (word.length > 5 && word.endsWith('ies')) return `${word.slice(0, -3)}y`
  if (word.length > 6 && word.endsWith('ing')) return word.slice(0, -3)
  if (word.length > 4 && word.endsWith('s') && !word.endsWith('ss')) return word.slice(0, -1)
  return word
}

/** How many of `a`'s members are in `b`. */
export function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let count = 0
  for (const word of a) if (b.has(word)) count++
  return count
}

/**
 * A text prepared for many look-ups of key words: `has("node.js")`, `has("machine learning")`. Whole words only,
 * whatever the case; words in scripts without spaces are found anywhere.
 */
export function searchable(text: string): { has(keyword: string): boolean } {
  const flat = ` ${text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}+#.]+/gu, ' ')
    .replace(/\.+(?=\s|$)/g, '')
    .replace(/(?<=\s)\.+/g, '')} `
  return {
    has(keyword) {
      const key = keyword
        .toLowerCase()
        .replace(/[^\p{L}\p{N}+#.]+/gu, ' ')
        .trim()
      if (key === '') return false
      return /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/.test(key)
        ? flat.includes(key)
        : flat.includes(` ${key} `)
    },
  }
}
