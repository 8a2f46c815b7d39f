/** GSD's files with a phase done, and what of them an approval is about. */
import type { PhaseResult } from '../../model/phase-result.ts'
import { applyEdits, type Edit, lineEndOf } from '../../text/edits.ts'
import { boxesOf, linesOf } from '../../text/lines.ts'
import { markBoxes, normalized, undone, withoutBoxes } from '../boxes.ts'
import type { PlanChange } from '../format.ts'
import { isSummary, type PlanFile, plansOnDisk } from './gsd-plans.ts'
import { type Mark, readRoadmap, type Roadmap, type RoadmapPhase } from './gsd-roadmap.ts'
import { INDEX, requirementIds, requirementsOf } from './gsd-section.ts'

/** Every mark of the phase in the roadmap, and a SUMMARY.md for each of its plans that has none. */
export function writeGsd(
  files: ReadonlyMap<string, string>,
  { phase, status, leftOut = [], result, date }: PlanChange,
): Map<string, string> {
  const source = files.get(INDEX)
  const roadmap = readRoadmap(source ?? '')
  const found = roadmap.phases.find(({ id }) => id === phase.id)
  if (source === undefined || found === undefined) return new Map()
  if (status === 'in_progress') {
    const edits = found.rows.flatMap((row) =>
      row.status?.status === 'pending' ? [replaced(row.status, 'In progress')] : [],
    )
    return new Map([[INDEX, applyEdits(source, edits)]])
  }
  if (status !== 'completed') return new Map()
  const onDisk = plansOnDisk(found, roadmap, { paths: [...files.keys()], text: (path) => files.get(path) })
  const changed = new Map([[INDEX, applyEdits(source, completed(found, leftOut, date))]])
  const demands = files.get('REQUIREMENTS.md')
  if (demands !== undefined && leftOut.length === 0)
    changed.set('REQUIREMENTS.md', withRequirements(demands, found, roadmap))
  for (const plan of onDisk)
    if (!plan.summary.there && !leftOut.includes(plan.name))
      changed.set(plan.summary.path, summaryText(plan, phase, result, date, lineEndOf(source)))
  return changed
}

/** REQUIREMENTS.md with those ticked that this phase alone was to meet. */
function withRequirements(source: string, found: RoadmapPhase, { phases, lines }: Roadmap): string {
  const named = ({ section }: RoadmapPhase): string[] =>
    section === undefined ? [] : requirementIds(lines.slice(section.from, section.to))
  const others = new Set(phases.filter((phase) => phase !== found).flatMap(named))
  const met = new Set(named(found).filter((id) => !others.has(id)))
  const pieces = [...requirementsOf(source)].filter(([id]) => met.has(id))
  const at = new Set(pieces.map(([, { lines: [line] = [0] }]) => line))
  return markBoxes(
    source,
    boxesOf(linesOf(source)).filter(({ line }) => at.has(line)),
    'completed',
  )
}

const replaced = ({ start, end }: Mark, text: string): Edit => ({ start, end, text })

function completed(found: RoadmapPhase, leftOut: readonly string[], date: string | undefined): Edit[] {
  const boxes = [
    found.item?.box,
    ...found.plans.filter(({ name }) => !leftOut.includes(name)).map(({ box }) => box),
  ]
  const edits = boxes.flatMap((box) =>
    box === undefined || box.status === 'completed' ? [] : [{ start: box.start, end: box.end, text: 'x' }],
  )
  const statuses = [found.stated, ...found.rows.map((row) => row.status)]
  for (const mark of statuses)
    if (mark !== undefined && mark.status !== 'completed') edits.push(replaced(mark, 'Complete'))
  for (const { plans, date: cell } of found.rows) {
    const all = /^\s*\d+\s*\/\s*(\d+)\s*$/u.exec(plans?.text ?? '')?.[1]
    if (plans !== undefined && all !== undefined && leftOut.length === 0)
      edits.push(replaced(plans, `${all}/${all}`))
    if (cell !== undefined && date !== undefined && /^(?:-|—|–|tbd)$/iu.test(cell.text))
      edits.push(replaced(cell, date))
  }
  const heading = found.section?.heading
  const marked = found.item !== undefined || statuses.some((mark) => mark !== undefined)
  if (!marked && heading !== undefined && undone(heading.text) === heading.text) {
    const at = heading.start + heading.text.length
    edits.push({ start: at, end: at, text: ' ✅' })
  }
  return edits
}

/** What was done for a plan, as GSD keeps it beside the plan. */
function summaryText(
  plan: PlanFile,
  phase: PlanChange['phase'],
  result: PhaseResult | undefined,
  date: string | undefined,
  end: string,
): string {
  const folder = plan.path.split('/').at(-2) ?? phase.id
  const part = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0
      ? []
      : ['', `## ${title}`, '', ...lines.map((line) => `- ${line.replace(/\s+/gu, ' ')}`)]
  const { commits = [], decisions = [], deferred = [], notes = [] } = result ?? {}
  const lines = [
    '---',
    `phase: ${JSON.stringify(folder)}`,
    `plan: ${JSON.stringify(plan.name)}`,
    ...(date === undefined ? [] : [`completed: ${date}`]),
    '---',
    '',
    `# Plan ${plan.name} Summary`,
    '',
    `**${plan.objective === '' ? `Part of phase ${phase.id}: ${phase.title}` : plan.objective}**`,
    ...part(
      'Commits of the phase',
      commits.map(({ sha, subject }) => `\`${sha.slice(0, 7)}\` ${subject}`),
    ),
    ...part('Decisions', decisions),
    ...part(
      'Left for later',
      deferred.map(({ severity, file, line, title }) => `${severity} ${title} (${file}:${line})`),
    ),
    ...part('Notes', notes),
  ]
  return lines.join(end) + end
}

/** The roadmap without its marks; summaries are what a run writes. */
export function digestText(path: string, text: string): string | undefined {
  if (isSummary(path)) return undefined
  if (path === 'REQUIREMENTS.md') return withoutBoxes(text)
  if (path !== INDEX) return normalized(text)
  const marks = readRoadmap(text).phases.flatMap(({ stated, rows }) => [
    stated,
    ...rows.flatMap(({ status, plans, date }) => [status, plans, date]),
  ])
  return withoutBoxes(
    applyEdits(
      text,
      marks.flatMap((mark) => (mark === undefined ? [] : [replaced(mark, '')])),
    ),
  )
}
