/** What a run keeps from before its gate: what agents are given besides the plan is what was approved, whatever is offered by then. */
import { sha256 } from '../execute/sha256.ts'
import { matchPhases, type Taken } from '../match/match.ts'
import type { RecordedSheet, RecordedSkill } from '../model/event.ts'
import { type Failure, failure } from '../model/failure.ts'
import { err, ok, type Result } from '../model/result.ts'
import type { Clock, LedgerStore } from '../ports.ts'
import type { ResearchResult, Sheet } from '../research/research.ts'
import { sheetFrom } from '../research/sheet-from.ts'
import { inspectText } from '../review/inspect-text.ts'
import type { RunBook } from '../run/book.ts'
import type { RunState } from '../run/state.ts'
import type { Prepared, ReadPorts } from './prepare.ts'

const DAY_MS = 86_400_000

/** For the event that makes a run: what skills and sheets are; their texts in `files`, beside it. */
export function toRecord({ match, research }: Pick<Prepared, 'match' | 'research'>): {
  skills?: RecordedSkill[]
  sheets: RecordedSheet[]
  files: Map<string, string>
} {
  const files = new Map<string, string>()
  const keep = (file: string, text: string): { file: string; sha256: string } => {
    files.set(file, text)
    return { file, sha256: sha256(text) }
  }
  const skills = match.taken.map(({ text, ...one }) => ({
    ...one,
    ...keep(`skills/${one.kind}-${encodeURIComponent(one.name)}.md`, text),
  }))
  const sheets = research.sheets.map((sheet) => {
    const { tech, version, source, ageDays, phases, text } = sheet
    return {
      ...{ tech, source, ageDays, phases, from: sheetFrom(sheet, { dated: false }).slice(0, 1_000) },
      ...(version === undefined ? {} : { version }),
      ...keep(`sheets/${encodeURIComponent(tech)}.md`, text),
    }
  })
  return { ...(skills.length === 0 ? {} : { skills }), sheets, files }
}

/** Whether sheets need not be made for it. */
export const keepsSheets = ({ sheets }: RunState): { research: boolean } => ({
  research: sheets === undefined,
})

/**
 * The plan with the skills and sheets that stood at the gate. A text that is not the recorded one is a defect of the ledger.
 */
export async function asRecorded(
  prepared: Prepared,
  book: RunBook,
  ports: Pick<ReadPorts, 'files'> & { ledger: LedgerStore; clock: Clock },
): Promise<Result<Prepared, Failure[]>> {
  const { skills, sheets, startedAt } = book.state
  let { match, research } = prepared
  if (skills.length > 0 || match.taken.length > 0) {
    const recorded: Taken[] = []
    for (const { file, sha256: digest, ...one } of skills) {
      const text = await textOf(
        `The text of the ${one.kind} ${one.name}`,
        { file, sha256: digest },
        book,
        ports,
      )
      if (!text.ok) return text
      recorded.push({ ...one, text: text.value })
    }
    match = await matchPhases(prepared.plan, ports.files, { recorded, inspect: inspectText })
  }
  if (sheets !== undefined) {
    const days = Math.max(0, Math.floor((ports.clock.now() - startedAt) / DAY_MS))
    const kept: Sheet[] = []
    for (const { file, sha256: digest, version, ageDays, from: _, ...one } of sheets) {
      const text = await textOf(`The cheat sheet of ${one.tech}`, { file, sha256: digest }, book, ports)
      if (!text.ok) return text
      const path = `.claude/docs/${one.tech}/cheat-sheet.md`
      kept.push({
        ...{ ...one, path, text: text.value, ageDays: ageDays + days },
        ...(version === undefined ? {} : { version }),
      })
    }
    research = withSheets(kept)
  }
  return ok({ ...prepared, match, research })
}

const withSheets = (sheets: Sheet[]): ResearchResult => ({
  sheets,
  unknown: [],
  toWrite: [],
  diagnostics: [],
})

async function textOf(
  what: string,
  { file, sha256: digest }: Pick<RecordedSheet, 'file' | 'sha256'>,
  { head, run }: RunBook,
  { ledger }: { ledger: LedgerStore },
): Promise<Result<string, Failure[]>> {
  const text = head === undefined ? undefined : await ledger.file(head, file)
  if (text !== undefined && sha256(text) === digest) return ok(text)
  return err([
    failure(
      'ledger-unreadable',
      `${what} in the ledger of run ${run} is not the one that was approved.`,
      '`orchestrate verify` looks at the whole chain; start a new run.',
    ),
  ])
}

/** Names what the ledger keeps and is not what was recorded: for `verify`. */
export async function recordedGap(
  book: RunBook,
  ports: { ledger: LedgerStore },
): Promise<Failure | undefined> {
  const { skills, sheets = [] } = book.state
  const all = [
    ...skills.map((one) => ({ ...one, what: `The text of the ${one.kind} ${one.name}` })),
    ...sheets.map((one) => ({ ...one, what: `The cheat sheet of ${one.tech}` })),
  ]
  for (const one of all) {
    const text = await textOf(one.what, one, book, ports)
    if (!text.ok) return text.error[0]
  }
  return undefined
}
