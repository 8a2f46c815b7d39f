import type { PromptContext, PromptFinding } from './context.ts'
import { fenced } from '../../text/fence.ts'
import { bytes, cleaned, cut, inline, revealed } from './text.ts'

/** One piece of the user part. `part` says for the sizes what it is. */
export interface Section {
  part: string
  text: string
}

/** Upper bounds in bytes of what one part may take; far above what plans need, far below what a context window holds. */
export const BOUNDS = {
  phase: 32_000,
  unit: 48_000,
  template: 24_000,
  sheet: 8_000,
  sheets: 24_000,
  skill: 8_000,
  skills: 24_000,
  decisions: 8_000,
  criteria: 16_000,
  findings: 64_000,
  log: 16_000,
  diff: 64_000,
  person: 8_000,
  /** Paths or titles in one list. */
  list: 200,
} as const

/** A fenced text under a heading, cut to its bound; nothing where there is no text. */
export function material(
  part: string,
  heading: string,
  text: string | undefined,
  max: number,
  options: { info?: string; keep?: 'start' | 'end'; code?: boolean; rest?: string } = {},
): Section[] {
  const clean = options.code === true ? revealed(text ?? '') : cleaned(text ?? '')
  if (clean.trim() === '') return []
  const kept = cut(clean.replace(/^\n+|\s+$/g, ''), max, options.keep)
  const note = kept.note === '' ? '' : `\n${kept.note}${options.rest === undefined ? '' : ` ${options.rest}`}`
  return [{ part, text: `${heading}\n${fenced(kept.text, options.info)}${note}` }]
}

/** A list of paths or titles from outside, one a line, each on one line. */
export function list(part: string, heading: string, items: readonly string[] | undefined): Section[] {
  const clean = [...new Set((items ?? []).map((item) => inline(item)))].filter((item) => item !== '')
  if (clean.length === 0) return []
  const more = clean.length - BOUNDS.list
  const shown = clean.slice(0, BOUNDS.list).join('\n')
  return [{ part, text: `${heading}\n${fenced(shown)}${more > 0 ? `\nCut: ${more} more.` : ''}` }]
}

/** Several texts with a name each, every one bounded and all together. */
export function collection(
  part: string,
  heading: string,
  items: readonly { name: string; text: string }[] | undefined,
  bounds: { each: number; all: number },
): Section[] {
  const left: string[] = []
  const texts: string[] = []
  let room = bounds.all
  for (const { name, text } of items ?? []) {
    const title = inline(name, 100)
    const [section] = material(part, `### ${title}`, text, bounds.each, { info: 'md' })
    if (section === undefined) continue
    if (bytes(section.text) > room) left.push(title)
    else {
      room -= bytes(section.text)
      texts.push(section.text)
    }
  }
  if (left.length > 0) texts.push(`Cut: there was no room for ${left.join(', ')}.`)
  return texts.length === 0 ? [] : [{ part, text: `${heading}\n\n${texts.join('\n\n')}` }]
}

/**
 * Criteria by id. What the text above already says is not said again: a criterion that stands there with its id is only named,
 * and where nobody has to answer by id one that stands there without is left out.
 */
export function criteria(context: PromptContext, above: string): Section[] {
  const judged = answersCriteria(context.step)
  const inText: string[] = []
  const lines: string[] = []
  for (const one of context.criteria ?? []) {
    const text = inline(one.text, 2_000)
    const id = inline(one.id, 200)
    const known = text !== '' && above.includes(text)
    // "sessions/AC-1" is AC-1 of the spec "sessions".
    if (known && above.includes(id.slice(id.lastIndexOf('/') + 1))) inText.push(id)
    else if (!known || judged) lines.push(`${id}: ${text}`)
  }
  if (inText.length + lines.length === 0) return []
  const heading = judged ? '## Criteria to judge, each by its id' : '## Done means'
  const named = inText.length === 0 ? '' : `\nIn the text above: ${inText.join(', ')}`
  if (lines.length === 0) return [{ part: 'plan', text: `${heading}${named}` }]
  return material('plan', `${heading}${named}`, lines.join('\n'), BOUNDS.criteria)
}

const answersCriteria = (step: PromptContext['step']): boolean =>
  step === 'phase' || step === 'verify' || step.startsWith('review-')

/**
 * Findings as JSON, one a line. None is ever left out, since each needs an answer: where they are too many, what describes them
 * gets shorter.
 */
export function findings(
  heading: string,
  all: readonly PromptFinding[] | undefined,
  person: string | undefined,
): Section[] {
  if (all === undefined || all.length === 0) return []
  const levels = [20_000, 2_000, 400, 120]
  let text = ''
  let used = 0
  for (const max of levels) {
    text = `[\n${all.map((one) => JSON.stringify(shortened(one, max, person))).join(',\n')}\n]`
    used = max
    if (bytes(text) <= BOUNDS.findings) break
  }
  const note =
    used === levels[0] ? '' : `\nCut: texts are limited to ${used} characters; read the code they point at.`
  return [{ part: 'findings', text: `${heading}\n${fenced(text, 'json')}${note}` }]
}

function shortened(finding: PromptFinding, max: number, person: string | undefined): object {
  const text = (value: string): string => {
    const clean = cleaned(value)
    return clean.length <= max ? clean : `${clean.slice(0, max)}…`
  }
  const { id, severity, file, line, title, detail, options, recommendation, disposition, note } = finding
  return {
    id,
    severity,
    file: inline(file, 1_000),
    line,
    title: inline(title, Math.min(max, 300)),
    // A person's words follow in full below.
    ...(finding.from === 'person' && person?.includes(detail) === true ? {} : { detail: text(detail) }),
    ...(options === undefined || options.length === 0 || max < 400
      ? {}
      : {
          options: options.map((option) =>
            Object.fromEntries(Object.entries(option).map(([key, value]) => [key, text(value ?? '')])),
          ),
        }),
    ...(recommendation === undefined ? {} : { recommendation: text(recommendation) }),
    ...(disposition === undefined ? {} : { disposition }),
    ...(note === undefined ? {} : { note: text(note) }),
  }
}
