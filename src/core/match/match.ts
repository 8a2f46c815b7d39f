import type { Diagnostic } from '../model/diagnostic.ts'
import type { PhaseId } from '../model/ids.ts'
import type { Phase, Plan } from '../model/plan.ts'
import type { ProjectFiles } from '../ports.ts'
import { list, plural } from '../text/display.ts'
import { type Assignment, assigner, FALLBACK, textOf } from './cascade.ts'
import { type Offered, type OpenRemote, readCatalogues } from './catalogue.ts'
import { defined, type Definition, type Kind } from './definition.ts'
import { findInstalled, type InstalledSet } from './installed.ts'
import { unknownNames } from './named.ts'
import { type ProjectRegistry, readRegistry, REGISTRY_FILE } from './registry-file.ts'
import { type Inspect, Safety } from './safety.ts'

export { type Assignment, FALLBACK, type MatchedSkill, type Offer } from './cascade.ts'
export { dispatchMode } from './dispatch.ts'

export interface MatchResult {
  assignments: Assignment[]
  /** What was taken from catalogues, with consent: the run records it. */
  taken: Taken[]
  diagnostics: Diagnostic[]
}

/** A definition that a catalogue had when the run was approved, as the run keeps it. */
export type Taken = Pick<Definition, 'kind' | 'name' | 'description' | 'from' | 'text'> & {
  phases: PhaseId[]
}

export interface MatchOptions {
  /** `./directory`, `~/directory` or `owner/repository[@ref]`. */
  catalogues?: readonly string[]
  /** Consent: what catalogues offer is used in this run. */
  install?: boolean
  /** What the run took when it was approved: no catalogue is asked again. */
  recorded?: readonly Taken[]
  /** Reads repositories elsewhere; left out where the network is not asked. */
  remote?: OpenRemote
  /** Looks further for phases that nothing at hand fits. */
  search?: (phases: readonly Phase[]) => Promise<Offered>
  inspect?: Inspect
}

/**
 * Stage 3: an agent type and skills for every phase: by the registry, then what is installed, then what catalogues and a search
 * offer, then general-purpose. The network is asked only through `remote` and `search`.
 */
export async function matchPhases(
  plan: Plan,
  files: ProjectFiles,
  options: MatchOptions = {},
): Promise<MatchResult> {
  const { recorded } = options
  const shown = (path: string) => fromPlan(plan.dir, path)
  const registry = readRegistry(await files.read(REGISTRY_FILE), shown(REGISTRY_FILE))
  const installed = await findInstalled(files, shown)
  const safety = new Safety(options.inspect)
  const install = options.install === true || recorded !== undefined
  const diagnostics = [...registry.diagnostics, ...installed.diagnostics]
  const offered =
    recorded === undefined
      ? await readCatalogues(options.catalogues ?? [], files, options.remote)
      : { definitions: recorded.map(asRecorded), diagnostics: [] }
  diagnostics.push(...offered.diagnostics)
  const assignWith = (definitions: readonly Definition[]) =>
    plan.phases.map(assigner({ registry, installed, offered: definitions, install, safety }))
  let assigned = assignWith(offered.definitions)
  const unmatched = plan.phases.filter((phase, at) => isOpen(phase) && isBare(assigned[at]?.assignment))
  if (unmatched.length > 0 && options.search !== undefined && recorded === undefined) {
    const further = await options.search(unmatched)
    diagnostics.push(...further.diagnostics)
    if (further.definitions.length > 0)
      assigned = assignWith([...offered.definitions, ...further.definitions])
  }
  const assignments = assigned.map(({ assignment }) => assignment)
  const open = plan.phases.flatMap((phase, at) => {
    const assignment = assignments[at]
    return assignment === undefined || !isOpen(phase) ? [] : [{ phase, assignment }]
  })
  diagnostics.push(
    ...safety.diagnostics(shown),
    ...noMatch(
      open.filter(({ assignment }) => assignment.agentType === FALLBACK).map(({ phase }) => phase),
      plan.words.phase,
    ),
  )
  const known = knownNames(registry, installed, offered.definitions)
  for (const { phase, assignment } of open) {
    diagnostics.push(...unknownNames(phase, textOf(phase), known, plan.words.phase))
    const absent = assignment.skills.filter((skill) => skill.text === undefined).map((skill) => skill.name)
    if (absent.length > 0) diagnostics.push(notInstalled(phase, absent, plan.words.phase))
  }
  const taken = takenOf(assigned.map(({ assignment, used }) => ({ phase: assignment.phase, used })))
  return { assignments, taken, diagnostics }
}

/** By which agents and skills can be named, in small letters. */
function knownNames(
  { own, base }: ProjectRegistry,
  installed: InstalledSet,
  offered: readonly Definition[],
): Record<Kind, Set<string>> {
  const entries = [...own.entries, ...base.entries]
  const of = (kind: Kind) => offered.filter((one) => one.kind === kind).map(({ name }) => name)
  const small = (names: Iterable<string>) => new Set([...names].map((name) => name.toLowerCase()))
  return {
    agent: small([
      ...[FALLBACK, ...installed.agents.keys(), ...of('agent')],
      ...entries.map(({ agent }) => agent),
    ]),
    skill: small([...installed.skills.keys(), ...of('skill'), ...entries.flatMap(({ skills }) => skills)]),
  }
}

const isOpen = ({ status }: Phase): boolean => status !== 'completed' && status !== 'skipped'

/** Nothing fits, and nothing is offered. */
const isBare = (one: Assignment | undefined): boolean =>
  one !== undefined && one.agentType === FALLBACK && one.offers.length === 0

const asRecorded = ({ phases: _, ...one }: Taken): Definition =>
  defined({ ...one, origin: 'catalogue', raw: one.text, keywords: '' })

function takenOf(all: { phase: PhaseId; used: Definition[] }[]): Taken[] {
  const taken = new Map<Definition, Taken>()
  for (const { phase, used } of all) {
    for (const one of used) {
      const { kind, name, description, from, text } = one
      const known = taken.get(one)
      if (known === undefined) taken.set(one, { kind, name, description, from, text, phases: [phase] })
      else known.phases.push(phase)
    }
  }
  return [...taken.values()]
}

/** A path from the root as one from the plan directory, as diagnostics have it. */
const fromPlan = (dir: string, path: string): string =>
  `${dir === '' || dir === '.' ? '' : '../'.repeat(dir.split('/').length)}${path}`

/** One warning, whatever the number of phases: where the registry knows nothing of a project, it is the same for all. */
function noMatch([first, ...others]: Phase[], noun: string): Diagnostic[] {
  if (first === undefined) return []
  const ids = [first, ...others].map((phase) => phase.id as string)
  return [
    {
      rule: 'no-agent-match',
      severity: 'warning',
      ...first.place,
      phase: first.id,
      message: `No agent type fits ${others.length === 0 ? noun : plural(noun)} ${list(ids, 12)}: ${FALLBACK} is used`,
      hint: `Name the files of the ${noun}, or add an entry for it to ${REGISTRY_FILE}.`,
      why: 'An agent type brings the knowledge and rules of a field; without one the agent has the plan alone.',
      ...(others.length > 0 && {
        related: others.map((phase) => ({ ...phase.place, message: `${noun} ${phase.id} neither` })),
      }),
    },
  ]
}

const notInstalled = (phase: Phase, names: string[], noun: string): Diagnostic => ({
  rule: 'skill-not-installed',
  severity: 'warning',
  ...phase.place,
  phase: phase.id,
  message: `The registry names ${list(names)} for ${noun} ${phase.id}, and no such skill is installed`,
  hint: `Add .claude/skills/${names[0] ?? 'NAME'}/SKILL.md, or correct ${REGISTRY_FILE}.`,
  why: 'The agent gets the name of the skill only, not what it says.',
})
