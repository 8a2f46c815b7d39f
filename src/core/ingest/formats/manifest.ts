/** `manifest.md` with `specs/*-spec.md`: phases are the rows of a Phase / Sprint / Spec table. */
import type { Diagnostic } from '../../model/diagnostic.ts'
import { phaseId } from '../../model/ids.ts'
import type { Phase, Spec, Status, WrittenPlan } from '../../model/plan.ts'
import type { Block, Piece } from '../../text/blocks.ts'
import { fold, plain } from '../../text/inline.ts'
import { phaseLabel } from '../../text/phase-label.ts'
import { readStatus } from '../../text/status.ts'
import { splitMarks } from '../../text/heading-status.ts'
import { dependsOnItself } from '../dependencies.ts'
import type { PlanFiles, PlanFormat } from '../format.ts'
import { flowchartEdges, isFlowchart } from '../flowchart.ts'
import { readMark } from '../marks.ts'
import { locateByIndex, OWN_FILES, writeOwnStatus } from '../own-status.ts'
import { EMPTY_SPEC, readSpec } from '../spec.ts'
import { SpecFiles, SpecNames } from '../spec-names.ts'
import { type Listed, phaseRows, type Row, specTable, uniqueRows } from './manifest-rows.ts'

const INDEX = 'manifest.md'

export const manifest: PlanFormat = {
  id: 'spec-driven',
  marker: INDEX,
  words: { phase: 'phase', task: 'task' },
  isOurs: true,
  own: [...OWN_FILES, 'specs/**/*.md'],
  locate: (path) => locateByIndex(path, INDEX),
  detect: ({ names, file = INDEX }) =>
    Promise.resolve(
      file === INDEX && names.includes(INDEX)
        ? {
            confidence: 'certain',
            index: INDEX,
            files: [INDEX, ...names.filter((n) => /^specs\/.+\.md$/iu.test(n))],
          }
        : undefined,
    ),
  read: readManifest,
  write: writeOwnStatus,
}

function readManifest(files: PlanFiles): WrittenPlan {
  const blocks = files.blocks(INDEX)
  const diagnostics: Diagnostic[] = []
  const rows = uniqueRows(phaseRows(blocks), diagnostics, INDEX)
  const overview = specTable(blocks)
  const names = new SpecNames(rows.map((r) => r.name))
  const specFiles = new SpecFiles(files.names)
  const drawn = drawnOrder(blocks, names, rows)
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const group = groups.get(row.phase)
    if (group === undefined) groups.set(row.phase, [row])
    else group.push(row)
  }
  const listed = new Set<string>()
  const phases = [...groups].map(([id, group]) => {
    const specs = group.map((row) => {
      const spec = toSpec(row, { overview, names, specFiles, drawn }, files, diagnostics)
      if (spec.file !== undefined) listed.add(spec.file)
      return spec
    })
    const title = phaseTitle(id, blocks)
    return toPhase(id, specs, title === '' ? (group[0]?.phaseTitle ?? '') : title, group[0]?.line ?? 1)
  })
  if (rows.length > 0) diagnostics.push(...unlisted(files.names, listed))
  const heading = blocks.find((b) => b.kind === 'heading')
  return {
    mode: 'spec-driven',
    title: heading?.kind === 'heading' ? plain(heading.text) : '',
    phases,
    diagnostics,
  }
}

interface Known {
  overview: ReadonlyMap<string, Listed>
  names: SpecNames
  specFiles: SpecFiles
  /** What flowcharts say each comes after. */
  drawn: ReadonlyMap<string, string[]>
}

function toSpec(
  row: Row,
  { overview, names, specFiles, drawn }: Known,
  files: PlanFiles,
  diagnostics: Diagnostic[],
): Spec {
  const listed = overview.get(fold(row.name))
  const file = specFiles.find(row.name, [row.link, listed?.path ?? ''])
  const source = file === undefined ? undefined : files.text(file)
  const own =
    file === undefined || source === undefined
      ? EMPTY_SPEC
      : readSpec(source, files.blocks(file), row.name, file)
  const { status: ownStatus, dependsOn: ownDependencies, ...content } = own
  const status = stated(row.status) ?? stated(listed?.status) ?? ownStatus ?? 'pending'
  if (row.status !== undefined && plain(row.status.text) !== '' && stated(row.status) === undefined) {
    diagnostics.push({
      rule: 'unknown-status',
      severity: 'warning',
      file: INDEX,
      line: row.line,
      message: `Spec "${row.name}" has the status "${plain(row.status.text).slice(0, 80)}", which is none we know; it counts as ${status}.`,
      hint: 'Write draft, pending, in_progress, completed, blocked, skipped or failed.',
      phase: row.phase,
    })
  }
  return {
    ...content,
    name: row.name,
    sprint: row.sprint,
    status,
    dependsOn: dependenciesOf(row, names, ownDependencies ?? drawn.get(row.name), diagnostics),
    file,
    place: { file: INDEX, line: row.line },
  }
}

const stated = (cell: Piece | undefined): Status | undefined =>
  cell === undefined ? undefined : (readStatus(cell.text)?.status ?? readMark(cell.text).status)

/** What each spec comes after in the flowcharts of a manifest whose table has no column for it. */
function drawnOrder(
  blocks: readonly Block[],
  names: SpecNames,
  rows: readonly Row[],
): ReadonlyMap<string, string[]> {
  const found = new Map<string, string[]>()
  if (rows.some(({ dependsOn }) => dependsOn !== undefined)) return found
  const order = rows.map(({ name }) => name)
  for (const block of blocks) {
    const lines = block.kind === 'code' ? block.text.split('\n') : []
    if (!isFlowchart(lines)) continue
    for (const [name, on] of flowchartEdges(lines, order, (text) => names.resolve(text)))
      found.set(name, [...(found.get(name) ?? []), on])
  }
  return new Map([...found].map(([name, on]) => [name, [...new Set(on)]]))
}

/** The manifest's cell counts; where it is prose or the row has none, the spec's front matter does. */
function dependenciesOf(
  row: Row,
  names: SpecNames,
  own: string[] | undefined,
  diagnostics: Diagnostic[],
): string[] {
  const fromFile = own?.map((name) => names.resolve(name) ?? name).filter((name) => name !== row.name)
  if (row.dependsOn === undefined || plain(row.dependsOn.text) === '') return fromFile ?? []
  const read = names.resolveAll(row.dependsOn.text)
  if (read.names.includes(row.name))
    diagnostics.push(dependsOnItself(`Spec "${row.name}"`, { file: INDEX, line: row.line }, row.phase))
  if (read.unknown.length === 0) return read.names.filter((name) => name !== row.name)
  if (fromFile !== undefined && fromFile.length > 0) {
    diagnostics.push({
      rule: 'dependency-not-understood',
      severity: 'info',
      file: INDEX,
      line: row.line,
      message: `Spec "${row.name}" depends on "${plain(row.dependsOn.text).slice(0, 80)}", which is no list of specs; depends_on in its own file counts.`,
      hint: 'List the names of specs in the column, separated by commas.',
      phase: row.phase,
    })
    return fromFile
  }
  return [...read.names, ...read.unknown].filter((name) => name !== row.name)
}

function toPhase(id: string, specs: Spec[], title: string, line: number): Omit<Phase, 'after'> {
  const targets = specs.flatMap((s) => s.files)
  const first = specs.slice(0, 3).map((s) => s.name)
  const more = specs.length > 3 ? ` and ${specs.length - 3} more` : ''
  return {
    id: phaseId(id),
    title: title === '' ? first.join(', ') + more : title,
    status: phaseStatus(specs.map((s) => s.status)),
    text: '',
    tasks: [],
    specs,
    files: [
      ...new Set([...targets.map((t) => t.path), ...specs.flatMap((s) => s.tasks.flatMap((t) => t.files))]),
    ].sort(),
    targets,
    criteria: [],
    dependsOn: [],
    unknownDependencies: [],
    place: { file: INDEX, line },
  }
}

/** What the specs' statuses make of their phase. */
export function phaseStatus(statuses: readonly Status[]): Status {
  const all = (...of: Status[]): boolean => statuses.length > 0 && statuses.every((s) => of.includes(s))
  if (all('skipped')) return 'skipped'
  if (all('completed', 'skipped')) return 'completed'
  if (statuses.includes('failed')) return 'failed'
  if (statuses.includes('in_progress') || statuses.includes('completed')) return 'in_progress'
  if (statuses.includes('blocked')) return 'blocked'
  return all('draft') ? 'draft' : 'pending'
}

/** "## Phase 1: Foundations" anywhere in the manifest names the phase. */
function phaseTitle(id: string, blocks: readonly Block[]): string {
  for (const block of blocks) {
    if (block.kind !== 'heading') continue
    const label = phaseLabel(block.text)
    if (label?.separated === true && label.id === id) return plain(splitMarks(label.title).text)
  }
  return ''
}

function unlisted(names: readonly string[], listed: ReadonlySet<string>): Diagnostic[] {
  return names
    .filter((name) => /^specs\/.+-spec\.md$/iu.test(name) && !listed.has(name))
    .map((name) => ({
      rule: 'unlisted-spec',
      severity: 'info' as const,
      file: name,
      line: 1,
      message: `${name} is in no row of ${INDEX}, so nothing runs it.`,
      hint: `Add a row with its phase and sprint to the table in ${INDEX}, or remove the file.`,
    }))
}
