import type { Diagnostic, Severity } from '../../model/diagnostic.ts'
import type { FindingSeverity, PlanReviewArtifact } from '../../model/finding.ts'
import type { Plan, PlanFile } from '../../model/plan.ts'
import { oneLine } from '../../text/clean.ts'
import { makeVisible, sanitize } from '../../text/sanitize.ts'
import { overlap, significantWords } from '../../text/words.ts'
import { rootPath } from './prompt.ts'

/** The rule that findings of an agent stand under: for severities, silencing and reports. */
export const AGENT_RULE = 'agent-review'

/** An agent adds to the rules and does not outweigh them: none of its findings is an error unless the configuration says so. */
const WEIGHT: Readonly<Record<FindingSeverity, Severity>> = {
  P0: 'warning',
  P1: 'warning',
  P2: 'info',
  P3: 'info',
}
/** More is noise. */
const MAX_FINDINGS = 40
/** How far from the line that it names a quote is looked for: agents miscount. */
const NEAR = 3
const MAX_MESSAGE = 300
const MAX_DETAIL = 1_500

export interface AgentFindings {
  diagnostics: Diagnostic[]
  /** Left out: no such file, no such line, the quote stands elsewhere. */
  misplaced: number
  /** Left out: the rules or the agent itself said it before. */
  repeated: number
}

type Reported = PlanReviewArtifact['findings'][number]

/** What of an agent's findings can be believed to be about this plan and is new, worst first. Its text is for people to read. */
export function agentFindings(
  plan: Plan,
  reported: readonly Reported[],
  known: readonly Diagnostic[],
  agent: string,
): AgentFindings {
  const result: AgentFindings = { diagnostics: [], misplaced: 0, repeated: 0 }
  const worstFirst = [...reported].sort((a, b) =>
    a.severity < b.severity ? -1 : a.severity > b.severity ? 1 : 0,
  )
  for (const one of worstFirst) {
    const file = fileOf(plan, one.file)
    const line = file === undefined ? undefined : lineOf(file, one)
    if (file === undefined || line === undefined) {
      result.misplaced++
      continue
    }
    const found = toDiagnostic(one, { file: file.path, line }, agent)
    if ([...known, ...result.diagnostics].some((other) => isSame(found, other))) result.repeated++
    else if (result.diagnostics.length < MAX_FINDINGS) result.diagnostics.push(found)
  }
  return result
}

/** As the contract has it (from the root), or from the plan directory, as people say it. */
function fileOf(plan: Plan, name: string): PlanFile | undefined {
  const path = name.replace(/^\.\//, '')
  return plan.files.find((file) => rootPath(plan, file.path) === path || file.path === path)
}

/** The line that is meant, from 1: where the quote stands, or the named one where nothing is quoted; it says something. */
function lineOf({ text }: PlanFile, { line, quote }: Reported): number | undefined {
  const lines = text.split(/\r\n|\r|\n/)
  const said = plain(quote?.split('\n').find((part) => part.trim() !== '') ?? '')
  const stands = (at: number): boolean => {
    const there = plain(lines[at - 1] ?? '')
    if (there === '') return false
    return said === '' || there.includes(said) || (there.length > 8 && said.includes(there))
  }
  if (line > lines.length) return undefined
  if (said === '') return stands(line) ? line : undefined
  for (let away = 0; away <= NEAR; away++) {
    const found = [line - away, line + away].find((at) => at >= 1 && stands(at))
    if (found !== undefined) return found
  }
  return undefined
}

/** Words and signs that a reader sees: marks, boxes and spaces are left out of the comparison. */
const plain = (text: string): string =>
  sanitize(text)
    .replace(/^\s*\d+\|\s/, '')
    .replaceAll(/\[[ xX]\]|[\s*_`>#|-]+/g, ' ')
    .trim()
    .toLowerCase()

function toDiagnostic(
  { severity, title, detail, recommendation, options }: Reported,
  place: { file: string; line: number },
  agent: string,
): Diagnostic {
  const hint = recommendation ?? options?.[0]?.label ?? 'Look at it and decide.'
  return {
    rule: AGENT_RULE,
    severity: WEIGHT[severity],
    ...place,
    message: `${agent}: ${shown(title, MAX_MESSAGE)}`,
    hint: shown(hint, MAX_MESSAGE),
    why: shown(detail, MAX_DETAIL),
  }
}

function shown(text: string, max: number): string {
  const line = makeVisible(oneLine(sanitize(text)))
  return line.length <= max ? line : `${line.slice(0, max).trimEnd()}…`
}

/** On the same line, and about the same: most words of the shorter one in the other. */
function isSame(one: Diagnostic, other: Diagnostic): boolean {
  if (one.file !== other.file || Math.abs(one.line - other.line) > (other.rule === AGENT_RULE ? NEAR : 0))
    return false
  const [a, b] = [one, other].map(({ rule, message, hint }) =>
    significantWords(
      `${rule === AGENT_RULE ? message.slice(message.indexOf(': ')) : `${rule} ${message} ${hint}`}`,
    ),
  )
  if (a === undefined || b === undefined) return false
  return overlap(a, b) * 2 >= Math.min(a.size, b.size)
}
