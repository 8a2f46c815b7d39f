import { DEFAULT_CONTRACT } from '../../src/core/model/contract.ts'
import type { Place } from '../../src/core/model/diagnostic.ts'
import type { PhaseId } from '../../src/core/model/ids.ts'
import { digest, phaseId } from '../../src/core/model/ids.ts'
import type {
  Criterion,
  FileTarget,
  Phase,
  Plan,
  PlanFile,
  Spec,
  Status,
  Task,
} from '../../src/core/model/plan.ts'

export interface PhaseSketch {
  id: string
  title?: string
  status?: Status
  tasks?: (string | { title: string; files?: string[]; done?: boolean })[]
  files?: string[]
  criteria?: string[]
  dependsOn?: string[]
  unknown?: string[]
  specs?: SpecSketch[]
  /** Lines under the heading. */
  prose?: string[]
}

export interface SpecSketch {
  name: string
  sprint?: number
  status?: Status
  dependsOn?: string[]
  /** False: the manifest names it, and it has no file. */
  written?: boolean
  requirements?: (string | { id: string; text: string })[]
  criteria?: string[]
  files?: string[]
  tasks?: string[]
  needsFrom?: Record<string, string>
  providesTo?: Record<string, string>
  openQuestions?: string[]
  /** Leave these sections out. */
  without?: string[]
}

export interface PlanSketch {
  phases: PhaseSketch[]
  title?: string
  /** Lines between the title and the first phase. */
  preamble?: string[]
  files?: Record<string, string>
  contract?: Partial<Plan['contract']['project']>
  dir?: string
}

/** A plan as ingest would give it for a file like the one it writes along: every place is a real line of `plan.files`. */
export function planOf(sketch: PlanSketch | PhaseSketch[]): Plan {
  const { phases: sketches, ...rest } = Array.isArray(sketch) ? { phases: sketch } : sketch
  const more: Omit<PlanSketch, 'phases'> = rest
  const specDriven = sketches.some((phase) => phase.specs !== undefined)
  const index = specDriven ? 'manifest.md' : 'task_plan.md'
  const page = new Page(index)
  page.line(`# ${more.title ?? 'Plan'}`)
  for (const line of more.preamble ?? []) page.line(line)
  if (specDriven) page.line('| Phase | Sprint | Spec | Status | Depends On |')
  const files: PlanFile[] = []
  const drafts = sketches.map((phase) => phaseOf(phase, page, files))
  const stated = sketches.some(
    (p) => p.dependsOn !== undefined || p.specs?.some((s) => s.dependsOn !== undefined),
  )
  const phases = drafts.map((phase, at): Phase => ({
    ...phase,
    after: stated ? waits(phase, drafts) : previous(drafts, at),
  }))
  const extra = Object.entries(more.files ?? {}).map(([path, text]) => ({ path, text }))
  return {
    mode: specDriven ? 'spec-driven' : 'task-based',
    title: more.title ?? 'Plan',
    dir: more.dir ?? 'plans/feature',
    path: more.dir ?? 'plans/feature',
    index,
    words: { phase: 'phase', task: 'task' },
    context: [],
    phases,
    dependenciesStated: stated,
    contract: { ...DEFAULT_CONTRACT, project: more.contract ?? {} },
    findings: undefined,
    documents: [],
    digest: digest('0'.repeat(64)),
    files: [{ path: index, text: page.text() }, ...files, ...extra],
    diagnostics: [],
  }
}

/** Text of a plan's file, as a source for rendered diagnostics. */
export const sourcesOf =
  (plan: Plan) =>
  (file: string): string | undefined =>
    plan.files.find(({ path }) => path === file)?.text

class Page {
  readonly #lines: string[] = []
  readonly file: string
  constructor(file: string) {
    this.file = file
  }
  line(text: string): Place {
    this.#lines.push(text)
    return { file: this.file, line: this.#lines.length }
  }
  text(): string {
    return `${this.#lines.join('\n')}\n`
  }
}

function phaseOf(sketch: PhaseSketch, page: Page, files: PlanFile[]): Omit<Phase, 'after'> {
  const title = sketch.title ?? `Part ${sketch.id}`
  const place =
    sketch.specs === undefined ? page.line(`## Phase ${sketch.id}: ${title}`) : { file: page.file, line: 1 }
  const written: string[] = []
  const say = (text: string): Place => {
    written.push(text)
    return page.line(text)
  }
  for (const line of sketch.prose ?? []) say(line)
  const deps = [...(sketch.dependsOn ?? []).map((id) => `Phase ${id}`), ...(sketch.unknown ?? [])]
  const dependencyPlace = deps.length > 0 ? say(`**Depends on:** ${deps.join(', ')}`) : place
  const tasks = (sketch.tasks ?? []).map((task, at): Task => {
    const { title: text, files: paths = [], done = false } = typeof task === 'string' ? { title: task } : task
    const suffix = paths.length > 0 ? ` (${paths.map((path) => `\`${path}\``).join(', ')})` : ''
    const where = say(`- [${done ? 'x' : ' '}] ${text}${suffix}`)
    return { id: `${sketch.id}.${at + 1}`, title: text, done, files: paths, place: where }
  })
  const targets = (sketch.files ?? []).map((path): FileTarget => ({
    path,
    place: say(`- File: \`${path}\``),
  }))
  const criteria = (sketch.criteria ?? []).map((text, at): Criterion => {
    const id = `AC-${at + 1}`
    return { id, text, place: say(`- ${id}: ${text}`) }
  })
  const specs = (sketch.specs ?? []).map((spec) => specOf(spec, sketch.id, page, files))
  const paths = [...targets, ...specs.flatMap((s) => s.files)].map((target) => target.path)
  return {
    id: phaseId(sketch.id),
    title,
    status: sketch.status ?? 'pending',
    text: sketch.specs === undefined ? written.join('\n') : '',
    tasks,
    specs,
    files: [...new Set([...paths, ...tasks.flatMap((task) => task.files)])].sort(),
    targets,
    criteria,
    dependsOn: (sketch.dependsOn ?? []).map(phaseId),
    unknownDependencies: (sketch.unknown ?? []).map((text) => ({ text, place: dependencyPlace })),
    place: specs[0]?.place ?? place,
  }
}

function specOf(sketch: SpecSketch, phase: string, manifest: Page, files: PlanFile[]): Spec {
  const { name, sprint = 1, status = 'draft', dependsOn = [] } = sketch
  const place = manifest.line(
    `| ${phase} | ${sprint} | ${name} | ${status} | ${dependsOn.join(', ') || '—'} |`,
  )
  const page = new Page(`specs/${name}-spec.md`)
  page.line(`# ${name}`)
  const sections: Spec['sections'] = []
  const section = <T>(
    title: string,
    items: readonly T[],
    write: (item: T, at: number) => string,
  ): Place[] => {
    if (sketch.without?.includes(title)) return []
    sections.push({ title, place: page.line(`## ${title}`) })
    return items.map((item, at) => page.line(write(item, at)))
  }
  const numbered = (prefix: string, items: readonly (string | { id: string; text: string })[]) =>
    items.map((item, at) => (typeof item === 'string' ? { id: `${prefix}-${at + 1}`, text: item } : item))
  const located = <T extends object>(items: T[], places: Place[]) =>
    items.flatMap((item, at) => (places[at] === undefined ? [] : { ...item, place: places[at] }))
  const itemLine = ({ id, text }: { id: string; text: string }) => `- ${id}: ${text}`
  const requirements = numbered('REQ', sketch.requirements ?? [])
  const criteria = numbered('AC', sketch.criteria ?? [])
  const links = (record: Record<string, string> = {}) =>
    Object.entries(record).map(([spec, what]) => ({ spec, what }))
  const [needs, provides] = [links(sketch.needsFrom), links(sketch.providesTo)]
  const tasks = (sketch.tasks ?? []).map((title, at) => ({
    id: `${name}.${at + 1}`,
    title,
    done: false,
    files: [],
  }))
  const questions = (sketch.openQuestions ?? []).map((text) => ({ text }))
  const spec: Spec = {
    name,
    sprint,
    status,
    dependsOn,
    file: sketch.written === false ? undefined : page.file,
    overview: '',
    requirements: located(requirements, section('Requirements', requirements, itemLine)),
    criteria: located(criteria, section('Acceptance Criteria', criteria, itemLine)),
    files: located(
      (sketch.files ?? []).map((path) => ({ path, action: 'create' as const })),
      section('Files', sketch.files ?? [], (path) => `| ${path} | create | |`),
    ),
    tasks: located(
      tasks,
      section('Tasks', tasks, (task, at) => `${at + 1}. ${task.title}`),
    ),
    needsFrom: located(
      needs,
      section('Dependencies', needs, (n) => `- Needs from ${n.spec}: ${n.what}`),
    ),
    providesTo: located(
      provides,
      section('Provides', provides, (p) => `- Provides to ${p.spec}: ${p.what}`),
    ),
    openQuestions: located(
      questions,
      section('Open Questions', questions, (q) => `- ${q.text}`),
    ),
    sections,
    text: page.text(),
    place,
  }
  if (spec.file !== undefined) files.push({ path: page.file, text: page.text() })
  return spec
}

function waits(phase: Omit<Phase, 'after'>, all: Omit<Phase, 'after'>[]): PhaseId[] {
  const owner = new Map(all.flatMap((p) => p.specs.map((spec) => [spec.name, p.id] as const)))
  const bySpecs = phase.specs.flatMap((spec) => spec.dependsOn.flatMap((name) => owner.get(name) ?? []))
  return [...new Set([...phase.dependsOn, ...bySpecs])].filter(
    (id) => id !== phase.id || phase.dependsOn.includes(id),
  )
}

const previous = (all: { id: PhaseId }[], at: number): PhaseId[] =>
  all.slice(Math.max(0, at - 1), at).map((p) => p.id)
