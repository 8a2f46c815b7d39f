/** "Phase 1.5: Title", "第三阶段：标题", "Fase 2 — Título", "Stage A. Title": how people name a phase. */
import { plain } from './inline.ts'

export interface PhaseLabel {
  /** As written; Chinese and Japanese numerals become digits. */
  id: string
  /** What follows number and separator, as source. */
  title: string
  /** False where no separator stands between number and title ("Phase 1 Acceptance"): it may only mention the phase. */
  separated: boolean
  /** `phase` is a word for phase; `similar` one that many plans use for parts of something else (step, sprint, milestone). */
  word: 'phase' | 'similar'
}

const PHASE =
  'phases?|fases?|fasi|fazy|faza|fáze|fázis|fas|fasen|phasen?|stages?|etapas?|étapes?|etapy|etap|этап(?:ы|а|ов|ам|ами)?|фаз(?:а|ы|и|е|у|ой)?|етап|aşama|giai đoạn|' +
  'tahap|vaihe|φάση|שלב|المرحلة|مرحلة|चरण'
const SIMILAR =
  'steps?|sprints?|milestones?|waves?|iterations?|weeks?|days?|batch(?:es)?|parts?|schritte?|pasos?|passos?|kroki?|шаг|meilenstein|hitos?|' +
  'semanas?|wochen?|settiman[ae]|semaines?|недел[яи]'
const CJK_PHASE = '阶段|階段|切片|フェーズ|フェイズ|ステージ|段階|단계|페이즈|스테이지'
const CJK_SIMILAR = '步骤|步驟|里程碑|轮|輪|周|週|ステップ|스텝|마일스톤|迭代|冲刺'
const DIGITS = '\\d{1,4}(?:\\.\\d{1,4}){0,3}(?:-\\d{1,3}(?![\\d/]))?(?:[a-zA-Z](?![\\p{L}\\p{N}]))?'
const NUMERAL = '[零〇一二三四五六七八九十百两]{1,4}'
const LETTERS = '[A-Z]{1,4}-\\d{1,3}[a-z]?|[A-Z]\\d{1,2}|[IVX]{1,5}|[A-Z]'
/** "Phase One", "Stage Two": written out, they are digits like numerals. */
const WRITTEN = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten']
const SEPARATOR = '[ \\t*_~`]*(?:[:：.．、,，|·]|[—–]+|-+(?=\\s)|\\)(?=\\s)|/(?=\\s))[ \\t*_~`]*'
const ID = `(${DIGITS}|${NUMERAL}(?![\\p{L}])|${WRITTEN.join('|')}|${LETTERS})(?![\\p{L}\\p{N}])`

const latin = (words: string): RegExp =>
  new RegExp(
    `^(?:${words})(?![\\p{L}\\p{N}])[\\s*_#№-]*(?:n[oº°]\\.?\\s*)?${ID}(?:(${SEPARATOR})|(?=[\\s*_\`(（\\[【]|$))`,
    'iu',
  )
const cjkBefore = (words: string): RegExp =>
  new RegExp(
    `^(?:${words})\\s*(${DIGITS}|${NUMERAL}|[A-Z])(?![\\p{N}])(?:(${SEPARATOR})|(?=[\\s*_\`(（\\[【]|$))`,
    'u',
  )
const cjkAfter = (words: string): RegExp =>
  new RegExp(
    `^(?:第\\s*(${DIGITS}|${NUMERAL})\\s*(?:个|個)?\\s*(?:${words})|(\\d{1,4})\\s*(?:차\\s*)?(?:${words}))(?:(${SEPARATOR})|(?=[\\s*_\`(（\\[【]|$))`,
    'u',
  )

/** `begins`: how its words begin, so that no pattern is compiled (4 ms each, at every start) for a text that is none. */
const FORMS: { word: PhaseLabel['word']; begins: (text: string) => boolean; pattern: () => RegExp }[] = [
  form('phase', latin, PHASE),
  form('phase', cjkAfter, CJK_PHASE),
  form('phase', cjkBefore, CJK_PHASE),
  form('similar', latin, SIMILAR),
  form('similar', cjkAfter, CJK_SIMILAR),
  form('similar', cjkBefore, CJK_SIMILAR),
]

function form(
  word: PhaseLabel['word'],
  make: (words: string) => RegExp,
  words: string,
): (typeof FORMS)[number] {
  const starts = new Set(
    words.split('|').map((each) =>
      each
        .replace(/\[.*|.\?/g, '')
        .slice(0, 3)
        .toUpperCase(),
    ),
  )
  let pattern: RegExp | undefined
  return {
    word,
    begins: (text) =>
      make === cjkAfter
        ? /^[第\d]/.test(text)
        : [1, 2, 3].some((n) => starts.has(text.slice(0, n).toUpperCase())),
    pattern: () => (pattern ??= make(words)),
  }
}

/** Signs, emphasis, boxes and brackets that stand before the word. */
const LEAD = /^(?:[\s*_~`>]|\p{Extended_Pictographic}|\uFE0F|\u200D|[✓☐☑✗→➜➔►•]|\[[ xX✓✔/~>-]\](?=\s))+/u

/** The number of a chapter in front: "3. Phase 1 — Title", "5.2 Phase 2: Title". */
const CHAPTER = /^[\s*_~`]*\d{1,2}(?:\.\d{1,2})*[.)、]?\s+(?=\p{L})/u

/** Reads the name of a phase at the start of a text; the number of a chapter may stand before it. */
export function phaseLabel(source: string): PhaseLabel | undefined {
  const own = labelAt(source, LEAD.exec(source)?.[0].length ?? 0)
  const chapter = own === undefined ? CHAPTER.exec(source)?.[0].length : undefined
  const inner = chapter === undefined ? undefined : labelAt(source, chapter)
  return own ?? (inner?.separated === true ? inner : undefined)
}

function labelAt(source: string, lead: number): PhaseLabel | undefined {
  const text = source.slice(lead, lead + 400)
  for (const { word, begins, pattern } of FORMS) {
    if (!begins(text)) continue
    const match = pattern().exec(text)
    if (match === null) continue
    const groups = match.slice(1).filter((g) => g !== undefined)
    const written = groups[0] ?? ''
    const title = text.slice(match[0].length) + source.slice(lead + 400)
    const separated = groups.length > 1 || /^[\s*_~`]*(?:$|[(（[【])/.test(title)
    if (/^[a-z]$/.test(written) || /^[ivx]+$/.test(written)) continue
    return { id: numeral(written), title: title.trim(), separated, word }
  }
  return undefined
}

const DIGIT: Record<string, number> = {
  零: 0,
  〇: 0,
  一: 1,
  二: 2,
  两: 2,
  三: 3,
  四: 4,
  五: 5,
  六: 6,
  七: 7,
  八: 8,
  九: 9,
}

/** "十二" is 12, "二十" is 20, "Three" is 3; anything else stays as it is. */
export function numeral(text: string): string {
  const written = WRITTEN.indexOf(text.toLowerCase())
  if (written >= 0) return String(written)
  if (!/^[零〇一二三四五六七八九十百两]+$/.test(text)) return text
  let total = 0
  let digit = 0
  for (const char of text) {
    if (char === '十' || char === '百') {
      total += (digit === 0 ? 1 : digit) * (char === '十' ? 10 : 100)
      digit = 0
    } else digit = DIGIT[char] ?? 0
  }
  return String(total + digit)
}

const PLURAL = new RegExp(`^(?:${PHASE}|${CJK_PHASE}|切片|轮次)$`, 'iu')

const CJK = new RegExp(CJK_PHASE)

/** True where a section's title announces phases: "Phases", "## 分阶段任务", "Fases do projeto", "Phase Progress". */
export function namesPhases(title: string): boolean {
  const words = plain(title)
  // "New files (Phase 1)" mentions one phase
  if (phaseReferences(words).ids.length > 0) return false
  if (CJK.test(words)) return phaseLabel(title) === undefined
  return words.split(/[^\p{L}]+/u).some((word) => PLURAL.test(word)) && phaseLabel(title)?.separated !== true
}

/** Compiled when the first text asks (see `FORMS`), and once: a plan asks for each of its lines. */
function references(): RegExp {
  if (pattern !== undefined) return pattern
  const one = `(?:${DIGITS.replace('(?:-\\d{1,3}(?![\\d/]))?', '')}|${NUMERAL}|[A-Z]{1,4}-\\d{1,3}|(?:${WRITTEN.join('|')}|[IVX]{2,5}|[A-Z]\\d{0,2})(?![\\p{L}\\p{N}]))`
  const join =
    '\\s*(?:,|，|、|/|&|\\+|-|–|—|~|〜|to|through|and|und|et|y|e|to|bis|至|到|和|及|与|(?:,|，)\\s*(?:and|und|et|y|e))\\s*'
  const word = `(?:(?:${PHASE}|${SIMILAR})(?![\\p{L}])|${CJK_PHASE}|${CJK_SIMILAR})[\\s#*_]*`
  return (pattern = new RegExp(
    `(?:${word}(${one}(?:${join}(?:${word})?${one})*)|第\\s*(${DIGITS}|${NUMERAL})\\s*(?:${CJK_PHASE}|${CJK_SIMILAR}))`,
    'giu',
  ))
}
let pattern: RegExp | undefined

/** Finds what phases a text refers to: "Phase 1, 2 and 3b", "Phases 2–9", "阶段 1-3 完成", "切片 0". */
export function phaseReferences(text: string): { ids: string[]; all: boolean } {
  const ids: string[] = []
  for (const match of text.slice(0, 2_000).matchAll(references()))
    ids.push(...idList(match[1] ?? match[2] ?? ''))
  const all =
    /\ball\s+(?:the\s+)?(?:previous|prior|preceding|earlier|above|other)?\s*(?:phases|stages|steps)|(?:所有|全部)(?:之?前|其他|先前)?(?:的)?阶段|todas las fases|todas as fases/iu.test(
      text,
    )
  return { ids: [...new Set(ids)], all }
}

let words: RegExp | undefined

/** Ids in a list such as "1, 2 and 5–7"; ranges of integers are expanded (at most 200). */
export function idList(text: string): string[] {
  const ids: string[] = []
  const bare = text.replace(
    (words ??= new RegExp(`(?:${PHASE}|${SIMILAR})(?![\\p{L}])|${CJK_PHASE}|${CJK_SIMILAR}|[#*_\`]`, 'giu')),
    ' ',
  )
  for (const part of bare.split(/,|，|、|\/|&|\+|;|；|\band\b|\bund\b|\bet\b|\sy\s|\se\s|和|及|与/iu)) {
    const range = /^\s*(\d{1,4})\s*(?:-|–|—|~|〜|\bto\b|\bthrough\b|\bbis\b|至|到)\s*(\d{1,4})\s*$/iu.exec(
      part,
    )
    const from = Number(range?.[1])
    const to = Number(range?.[2])
    if (range !== null && from <= to && to - from < 200) {
      for (let n = from; n <= to; n += 1) ids.push(String(n))
    } else if (part.trim() !== '') ids.push(numeral(part.trim()))
  }
  return ids
}
