import type { Diagnostic } from '../model/diagnostic.ts'
import type { PhaseId } from '../model/ids.ts'
import type { Phase, Plan } from '../model/plan.ts'
import type { ProjectFiles } from '../ports.ts'
import { list } from '../text/display.ts'
import { overlap, searchable, significantWords } from '../text/words.ts'
import type { Installed, InstalledSet } from './installed.ts'
import { findInstalled } from './installed.ts'
import type { Kind, RegistryEntry } from './registry.ts'
import type { ProjectRegistry } from './registry-file.ts'
import { readRegistry, REGISTRY_FILE } from './registry-file.ts'

export { dispatchMode } from './dispatch.ts'

export interface MatchedSkill {
  name: string
  source: 'registry' | 'project' | 'home'
  why: string
  /** Comparable within a phase only. */
  score: number
  /** Undefined where a registry names a skill that is not installed. */
  text?: string
}

export interface Assignment {
  phase: PhaseId
  /** "general-purpose" where nothing fits. */
  agentType: string
  /** What the project's or user's definition of this agent says, where there is one. */
  agentText?: string
  /** Best first. */
  skills: MatchedSkill[]
  why: string
}

export interface MatchResult {
  assignments: Assignment[]
  diagnostics: Diagnostic[]
}

export const FALLBACK = 'general-purpose'
/** More would crowd the task out of the prompt. */
const MAX_SKILLS = 5
/** Named in the phase itself, then the registry's kinds in their order, then what is found by its description. */
const SCORES: Readonly<Record<Kind | 'named' | 'installed', number>> = {
  named: 10,
  extension: 8,
  domain: 6,
  language: 4,
  generic: 2,
  installed: 0,
}

interface Hit {
  entry: RegistryEntry
  score: number
  why: string
}

/** Stage 3: an agent type and skills for every phase, from what is at hand. No network. */
export async function matchPhases(plan: Plan, files: ProjectFiles): Promise<MatchResult> {
  const shown = (path: string) => fromPlan(plan.dir, path)
  const registry = readRegistry(await files.read(REGISTRY_FILE), shown(REGISTRY_FILE))
  const installed = await findInstalled(files, shown)
  const assignments = plan.phases.map((phase) => assign(phase, registry, installed))
  const diagnostics = [...registry.diagnostics, ...installed.diagnostics]
  const open = plan.phases.flatMap((phase, at) => {
    const assignment = assignments[at]
    if (assignment === undefined || phase.status === 'completed' || phase.status === 'skipped') return []
    return [{ phase, assignment }]
  })
  diagnostics.push(
    ...noMatch(open.filter(({ assignment }) => assignment.agentType === FALLBACK).map(({ phase }) => phase)),
  )
  for (const { phase, assignment } of open) {
    const absent = assignment.skills.filter((skill) => skill.text === undefined).map((skill) => skill.name)
    if (absent.length > 0) diagnostics.push(notInstalled(phase, absent))
  }
  return { assignments, diagnostics }
}

/** A path from the root as one from the plan directory, as diagnostics have it. */
const fromPlan = (dir: string, path: string): string =>
  `${dir === '' || dir === '.' ? '' : '../'.repeat(dir.split('/').length)}${path}`

function assign(phase: Phase, registry: ProjectRegistry, installed: InstalledSet): Assignment {
  const text = textOf(phase)
  const hits = [
    ...registryHits(phase, text, registry.own.entries, 1),
    ...registryHits(phase, text, registry.base.entries, 0),
  ].sort((a, b) => b.score - a.score)
  const words = significantWords(text)
  const agents = found(installed.agents, text, words)
  const named = agents.find(({ score }) => score >= SCORES.named)
  const best = hits.find((hit) => hit.entry.agent !== '')
  const agent =
    named !== undefined
      ? { name: named.name, why: named.why }
      : best !== undefined
        ? { name: best.entry.agent, why: best.why }
        : agents[0] !== undefined
          ? { name: agents[0].name, why: agents[0].why }
          : { name: FALLBACK, why: 'nothing in the registry or installed fits' }
  const definition = installed.agents.get(agent.name)
  const skills = mergeSkills([
    ...hits.flatMap((hit) => skillsOf(hit, registry, installed)),
    ...found(installed.skills, text, words),
  ])
  return {
    phase: phase.id,
    agentType: agent.name,
    ...(definition !== undefined && { agentText: definition.text }),
    skills: skills.slice(0, MAX_SKILLS),
    why: agent.why,
  }
}

const textOf = (phase: Phase): string =>
  [
    phase.title,
    phase.text,
    ...phase.tasks.map((t) => t.title),
    ...phase.specs.map((s) => `${s.name}\n${s.text}`),
  ].join('\n')

/** `bonus` puts the project's own entries before ours of the same kind. */
function registryHits(phase: Phase, text: string, entries: readonly RegistryEntry[], bonus: number): Hit[] {
  const title = searchable(phase.title)
  const body = searchable(text)
  return entries.flatMap((entry) => {
    const base = SCORES[entry.by] + bonus
    if (entry.by === 'extension') {
      const files = phase.files.filter((file) => entry.match.some((ending) => endsIn(file, ending)))
      if (files.length === 0) return []
      return {
        entry,
        score: base + share(files.length, phase.files.filter((file) => !/\.mdx?$/i.test(file)).length),
        why: `its files are ${list(endings(files), 4)}`,
      }
    }
    const matched = entry.match.filter((keyword) => body.has(keyword))
    const inTitle = matched.filter((keyword) => title.has(keyword))
    // One word in passing does not make what a phase is about; a language is told by one.
    if (matched.length === 0 || (entry.by !== 'language' && inTitle.length === 0 && matched.length < 2))
      return []
    const weight = matched.length + 2 * inTitle.length
    return { entry, score: base + share(weight, weight + 3), why: `it speaks of ${list(matched, 3)}` }
  })
}

/** Below one, so that kinds keep their order. */
const share = (part: number, whole: number): number => (0.9 * part) / Math.max(1, whole)

function endsIn(file: string, ending: string): boolean {
  const [path, wanted] = [file.toLowerCase(), ending.toLowerCase()]
  return wanted.startsWith('.') ? path.endsWith(wanted) : path === wanted || path.endsWith(`/${wanted}`)
}

const endings = (files: string[]): string[] => [
  ...new Set(files.map((file) => /\.[^./]+$/.exec(file)?.[0] ?? file.split('/').at(-1) ?? file)),
]

function skillsOf(hit: Hit, { own, base }: ProjectRegistry, { skills }: InstalledSet): MatchedSkill[] {
  return hit.entry.skills.map((name) => {
    const there = skills.get(name)
    const text = there?.text ?? own.texts[name] ?? base.texts[name]
    return {
      name,
      source: there?.source ?? 'registry',
      why: hit.why,
      score: hit.score,
      ...(text !== undefined && { text }),
    }
  })
}

/** Installed definitions that a text names or that describe what it is about, best first. */
function found(
  definitions: ReadonlyMap<string, Installed>,
  text: string,
  words: ReadonlySet<string>,
): MatchedSkill[] {
  const lower = text.toLowerCase()
  const matched: MatchedSkill[] = []
  for (const { name, source, text: body, nameWords, words: described } of definitions.values()) {
    if (isNamed(lower, name.toLowerCase())) {
      matched.push({ name, source, text: body, score: SCORES.named, why: 'the phase names it' })
      continue
    }
    const ofName = overlap(nameWords, words)
    const ofDescription = overlap(described, words)
    const wholeName =
      nameWords.size > 0 && ofName === nameWords.size && (nameWords.size > 1 || ofDescription > 1)
    // A fifth of a description, three words at least: fewer are chance.
    if (!wholeName && (ofDescription < 3 || ofDescription * 5 < described.size)) continue
    const score = SCORES.installed + share(2 * ofName + ofDescription, 2 * nameWords.size + described.size)
    const common = [...nameWords, ...described].filter((word) => words.has(word))
    matched.push({ name, source, text: body, score, why: `both speak of ${list([...new Set(common)], 4)}` })
  }
  return matched.sort((a, b) => b.score - a.score)
}

/** In code marks, with an @, or after the word skill or agent: a name alone may be an ordinary word. */
function isNamed(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at !== -1; at = text.indexOf(name, at + name.length)) {
    const before = text.slice(Math.max(0, at - 12), at)
    const after = text.slice(at + name.length, at + name.length + 8)
    if (/[\w-]$/.test(before) || /^[\w-]/.test(after)) continue
    if (
      /(?:@|(?:skills?|agents?)(?: type)?[:\s]+[`*"]*|技能[:：\s]*)$/.test(before) ||
      /^[`*"]*\s+(?:skill|agent)\b/.test(after)
    )
      return true
    if (name.includes('-') && /`$/.test(before) && after.startsWith('`')) return true
  }
  return false
}

/** Each name once, with its best score; those with a text before those that only have a name. */
function mergeSkills(skills: MatchedSkill[]): MatchedSkill[] {
  const best = new Map<string, MatchedSkill>()
  for (const skill of skills) {
    const known = best.get(skill.name)
    if (known === undefined || skill.score > known.score) best.set(skill.name, skill)
  }
  return [...best.values()].sort((a, b) => b.score - a.score)
}

/** One warning, whatever the number of phases: where the registry knows nothing of a project, it is the same for all. */
function noMatch([first, ...others]: Phase[]): Diagnostic[] {
  if (first === undefined) return []
  const ids = [first, ...others].map((phase) => phase.id as string)
  return [
    {
      rule: 'no-agent-match',
      severity: 'warning',
      ...first.place,
      phase: first.id,
      message: `No agent type fits ${others.length === 0 ? 'phase' : 'phases'} ${list(ids, 12)}: ${FALLBACK} is used`,
      hint: `Name the files of the phase, or add an entry for it to ${REGISTRY_FILE}.`,
      why: 'An agent type brings the knowledge and rules of a field; without one the agent has the plan alone.',
      ...(others.length > 0 && {
        related: others.map((phase) => ({ ...phase.place, message: `phase ${phase.id} neither` })),
      }),
    },
  ]
}

const notInstalled = (phase: Phase, names: string[]): Diagnostic => ({
  rule: 'skill-not-installed',
  severity: 'warning',
  ...phase.place,
  phase: phase.id,
  message: `The registry names ${list(names)} for phase ${phase.id}, and no such skill is installed`,
  hint: `Add .claude/skills/${names[0] ?? 'NAME'}/SKILL.md, or correct ${REGISTRY_FILE}.`,
  why: 'The agent gets the name of the skill only, not what it says.',
})
