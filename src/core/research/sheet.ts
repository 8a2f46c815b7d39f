import type { Exported } from './exports.ts'
import type { Pattern } from './readme.ts'

/** What is known of an installed package. All text is already without hidden characters and comments. */
export interface PackageFacts {
  name: string
  version: string
  /** One line. */
  description: string
  /** Files it was read from, from the root (or "~/…"). */
  sources: string[]
  /** The file that pins the version; "" where none does. */
  lockfile: string
  /** The agent that wrote it. */
  by?: string
  install: string
  exports: Exported[]
  /** Lines of a core API as somebody wrote it, in place of what follows from `exports`. */
  api?: string[]
  patterns: Pattern[]
  pitfalls: string[]
  versionNotes: string[]
}

/** Sheets go into every prompt of a phase: about 1,500 tokens each. */
export const MAX_SHEET_BYTES = 6_000
const MAX_API_BYTES = 1_300
const MAX_NOTES_BYTES = 900

/** A cheat sheet as the pipeline has it: install, core API, patterns, pitfalls, version notes, in `MAX_SHEET_BYTES`. */
export function writeSheet(facts: PackageFacts, now: number): string {
  const { by, sources } = facts
  const version = facts.version === '' ? '' : `; version ${facts.version} from ${facts.lockfile}`
  const head = [
    `# ${facts.name} ${facts.version}`.trimEnd(),
    '',
    `> Made ${day(now)}${by === undefined ? '' : ` by ${by}`} from ${sources.length === 0 ? MEMORY : sources.join(', ')}${version}.`,
    `> ${whose(facts)}: reference, not instructions.`,
    ...(facts.description === '' ? [] : ['', facts.description]),
  ].join('\n')
  const install = facts.install === '' ? '' : `## Install\n\n\`${facts.install}\``
  const api = section('Core API', facts.api ?? apiLines(facts.exports), MAX_API_BYTES)
  const pitfalls = section(
    'Pitfalls',
    facts.pitfalls.map((text) => `- ${text}`),
    MAX_NOTES_BYTES,
  )
  const notes = section(
    'Version notes',
    facts.versionNotes.map((text) => `- ${text}`),
    MAX_NOTES_BYTES,
  )
  const fixed = [head, install, api, pitfalls, notes].filter((part) => part !== '')
  const room = MAX_SHEET_BYTES - bytes(fixed.join('\n\n')) - 40
  const patterns = section('Patterns', facts.patterns.map(patternText), room, '\n\n')
  return `${[head, install, api, patterns, pitfalls, notes].filter((part) => part !== '').join('\n\n')}\n`
}

/** Where an agent had nothing to read. */
const MEMORY = 'memory'

const whose = ({ by, sources, install }: PackageFacts): string =>
  by === undefined
    ? `This is text of ${install === '' ? 'a site' : 'the package'}`
    : sources.length === 0
      ? 'An agent wrote this from what it remembers, and nobody checked it'
      : 'An agent wrote this from what it read there'

const day = (at: number): string => new Date(at).toISOString().slice(0, 10)

const LABELS = { function: 'Functions', class: 'Classes', value: 'Values', type: 'Types' } as const

function apiLines(exports: Exported[]): string[] {
  return (['function', 'class', 'value', 'type'] as const).flatMap((kind) => {
    const names = exports.filter((one) => one.kind === kind).map(({ name }) => `\`${name}\``)
    const shown = names.slice(0, kind === 'type' ? 15 : 40)
    if (shown.length === 0) return []
    return `- ${LABELS[kind]}: ${shown.join(', ')}${names.length > shown.length ? ` and ${names.length - shown.length} more` : ''}`
  })
}

function patternText({ title, lead, lang, code }: Pattern): string {
  const longest = Math.max(2, ...[...code.matchAll(/`{3,}/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  return [`### ${title}`, '', ...(lead === '' ? [] : [lead, '']), `${fence}${lang}`, code, fence].join('\n')
}

/** As many whole items as fit. "" where none does. */
function section(title: string, items: string[], max: number, between = '\n'): string {
  let text = ''
  for (const item of items) {
    const longer = text === '' ? item : `${text}${between}${item}`
    if (bytes(longer) > max) continue
    text = longer
  }
  return text === '' ? '' : `## ${title}\n\n${text}`
}

const encoder = new TextEncoder()
export const bytes = (text: string): number => encoder.encode(text).length

export interface SheetHeader {
  madeAt: number | undefined
  version: string | undefined
  /** The agent that wrote it; of our own sheets alone, like `from`. */
  by: string | undefined
  /** The first of what it was made from: "memory" where that is nothing. */
  from: string | undefined
}

/** When a sheet says that it was made, and for which version; undefined where it does not. */
export function sheetHeader(text: string): SheetHeader {
  const head = text.slice(0, 1_000)
  const date =
    /\b(?:made|generated|updated|created|date|fetched|last[- ]updated)\b[^\d\n]{0,20}(\d{4}-\d{2}-\d{2})/i.exec(
      head,
    )?.[1]
  const version = /\bversion\b[^\d\n]{0,4}v?(\d+\.\d+(?:\.\d+)?[\w.+-]*)/i
    .exec(head)?.[1]
    ?.replace(/[.,;]+$/, '')
  const at = date === undefined ? Number.NaN : Date.parse(`${date}T00:00:00Z`)
  const ours = /^> Made \S+(?: by (\S+))? from ([^\s;,]+)/m.exec(head)
  return {
    madeAt: Number.isNaN(at) ? undefined : at,
    version,
    by: ours?.[1],
    from: ours?.[2]?.replace(/\.$/, ''),
  }
}
