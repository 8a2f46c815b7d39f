import type { Diagnostic } from '../model/diagnostic.ts'
import type { PhaseId } from '../model/ids.ts'
import type { Phase, Plan } from '../model/plan.ts'
import type { Clock, ProjectFiles } from '../ports.ts'
import { list } from '../text/display.ts'
import { significantWords } from '../text/words.ts'
import type { Used } from './detect.ts'
import { technologiesOf } from './detect.ts'
import { type FindOptions, findSheet, type FoundSheet } from './find-sheet.ts'
import { importedBy } from './imports.ts'
import type { Material } from './inspect.ts'
import { readPinned } from './pinned.ts'

/** A cheat sheet. Only the agents of its phases see it. */
export interface Sheet extends FoundSheet {
  phases: PhaseId[]
}

export interface ResearchResult {
  sheets: Sheet[]
  unknown: Unknown[]
  /** What an agent is to write sheets of, where one is to write any. */
  toWrite: ToWrite[]
  diagnostics: Diagnostic[]
}

/** A technology that no sheet was found of. */
export interface Unknown {
  tech: string
  phases: PhaseId[]
  why: string
  /** A lockfile pins it, and it is not installed so. */
  broken: boolean
  /** What was answered to who looked it up. */
  asked?: string
}

export interface ToWrite {
  tech: string
  /** Its package where one is pinned, else the technology; version and lockfile "" there. */
  name: string
  version: string
  lockfile: string
  phases: PhaseId[]
  material: Material[]
}

/** What a phase was matched with, as far as it matters here. */
export interface KnownSkills {
  phase: PhaseId
  skills: readonly { name: string; source: string; text?: string }[]
}

/**
 * Stage 4: cheat sheets for the technologies of each open phase: sheets of the project that are fresh, else packages that are
 * installed in the version that a lockfile pins, else what was looked up before or is looked up now. What nothing is known of is
 * listed. The checkout is not written to.
 */
export async function research(
  plan: Plan,
  assignments: readonly KnownSkills[],
  files: ProjectFiles,
  clock: Clock,
  options: FindOptions = {},
): Promise<ResearchResult> {
  const pinned = await readPinned(files)
  const skills = new Map(assignments.map((one) => [one.phase, one.skills]))
  const uses = new Map<string, { used: Used; phases: PhaseId[] }>()
  for (const phase of plan.phases) {
    if (phase.status === 'completed' || phase.status === 'skipped') continue
    const imported = await importedBy(phase.files, files)
    for (const used of technologiesOf(phase, pinned, imported)) {
      if (isTaught(used.tech, skills.get(phase.id) ?? [])) continue
      const known = uses.get(used.tech)
      if (known === undefined) uses.set(used.tech, { used, phases: [phase.id] })
      else known.phases.push(phase.id)
    }
  }
  const wanted = [...uses.values()].sort((a, b) => (a.used.tech < b.used.tech ? -1 : 1))
  const found = await Promise.all(
    wanted.map(async (one) => ({
      ...one,
      found: await findSheet(one.used, files, clock.now(), options),
    })),
  )
  const sheets = found.flatMap(({ found: one, phases }) => ('sheet' in one ? [{ ...one.sheet, phases }] : []))
  const unknown = found.flatMap(({ used: { tech, common }, found: one, phases }): Unknown[] => {
    if ('sheet' in one || common) return []
    const { why, broken, asked } = one
    return [{ tech, phases, why, broken, ...(asked !== undefined && { asked }) }]
  })
  const toWrite = found.flatMap(({ used, found: one, phases }): ToWrite[] => {
    if (used.common || options.agent === undefined) return []
    if ('sheet' in one && (options.agent !== 'always' || one.material.length === 0)) return []
    const { name = used.tech, version = '', lockfile = '' } = used.pinned ?? {}
    return [{ tech: used.tech, ...{ name, version, lockfile, phases, material: one.material } }]
  })
  const aimed = found.flatMap(({ found: one }) => one.aimed)
  return {
    ...{ sheets, unknown, toWrite },
    diagnostics: [...notUsed(aimed, plan), ...missed(plan, unknown)],
  }
}

/** What is to be said of technologies that no sheet was found of. */
export function missed(plan: Plan, unknown: readonly Unknown[]): Diagnostic[] {
  const failed = unknown.flatMap(({ tech, asked }) => (asked === undefined ? [] : [{ tech, why: asked }]))
  return [
    ...unknown.filter(({ broken }) => broken).map((one) => notInstalled(one, plan)),
    ...lookedInVain(failed, plan),
  ]
}

/** A skill of the project or user about this technology says more than a sheet; the registry's sentences do not. */
function isTaught(tech: string, skills: KnownSkills['skills']): boolean {
  return skills.some(
    ({ name, source, text }) =>
      source !== 'registry' &&
      text !== undefined &&
      (name === tech || significantWords(name.replaceAll(/[-_]/g, ' ')).has(tech)),
  )
}

/** Once, with the first: a text that speaks to agents is nobody's documentation. */
function notUsed([first, ...others]: readonly string[], plan: Plan): Diagnostic[] {
  if (first === undefined) return []
  return [
    {
      rule: 'suspicious-documentation',
      severity: 'warning',
      file: plan.index,
      line: 1,
      message: `Documentation that hides text or speaks to agents was left out: ${first}${others.length === 0 ? '' : `, and ${others.length} more`}`,
      hint: 'Look at it; name another source in `research: { sources: … }`, or tell whoever keeps it.',
      why: 'What stands in a sheet is read by every agent of the phases that use it.',
    },
  ]
}

/** Once, however many there are: a machine without a network is no fault of the plan. */
function lookedInVain([first, ...others]: { tech: string; why: string }[], plan: Plan): Diagnostic[] {
  if (first === undefined) return []
  const names = [first, ...others].map(({ tech }) => tech)
  return [
    {
      rule: 'research-unanswered',
      severity: 'info',
      file: plan.index,
      line: 1,
      message: `Looked up in vain: ${list(names)} (${first.why}${others.length === 0 ? '' : ', and the like'})`,
      hint: 'Name a source in `research: { sources: … }`, or write .claude/docs/NAME/cheat-sheet.md.',
      why: 'Agents work from what they know.',
    },
  ]
}

function notInstalled({ tech, phases, why }: Unknown, plan: Plan): Diagnostic {
  const first: Phase | undefined = plan.phases.find(({ id }) => id === phases[0])
  return {
    rule: 'package-not-installed',
    severity: 'warning',
    file: first?.place.file ?? '',
    line: first?.place.line ?? 1,
    ...(first !== undefined && { phase: first.id }),
    message: `No cheat sheet for ${tech}, which ${plan.words.phase} ${list(phases)} uses: ${why}`,
    hint: 'Install what the lockfile says (npm ci, pip install -r requirements.txt) and start again.',
    why: 'Agents write against the version they remember, not the one that this project has.',
  }
}
