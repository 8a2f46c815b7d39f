/** Finds where a task plan names its phases: headings first, then a list under "Phases", then a table. */
import type { Block } from '../text/blocks.ts'
import type { FoundPhase } from './found-phase.ts'
import { numberedPhases, phaseHeadings } from './phase-headings.ts'
import { phaseList, phaseTable } from './phase-rows.ts'

export function findPhases(blocks: readonly Block[]): FoundPhase[] {
  const headings = phaseHeadings(blocks)
  if (headings.length > 0) return completeFromList(headings, phaseList(blocks, 'labelled'))
  const list = phaseList(blocks, 'any')
  if (list.length > 0) return list
  const table = phaseTable(blocks)
  return table.length > 0 ? table : numberedPhases(blocks)
}

/** A list of all phases where only some have a section of their own. */
function completeFromList(headings: FoundPhase[], list: readonly FoundPhase[]): FoundPhase[] {
  const byId = new Map(headings.map((p) => [p.id, p]))
  const listed = new Map(list.map((p) => [p.id, p]))
  for (const phase of headings) phase.status ??= listed.get(phase.id)?.status
  if (list.length <= headings.length || ![...byId.keys()].every((id) => listed.has(id))) return headings
  return list.map((p) => byId.get(p.id) ?? p)
}
