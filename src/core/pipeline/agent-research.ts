/** `research: agent`: a coding agent writes the cheat sheets that nothing else gives. Before the gate; it stops nothing. */
import type { Config } from '../model/config.ts'
import type { Plan } from '../model/plan.ts'
import { addUsage, type Usage } from '../model/step.ts'
import type { SheetCache } from '../ports.ts'
import { researchPrompt } from '../research/agent/prompt.ts'
import { sheetOf } from '../research/agent/written-sheet.ts'
import { missed, type ResearchResult, type Sheet, type ToWrite } from '../research/research.ts'
import { inspectText } from '../review/inspect-text.ts'
import { count, list } from '../text/display.ts'
import { cost } from '../text/format.ts'
import { fullStop } from '../text/sentence.ts'
import { askReader, isSpent, readersRun, type ReaderPorts } from './ask-reader.ts'

/** More technologies than this are not asked about for one plan. */
const MAX_ASKED = 12

export interface AgentResearch {
  research: ResearchResult
  /** What became of it, a sentence each; at most two. */
  notes: string[]
  usage: Usage
}

type Written = { sheet: Sheet; suspicious: boolean } | { tech: string; why: string }

/**
 * The research with the sheets that an agent wrote: a call for each, so many side by side as the configuration says, each with
 * nothing but the fenced text of strangers in an empty directory. It cannot see the project, so what it writes may be kept for
 * others. What fails is said once; the technology stays as it was without.
 */
export async function withAgentSheets(
  plan: Plan,
  research: ResearchResult,
  config: Config,
  ports: ReaderPorts & { sheets?: SheetCache },
  spentBefore: Usage,
): Promise<AgentResearch> {
  const toWrite = research.toWrite.slice(0, MAX_ASKED)
  if (toWrite.length === 0) return { research, notes: [], usage: {} }
  const run = readersRun('research', ports)
  const commit = await emptyCommit(ports)
  let usage: Usage = {}
  const results: Written[] = []
  const left = [...toWrite]
  const lane = async (): Promise<void> => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) results.push(await write(one))
  }
  await Promise.all(Array.from({ length: config.maxParallel }, lane))
  results.push(
    ...research.toWrite
      .slice(MAX_ASKED)
      .map(({ tech }) => ({ tech, why: `the plan uses more than ${MAX_ASKED} technologies that need one` })),
  )
  return { ...together(plan, research, results, usage), usage }

  async function write(one: ToWrite): Promise<Written> {
    const { tech, version, phases } = one
    const spent = (spentBefore.costUsd ?? 0) + (usage.costUsd ?? 0)
    if (isSpent(config, spent)) return { tech, why: 'the budget is spent' }
    if (ports.signal.aborted) return { tech, why: 'it was interrupted' }
    const answered = await askReader(
      {
        ...{ step: 'research', unit: tech, run, commit, spent },
        prompt: (nonce) => researchPrompt(one, { run, nonce }),
      },
      config,
      ports,
    )
    usage = addUsage(usage, answered.usage)
    const { artifact, by } = answered
    if (!artifact.ok) return { tech, why: artifact.error }
    const sheet = sheetOf(one, artifact.value, { by, now: ports.clock.now(), inspect: inspectText })
    if (!sheet.ok) return { tech, why: sheet.why }
    await ports.sheets?.write(tech, version, sheet.text)
    const path = `.claude/docs/${tech}/cheat-sheet.md`
    return {
      sheet: {
        ...{ tech, path, text: sheet.text, ageDays: 0, source: 'agent', phases },
        ...(version !== '' && { version }),
      },
      suspicious: (artifact.value.suspicious ?? []).length > 0,
    }
  }
}

/** A commit without a file: there is nothing in its worktree to be read, told or changed. */
async function emptyCommit({ repository, clock }: ReaderPorts) {
  const tree = await repository.emptyTree()
  const at = Math.floor(clock.now() / 1_000)
  return await repository.commit({ tree, parents: [], message: 'Nothing: research reads no code', at })
}

function together(
  plan: Plan,
  before: ResearchResult,
  results: readonly Written[],
  usage: Usage,
): Omit<AgentResearch, 'usage'> {
  const written = results.flatMap((one) => ('sheet' in one ? [one] : []))
  const failed = results.flatMap((one) => ('sheet' in one ? [] : [one]))
  const names = new Set(written.map(({ sheet }) => sheet.tech))
  const unknown = before.unknown.filter(({ tech }) => !names.has(tech))
  const sheets = [
    ...before.sheets.filter(({ tech }) => !names.has(tech)),
    ...written.map(({ sheet }) => sheet),
  ]
  const said = new Set(missed(plan, before.unknown).map(({ message }) => message))
  const diagnostics = before.diagnostics.filter(({ message }) => !said.has(message))
  const research = {
    ...{ ...before, unknown, toWrite: [] },
    sheets: sheets.sort((a, b) => (a.tech < b.tech ? -1 : 1)),
    diagnostics: [...diagnostics, ...missed(plan, unknown)],
  }
  return { research, notes: notesOf(written, failed, usage) }
}

function notesOf(
  written: readonly { sheet: Sheet; suspicious: boolean }[],
  failed: readonly { tech: string; why: string }[],
  usage: Usage,
): string[] {
  const names = list(written.map(({ sheet }) => sheet.tech).sort())
  const forMoney = usage.costUsd === undefined ? '' : ` for ${cost(usage)}`
  const aimed = written.filter(({ suspicious }) => suspicious).map(({ sheet }) => sheet.tech)
  const done =
    written.length === 0
      ? []
      : [
          `An agent wrote ${count(written.length, 'cheat sheet')}${forMoney}: ${names}. Read them where it matters: nobody checked them.`,
        ]
  const warned =
    aimed.length === 0
      ? []
      : [`It says that what it read of ${list(aimed)} speaks to agents, and that it left that out.`]
  const [first] = failed
  if (first === undefined) return [...done, ...warned]
  const others = failed.length === 1 ? '' : ' And the like for the others.'
  const paid = written.length === 0 ? forMoney : ''
  return [
    ...done,
    ...warned,
    `No agent wrote a sheet of ${list(failed.map(({ tech }) => tech))}${paid} (research: agent): ${fullStop(first.why)}${others}`,
  ]
}
