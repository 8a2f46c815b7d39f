/** Where sections end. Shared by the reader of plans and the writer of statuses. */
import type { Block } from './blocks.ts'
import { phaseLabel } from './phase-label.ts'

/** Index of the first heading after `index` that is not deeper than `level`; the number of blocks where there is none. */
export function sectionEnd(blocks: readonly Block[], index: number, level: number): number {
  let end = index + 1
  for (; end < blocks.length; end += 1) {
    const block = blocks[end]
    if (block?.kind === 'heading' && block.level <= level) break
  }
  return end
}

/** A phase's section ends at the next heading that is not deeper, or that names another phase ("Phase 1.1" is part of 1). */
export function phaseSectionEnd(blocks: readonly Block[], index: number, level: number, id: string): number {
  const end = sectionEnd(blocks, index, level)
  for (let at = index + 1; at < end; at += 1) {
    const block = blocks[at]
    if (block?.kind !== 'heading') continue
    const label = phaseLabel(block.text)
    if (label?.separated === true && label.word === 'phase' && !label.id.startsWith(id)) return at
  }
  return end
}

const TASK_HEADING =
  /^[\s*_`~\p{Extended_Pictographic}\uFE0F]*(?:(?:sub-?)?tasks?|chunk|ticket|story|user story|feature|work item|step|tarea|tarefa|aufgabe|tâche|attività|zadanie|задача|任务|タスク|作業|작업|משימה|步骤)(?:\s*#?\d|\s+[A-Z]{1,8}-?\d|\s+[A-Z]\s*[:：.—])/iu
const CODED_HEADING =
  /^[\s*_`]*(?:§\s*)?(?:[A-Z]{1,10}[-_]?\d{1,4}[a-z]?|[A-Z]\.\d{1,3}|\d{1,3}(?:\.\d{1,3})+[a-z]?|\d{1,2}[a-z](?=\s*[:：.)]))[*_`]*(?:\s*[:：.)]\s*|\s+(?:[—–-]\s+)?)(?=\S)/u
/** "[NEW] src/a.ts", "[MODIFY] `b.ts`": how plans of agent IDEs head a change of one file. */
const CHANGE_HEADING =
  /^[\s*_`]*\[(?:NEW|ADD|CREATE|MODIFY|MODIFIED|UPDATE|EDIT|CHANGE|ENHANCE|EXTEND|REFACTOR|RENAME|MOVE|FIX|DELETE|REMOVE|CONFIG|TEST|DOCS?|VERIFY)\][*_`]*\s+(?=\S)/u

/** "Task 3: …" and "[NEW] a.ts" head a task; "1.2 — …" and "CORE-001: …" may head one. */
export const taskHeadingForm = (heading: string): 'heading' | 'section' | undefined =>
  TASK_HEADING.test(heading) || CHANGE_HEADING.test(heading)
    ? 'heading'
    : CODED_HEADING.test(heading)
      ? 'section'
      : undefined
