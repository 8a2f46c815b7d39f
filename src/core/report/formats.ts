import type { Diagnostic, Severity, Silenced } from '../model/diagnostic.ts'
import { planFolder } from '../model/plan-path.ts'
import { READER_RULES } from '../model/rules.ts'
import { summarize } from './diagnostics.ts'

/** What a format tells about a rule itself. The review's catalogue fits. */
export interface RuleInfo {
  id: string
  severity: Severity
  why: string
  fix: string
}

export interface FormatContext {
  /** The plan directory from the repository's root; "" for the root. Places become paths from the root. */
  dir: string
  version: string
  rules: readonly RuleInfo[]
  /** Findings that the plan silences: results with a suppression. */
  silenced?: readonly Silenced[]
}

const LEVELS = { error: 'error', warning: 'warning', info: 'note' } as const
const COMMANDS = { error: 'error', warning: 'warning', info: 'notice' } as const

/** From a plan (its directory, or its one file) to a path from the repository's root; undefined for what lies outside (the user's home). */
export function fromRoot(dir: string, file: string): string | undefined {
  if (file.startsWith('~') || file.startsWith('/')) return undefined
  const folder = planFolder(dir)
  const parts = folder === '' || folder === '.' ? [] : folder.split('/')
  for (const part of file.split('/')) {
    if (part === '..') {
      if (parts.pop() === undefined) return undefined
    } else if (part !== '.' && part !== '') parts.push(part)
  }
  return parts.join('/')
}

/** `review --format json`, as docs/schemas/review.json says. */
export const toJson = (diagnostics: readonly Diagnostic[], silenced: readonly Silenced[] = []): string =>
  `${JSON.stringify(
    {
      summary: summarize(diagnostics),
      diagnostics,
      silenced: silenced.map(({ diagnostic, reason, place }) => ({
        ...diagnostic,
        reason,
        silencedAt: place,
      })),
    },
    undefined,
    2,
  )}\n`

/** The page about a rule of the review, from this project's root; reading a plan gives remarks that have none. */
export const pageOf = (rule: string): string | undefined =>
  READER_RULES.some((id) => id === rule) ? undefined : `docs/rules/${rule}.md`

/**
 * Workflow commands, one a line: GitHub shows them as annotations on the pull request's files.
 * Escaping as in actions/toolkit `packages/core/src/command.ts`.
 */
export function toGithub(diagnostics: readonly Diagnostic[], { dir }: Pick<FormatContext, 'dir'>): string {
  return diagnostics
    .map(({ severity, file, line, endLine, column, endColumn, rule, message, why, hint }) => {
      const path = fromRoot(dir, file)
      const where =
        path === undefined
          ? []
          : [
              `file=${property(path)}`,
              `line=${line}`,
              ...(endLine === undefined ? [] : [`endLine=${endLine}`]),
              ...(column === undefined ? [] : [`col=${column}`]),
              ...(endColumn === undefined ? [] : [`endColumn=${endColumn}`]),
            ]
      const text = [message, why, hint].filter((part) => part !== undefined).join('\n')
      return `::${COMMANDS[severity]} ${[...where, `title=${property(rule)}`].join(',')}::${data(text)}\n`
    })
    .join('')
}

const data = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')

/** SARIF 2.1.0, as code scanning takes it: https://docs.oasis-open.org/sarif/sarif/v2.1.0/ */
export function toSarif(
  found: readonly Diagnostic[],
  { dir, version, rules, silenced = [] }: FormatContext,
): string {
  const reasons = new Map(silenced.map(({ diagnostic, reason }) => [diagnostic, reason]))
  const diagnostics = [...found, ...reasons.keys()]
  const known = new Map(rules.map((rule) => [rule.id, rule]))
  const ids = [...new Set([...known.keys(), ...diagnostics.map(({ rule }) => rule)])]
  const indexOf = new Map(ids.map((id, at) => [id, at]))
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'orchestrate',
            version,
            rules: ids.map((id) =>
              ruleOf(
                id,
                known.get(id),
                diagnostics.find(({ rule }) => rule === id),
              ),
            ),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: diagnostics.map((diagnostic) => ({
          ruleId: diagnostic.rule,
          ruleIndex: indexOf.get(diagnostic.rule),
          level: LEVELS[diagnostic.severity],
          message: { text: `${diagnostic.message}. ${diagnostic.hint}` },
          locations: [diagnostic].flatMap((place) => location(dir, place)),
          ...(diagnostic.related !== undefined && {
            relatedLocations: diagnostic.related.flatMap((place) =>
              location(dir, place).map((where) => ({ ...where, message: { text: place.message } })),
            ),
          }),
          partialFingerprints: { 'finding/v1': fingerprint(diagnostic) },
          ...(reasons.has(diagnostic) && {
            suppressions: [{ kind: 'inSource', justification: reasons.get(diagnostic) }],
          }),
        })),
      },
    ],
  }
  return `${JSON.stringify(log, undefined, 2)}\n`
}

function ruleOf(id: string, rule: RuleInfo | undefined, example: Diagnostic | undefined) {
  const why = rule?.why ?? example?.why ?? id
  const help = rule?.fix ?? example?.hint ?? why
  const page = rule === undefined ? undefined : pageOf(id)
  return {
    id,
    shortDescription: { text: id.replaceAll('-', ' ') },
    fullDescription: { text: why },
    help: {
      text: help,
      markdown: `${why}\n\n**Fix.** ${help}${page === undefined ? '' : `\n\nMore: ${page}`}`,
    },
    defaultConfiguration: { level: LEVELS[rule?.severity ?? example?.severity ?? 'warning'] },
  }
}

type Located = Pick<Diagnostic, 'file' | 'line' | 'endLine' | 'column' | 'endColumn'>

function location(dir: string, { file, line, endLine, column, endColumn }: Located) {
  const path = fromRoot(dir, file)
  if (path === undefined) return []
  const region = {
    startLine: line,
    ...(endLine !== undefined && { endLine }),
    ...(column !== undefined && { startColumn: column }),
    ...(endColumn !== undefined && { endColumn }),
  }
  return [
    {
      physicalLocation: {
        artifactLocation: { uri: path.split('/').map(encodeURIComponent).join('/') },
        region,
      },
    },
  ]
}

/** Stays the same when lines are inserted above, so that code scanning keeps a dismissed alert dismissed. */
const fingerprint = ({ rule, file, message }: Diagnostic): string => [rule, file, message].join('|')
