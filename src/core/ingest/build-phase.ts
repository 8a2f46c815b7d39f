import { phaseId } from '../model/ids.ts'
import type { ContextPiece, FileTarget, Phase, Status, Task } from '../model/plan.ts'
import type { Place } from '../model/diagnostic.ts'
import { boldless } from '../text/inline.ts'

export interface PhaseParts {
  id: string
  title: string
  status: Status
  text: string
  tasks: Task[]
  place: Place
  /** Paths that its text names besides its tasks'. */
  files?: readonly string[]
  /** Where files are listed as such. */
  targets?: FileTarget[]
  dependsOn?: readonly string[]
  criteria?: Phase['criteria']
  context?: readonly ContextPiece[]
  unknownDependencies?: Phase['unknownDependencies']
}

/** A phase of a plan without specs. */
export function buildPhase(parts: PhaseParts): Omit<Phase, 'after'> {
  const { tasks, targets = [], files = [], dependsOn = [] } = parts
  const named = [...targets.map(({ path }) => path), ...tasks.flatMap((task) => task.files), ...files]
  return {
    id: phaseId(parts.id),
    title: titleText(parts.title),
    status: parts.status,
    text: parts.text,
    tasks,
    specs: [],
    files: [...new Set(named)].sort(),
    targets,
    criteria: parts.criteria ?? [],
    dependsOn: [...new Set(dependsOn)].map(phaseId),
    unknownDependencies: parts.unknownDependencies ?? [],
    place: parts.place,
    ...(parts.context === undefined || parts.context.length === 0 ? {} : { context: parts.context }),
  }
}

/** A title as written, without bold and in one line. */
export const titleText = (text: string): string => boldless(text).replace(/\s+/gu, ' ').trim()

/** Ids that stand twice get `#2`, `#3`: both are there, and each has a name. */
export function countedIds(ids: readonly string[]): string[] {
  const seen = new Map<string, number>()
  return ids.map((id) => {
    const count = (seen.get(id) ?? 0) + 1
    seen.set(id, count)
    return count === 1 ? id : `${id}#${count}`
  })
}
