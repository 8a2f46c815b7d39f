/** Times and points as plans state them. */
export interface Estimate {
  /** Hours of work, or story points. */
  unit: 'hours' | 'points'
  low: number
  high: number
  /** As written. */
  text: string
}

/** Hours of work: a day has eight, a week five days, a month four weeks. What people mean differs; who compares leaves room. */
const UNITS: readonly (readonly [RegExp, Estimate['unit'], number])[] = [
  [/^(?:minutes?|mins?|minuten|minutos?|分钟|分|분|минут\p{L}*)$/iu, 'hours', 1 / 60],
  [/^(?:hours?|hrs?|h|stunden?|std|horas?|heures?|小时|工时|時間|시간|час\p{L}*)$/iu, 'hours', 1],
  [/^(?:days?|d|tage?n?|pt|días?|dias?|jours?|人天|工作日|天|日間|日|일|дн\p{L}*|день)$/iu, 'hours', 8],
  [/^(?:weeks?|wks?|w|wochen?|semanas?|semaines?|周|週間|주|недел\p{L}*)$/iu, 'hours', 40],
  [/^(?:months?|monate?n?|mes(?:es)?|mois|个月|月|ヶ月|개월|месяц\p{L}*)$/iu, 'hours', 160],
  [/^(?:story points?|points?|pts?|sp)$/iu, 'points', 1],
]

const NUMBER = '(\\d{1,4}(?:[.,]\\d{1,2})?)'
const UNIT =
  '(story points?|[\\p{Script=Latin}\\p{Script=Cyrillic}]{1,12}|分钟|小时|工时|工作日|人天|天|周|个月|分|時間|日間|週間|ヶ月|日|月|시간|분|일|주|개월)'
const RANGE = `(?:~|≈|±|<|about |approx\\.? |around |ca\\. ?|约)?\\s?${NUMBER}(?:\\s?(?:${UNIT}\\s?)?(?:-|–|—|to|~|至|到|bis|a|à)\\s?${NUMBER})?\\s?-?${UNIT}(?![\\p{L}\\d])`

/** An estimate at the start of a text: "2-3 days (rough)", "~4h", "90 min". */
export const estimateAt = (text: string): Estimate | undefined => read(START.exec(text))
const START = new RegExp(`^[\\s*_\`]*${RANGE}`, 'iu')

/** An estimate that stands alone between brackets: "Write the parser (2h)", "[est: 3 days]". */
export const estimateInBrackets = (text: string): Estimate | undefined => read(BRACKETS.exec(text))
const BRACKETS = new RegExp(
  `[([（]\\s?(?:est\\.?|estimated?|effort|time|预计|工时|约)?\\s?:?\\s?${RANGE}\\s?[)\\]）]`,
  'iu',
)

function read(match: RegExpExecArray | null): Estimate | undefined {
  if (match === null) return undefined
  const [whole, first, inner, second, unit] = match
  const last = unitOf(unit)
  if (first === undefined || last === undefined) return undefined
  // "4h - 2 days" names a unit on either side.
  const start = inner === undefined ? last : unitOf(inner)
  if (start === undefined || start.unit !== last.unit) return undefined
  const [low, high] = [first, second ?? first].map((text) => Number(text.replace(',', '.')))
  if (low === undefined || high === undefined) return undefined
  return {
    unit: last.unit,
    low: low * (second === undefined ? last.factor : start.factor),
    high: high * last.factor,
    text: whole
      .replace(/^[\s*_`([（]+/u, '')
      .replace(/[\s)\]）]+$/u, '')
      .replace(/^(?:est\.?|estimated?|effort|time|预计|工时)?\s?:\s?/iu, ''),
  }
}

function unitOf(word: string | undefined): { unit: Estimate['unit']; factor: number } | undefined {
  const found = UNITS.find(([is]) => is.test(word ?? ''))
  return found === undefined ? undefined : { unit: found[1], factor: found[2] }
}

/** All together; undefined where one is not known or they do not measure the same. */
export function sumOf(estimates: readonly (Estimate | undefined)[]): Omit<Estimate, 'text'> | undefined {
  const [first] = estimates
  if (first === undefined) return undefined
  const sum = { unit: first.unit, low: 0, high: 0 }
  for (const estimate of estimates) {
    if (estimate === undefined || estimate.unit !== first.unit) return undefined
    sum.low += estimate.low
    sum.high += estimate.high
  }
  return sum
}

/** "14 hours", "2–3 days", "8 points". */
export function describeEstimate({ unit, low, high }: Omit<Estimate, 'text'>): string {
  const [size, noun] =
    unit === 'points' ? [1, 'point'] : high >= 80 ? [40, 'week'] : high >= 24 ? [8, 'day'] : [1, 'hour']
  const [from, to] = [low, high].map((value) => String(Math.round((value / size) * 10) / 10))
  return `${from === to ? to : `${from}–${to}`} ${noun}${to === '1' ? '' : 's'}`
}
