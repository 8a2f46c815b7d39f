/** The hand-off file: what the next phase's agents need to know, within the contract's number of lines. */
import type { PhaseResult } from '../model/phase-result.ts'
import { durationText, oneLine } from './progress-file.ts'

export interface Handoff {
  result: PhaseResult
  /** Paths that the phase changed, from the repository's root. */
  files: readonly string[]
  /** Phases that are ready or come next, in order. */
  next: readonly { id: string; title: string }[]
  /** `YYYY-MM-DD`. */
  date: string
}

/**
 * The file's text, at most `maxLines` lines. Decisions and open items are what the next agent cannot find out by looking, so
 * commits and files give way first; what was left out is said.
 */
export function handoffText(handoff: Handoff, maxLines: number): string {
  const { result, files, next, date } = handoff
  const head = [
    `# Hand-off: phase ${result.phase}, ${oneLine(result.title)}`,
    '',
    `${result.status} on ${date} after ${durationText(result.durationMs)}.`,
  ]
  // in the order of the file, each with the order in which it gives way
  const sections: Section[] = [
    {
      title: 'Done',
      lines: result.commits.map((c) => `${c.sha.slice(0, 10)} ${oneLine(c.subject)}`),
      giveWay: 1,
    },
    { title: 'Decisions', lines: result.decisions.map(oneLine), giveWay: 3 },
    { title: 'Files changed', lines: files.map((f) => `\`${f}\``), giveWay: 0 },
    {
      title: 'Open items',
      lines: [
        ...result.deferred.map((d) => `${d.severity} ${d.file}:${d.line} ${oneLine(d.title)}`),
        ...result.questions.map((q) => `Question: ${oneLine(q)}`),
        ...result.criteria.notJudged.map((id) => `Not judged: ${id}`),
      ],
      giveWay: 4,
    },
    { title: 'Next', lines: next.map((p) => `Phase ${p.id}: ${oneLine(p.title)}`), giveWay: 2 },
  ]
  const kept = fit(
    sections.filter((s) => s.lines.length > 0),
    Math.max(0, maxLines - head.length),
  )
  const lines = [...head, ...kept.flatMap(render)]
  return `${lines.slice(0, Math.max(1, maxLines)).join('\n')}\n`
}

interface Section {
  title: string
  lines: string[]
  giveWay: number
  left?: number
}

const render = (section: Section): string[] => [
  '',
  `## ${section.title}`,
  '',
  ...section.lines.map((line) => `- ${line}`),
  ...(section.left === undefined ? [] : [`- … and ${section.left} more`]),
]

/** Shortens sections, the one that gives way first to three lines, then the next, then drops them in the same order. */
function fit(sections: readonly Section[], limit: number): Section[] {
  let kept = [...sections]
  const size = (): number => kept.reduce((sum, s) => sum + render(s).length, 0)
  const order = [...sections].sort((a, b) => a.giveWay - b.giveWay)
  for (const section of order) {
    const over = size() - limit
    if (over <= 0) return kept
    kept = kept.map((s) =>
      s.title === section.title ? shortened(s, Math.max(3, s.lines.length - over - 1)) : s,
    )
  }
  for (const section of order) {
    if (size() <= limit) return kept
    kept = kept.filter((s) => s.title !== section.title)
  }
  return kept
}

const shortened = (section: Section, length: number): Section =>
  section.lines.length <= length
    ? section
    : { ...section, lines: section.lines.slice(0, length), left: section.lines.length - length }
