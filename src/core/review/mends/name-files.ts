/** Files of the repository that a phase speaks of and does not name. */
import { openPhases, openTasks, tasksOf } from '../facts.ts'
import { type Edit, editedFiles, linesOf } from '../line-edits.ts'
import type { Change } from '../restructure.ts'
import { SOURCE } from '../rules/gaps.ts'
import type { Mend } from './mend.ts'

const MAX_FILES = 4

export const nameFiles: Mend = {
  rules: ['no-file-targets'],
  looksAround: true,
  propose(plan, findings, { files }) {
    const named = new Set(
      findings.flatMap(({ phase, line, related = [] }) => [phase, line, ...related.map((r) => r.line)]),
    )
    const index = byName(files)
    const edits = new Map<string, Map<number, Edit>>()
    const changes: Change[] = []
    for (const phase of openPhases(plan)) {
      if (phase.files.length > 0 || !(named.has(phase.id) || named.has(phase.place.line))) continue
      const found = [...new Set(openTasks(phase).flatMap(({ title }) => filesOf(title, index)))]
      const [spec] = phase.specs
      const file = spec === undefined ? phase.place.file : spec.file
      if (found.length === 0 || found.length > MAX_FILES || file === undefined) continue
      const edit =
        spec === undefined
          ? line(plan, phase.place, found)
          : section(plan, file, tasksOf(phase)[0]?.place.line, found)
      if (edit === undefined) continue
      edits.set(file, (edits.get(file) ?? new Map<number, Edit>()).set(edit.at, edit))
      changes.push({
        what: `Name ${found.join(', ')} in ${plan.words.phase} ${phase.id}`,
        why: 'Its tasks speak of what stands there; named files keep an agent out of everything else.',
        place: phase.place,
      })
    }
    return { files: editedFiles(plan, edits), changes }
  },
}

const GENERATED = /(?:^|\/)(?:dist|build|out|target|vendor|coverage|\.venv|venv|\.next)\//

/** Source files by their folded name without ending; a name that several have says nothing. */
function byName(files: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string | undefined>()
  for (const file of files) {
    if (
      !SOURCE.test(file) ||
      GENERATED.test(file) ||
      /\.(?:test|spec)\.|(?:^|\/)(?:tests?|__tests__)\//.test(file)
    )
      continue
    const name = folded((file.split('/').at(-1) ?? '').replace(/\.[^.]+$/, ''))
    if (name.length >= 4) found.set(name, found.has(name) ? undefined : file)
  }
  return new Map([...found].flatMap(([name, file]) => (file === undefined ? [] : [[name, file] as const])))
}

const folded = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')

/** An identifier, quoted code, or two words in a row that are a file's name: "SessionStore", "`session_store`", "session store". */
function filesOf(title: string, index: ReadonlyMap<string, string>): string[] {
  const codes = [...title.matchAll(/`([^`\n]{3,60})`|\b(\w+_\w+|[A-Za-z]+[a-z0-9][A-Z]\w*)\b/g)].map(
    (match) => match[1] ?? match[2] ?? '',
  )
  const words = title.split(/[^\p{L}\p{N}]+/u)
  const pairs = words.flatMap((word, at) => [
    `${word}${words[at + 1] ?? ''}`,
    `${word}${words[at + 1] ?? ''}${words[at + 2] ?? ''}`,
  ])
  return [...codes, ...pairs].flatMap((name) => index.get(folded(name.replace(/\(.*$/, ''))) ?? [])
}

/** "**Files:** …" below the heading and what stands right below it. Undefined where the phase is no section. */
function line(
  plan: Parameters<Mend['propose']>[0],
  place: { file: string; line: number },
  found: readonly string[],
): Edit | undefined {
  const lines = linesOf(plan, place.file)
  if (lines === undefined || !/^#{1,6}\s/.test(lines[place.line - 1] ?? '')) return undefined
  let at = place.line
  while (
    at < lines.length &&
    /^[>\s]*\*{0,2}[\p{L} ]{2,24}\*{0,2}\s*[:：]\*{0,2}\s*\S/u.test(lines[at] ?? '')
  )
    at += 1
  const text = `**Files:** ${found.map((file) => `\`${file}\``).join(', ')}`
  return at < lines.length
    ? { at, insert: (lines[at] ?? '').trim() === '' ? ['', text] : ['', text, ''] }
    : undefined
}

/** A section "Files" before that of the tasks. */
function section(
  plan: Parameters<Mend['propose']>[0],
  file: string,
  task: number | undefined,
  found: readonly string[],
): Edit | undefined {
  const lines = linesOf(plan, file) ?? []
  if (task === undefined) return undefined
  const at = lines.findLastIndex((text, index) => index < task && /^#{1,6}\s/.test(text))
  if (at < 1) return undefined
  const level = /^#+/.exec(lines[at] ?? '')?.[0] ?? '##'
  const rows = found.map((path) => `| ${path} | modify | its tasks speak of it |`)
  return {
    at,
    insert: [`${level} Files`, '', '| File | Action | Purpose |', '| --- | --- | --- |', ...rows, ''],
  }
}
