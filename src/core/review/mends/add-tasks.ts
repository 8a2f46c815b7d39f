/** Tasks that no phase has and that one calls for: tests, documentation, a migration, a service, a skeleton. */
import type { Diagnostic } from '../../model/diagnostic.ts'
import type { Phase, Plan, Task } from '../../model/plan.ts'
import { openPhases, openTasks, textOf } from '../facts.ts'
import { plain } from '../../text/inline.ts'
import { type Edit, editedFiles, linesOf } from '../line-edits.ts'
import type { Change, Revision } from '../restructure.ts'
import { buildsCode, called, hasTests, SOURCE } from '../rules/gaps.ts'
import { WORDS } from '../vocabulary.ts'
import type { Mend } from './mend.ts'

interface Wanted {
  phase: Phase
  title: string
  why: string
}

export const addTasks: Mend = {
  rules: ['no-tests', 'phase-without-tests', 'no-docs', 'no-migration', 'no-infrastructure', 'no-setup'],
  propose(plan, findings) {
    const edits = new Map<string, Map<number, Edit>>()
    const changes: Change[] = []
    const added: string[] = []
    for (const { phase, title, why } of findings.flatMap((finding) => wantedBy(finding, plan))) {
      const first = why === SETUP
      const task = first ? openTasks(phase)[0] : openTasks(phase).at(-1)
      const edit =
        task === undefined || added.includes(plain(title)) ? undefined : besides(plan, task, title, first)
      if (task === undefined || edit === undefined) continue
      const { file } = task.place
      const of = edits.get(file) ?? new Map<number, Edit>()
      if (of.has(edit.at)) continue
      edits.set(file, of.set(edit.at, edit))
      added.push(plain(title))
      changes.push({ what: `Add to ${plan.words.phase} ${phase.id}: ${title}`, why, place: task.place })
    }
    return { files: editedFiles(plan, edits), changes, added } satisfies Revision
  },
}

const SETUP = 'In an empty repository nothing can be built or tested before its skeleton is there.'

function wantedBy({ rule, phase: id }: Diagnostic, plan: Plan): Wanted[] {
  const phase = openPhases(plan).find((each) => each.id === id)
  if (phase === undefined) return []
  const say = (title: string, why: string): Wanted[] => [{ phase, title, why }]
  const words = (pattern: RegExp): string => called(textOf(phase), pattern) ?? 'it'
  switch (rule) {
    case 'no-tests':
      return openPhases(plan)
        .filter((each) => buildsCode(each) && !hasTests(each))
        .flatMap((each) => testsOf(each, 'Without a test the only proof that it works is that it builds.'))
    case 'phase-without-tests':
      return testsOf(phase, 'The phases after it build on code that no test holds.')
    case 'no-docs':
      return say(
        `Describe ${words(WORDS.surface)} of ${plan.words.phase} ${phase.id} in \`README.md\``,
        'What people use is finished when they can find out how.',
      )
    case 'no-migration':
      return say(
        'Write the migration: how existing data gets to the new schema, and how to go back',
        'A schema that changes without one works on an empty database only.',
      )
    case 'no-infrastructure':
      return say(
        `Provide ${words(WORDS.services)} for development and tests in \`docker-compose.yml\``,
        'Where the service is missing, tests are skipped or faked.',
      )
    case 'no-setup':
      return say('Set up the project skeleton: package manifest, build command, test command', SETUP)
    default:
      return []
  }
}

/** Of its source files, by name. A phase that names none is left to its author: a test of nothing in particular helps nobody. */
function testsOf(phase: Phase, why: string): Wanted[] {
  const files = phase.files.filter((file) => SOURCE.test(file)).slice(0, 3)
  if (files.length === 0) return []
  const names = files.map((file) => `\`${file}\``).join(', ')
  return [{ phase, title: `Test what ${names} ${files.length === 1 ? 'does' : 'do'}, failures too`, why }]
}

/** A line like that of the task, behind it and what belongs to it, or before it. Undefined where the task is no item of a list. */
function besides(plan: Plan, task: Task, title: string, before: boolean): Edit | undefined {
  const lines = linesOf(plan, task.place.file)
  const at = task.place.line - 1
  const match = /^(\s*)([-*+]|(\d{1,4})([.)]))(\s+)(\[[^\]]\]\s+)?/.exec(lines?.[at] ?? '')
  if (lines === undefined || match === null) return undefined
  const [, indent = '', sign = '', number, dot = '', blank = '', box = ''] = match
  const isNumbered = number !== undefined
  const next = isNumbered ? `${Number(number) + (before ? 0 : 1)}${dot}` : sign
  const line = `${indent}${next}${blank}${box === '' ? '' : '[ ] '}${title}`
  // a number twice in front of a list would be another list
  if (before) return isNumbered ? undefined : { at, insert: [line] }
  let end = at + 1
  while (end < lines.length && isPartOf(lines[end] ?? '', indent)) end += 1
  // the same list goes on behind it: its numbers would stand twice
  if (isNumbered && /^\s*\d{1,4}[.)]\s/.test(lines[end] ?? '')) return undefined
  return { at: end, insert: [line] }
}

const isPartOf = (line: string, indent: string): boolean =>
  line.startsWith(`${indent}  `) && line.trim() !== ''
