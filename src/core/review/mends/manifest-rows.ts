/** What a manifest's rows say of the order of specs: dependencies, sprints, phases. */
import type { Plan, Spec } from '../../model/plan.ts'
import { openPhases, openSpecs } from '../facts.ts'
import { type Edit, editedFiles, linesOf } from '../line-edits.ts'
import type { Change, Revision } from '../restructure.ts'
import { untiedPairs } from '../rules/dependencies.ts'
import { MAX_TASKS } from '../split.ts'
import type { Mend } from './mend.ts'

type Column = 'phase' | 'sprint' | 'depends'

const HEADERS: Record<Column, RegExp> = {
  phase: /^\s*(?:phase|阶段|フェーズ|단계)\s*$/i,
  sprint: /^\s*(?:sprint|迭代|冲刺|スプリント)\s*$/i,
  depends: /^\s*(?:depends[ _-]?on|dependencies|blocked by|依赖|依存|의존성)\s*$/i,
}

/** The rows of a plan's manifest, changed cell by cell. */
class Rows {
  readonly #lines: readonly string[]
  readonly #edits = new Map<number, Edit>()
  readonly changes: Change[] = []
  readonly #plan: Plan

  constructor(plan: Plan) {
    this.#plan = plan
    this.#lines = linesOf(plan, plan.index) ?? []
  }

  /** What stands in a spec's cell; undefined where its table has no such column. */
  cell(spec: Spec, column: Column): string | undefined {
    return this.#cells(spec.place.line - 1)?.[this.#column(spec, column)]?.trim()
  }

  set(spec: Spec, column: Column, text: string, change: Omit<Change, 'place'>): void {
    const at = spec.place.line - 1
    const cells = this.#cells(at)
    const index = this.#column(spec, column)
    const old = cells?.[index]
    if (cells === undefined || old === undefined) return
    cells[index] = ` ${text} `.padEnd(old.length)
    this.#edits.set(at, { at, replace: cells.join('|') })
    this.changes.push({ ...change, place: spec.place })
  }

  get revision(): Revision {
    const files =
      this.#edits.size === 0 ? new Map() : editedFiles(this.#plan, new Map([[this.#plan.index, this.#edits]]))
    return { files, changes: this.changes }
  }

  #cells(at: number): string[] | undefined {
    const edit = this.#edits.get(at)
    const line = edit !== undefined && 'replace' in edit ? edit.replace : this.#lines[at]
    // a pipe in code or escaped is none between cells
    return line === undefined || !line.trimStart().startsWith('|') || /\\\||`[^`]*\|[^`]*`/.test(line)
      ? undefined
      : line.split('|')
  }

  #column(spec: Spec, column: Column): number {
    for (let at = spec.place.line - 2; at >= 1; at -= 1) {
      if (/^\s*\|[\s:|-]+\|\s*$/.test(this.#lines[at] ?? ''))
        return (this.#lines[at - 1] ?? '').split('|').findIndex((cell) => HEADERS[column].test(cell))
    }
    return -1
  }
}

const isNone = (cell: string): boolean => /^(?:[—–-]*|none|n\/?a|无|なし)$/i.test(cell)

/** Specs that need something of another, or change its files, and do not wait for it. */
export const stateSpecDependencies: Mend = {
  rules: ['unmet-need', 'implicit-dependency'],
  propose(plan) {
    const rows = new Rows(plan)
    const byName = new Map(plan.phases.flatMap((phase) => phase.specs.map((spec) => [spec.name, spec])))
    const add = (spec: Spec, on: string, why: string): void => {
      const cell = rows.cell(spec, 'depends')
      if (cell === undefined || on === spec.name || cell.split(/[,，、]/).some((name) => name.trim() === on))
        return
      rows.set(spec, 'depends', isNone(cell) ? on : `${cell}, ${on}`, {
        what: `Let spec ${spec.name} depend on spec ${on}`,
        why,
      })
    }
    for (const { spec } of openSpecs(plan))
      for (const need of spec.needsFrom) {
        const other = byName.get(need.spec)
        if (other === undefined || spec.dependsOn.includes(need.spec) || waitsFor(other, spec.name, byName))
          continue
        add(spec, need.spec, `It needs “${need.what}” from it.`)
      }
    for (const { first, second, files } of untiedPairs(plan)) {
      const [file = ''] = files
      const holds = ({ files: of }: Spec): boolean => of.some(({ path }) => path === file)
      const [a, b] = [first.specs.findLast(holds), second.specs.find(holds)]
      if (a !== undefined && b !== undefined && !waitsFor(a, b.name, byName))
        add(b, a.name, `Both change ${file}, and neither waits for the other.`)
    }
    return rows.revision
  },
}

function waitsFor(
  spec: Spec,
  name: string,
  byName: ReadonlyMap<string, Spec>,
  seen = new Set<string>(),
): boolean {
  if (spec.dependsOn.includes(name)) return true
  if (seen.has(spec.name)) return false
  seen.add(spec.name)
  return spec.dependsOn.some((each) => {
    const other = byName.get(each)
    return other !== undefined && waitsFor(other, name, byName, seen)
  })
}

/** Specs that wait for one of their own sprint, or of a later one: a later sprint. */
export const orderSprints: Mend = {
  rules: ['sprint-order'],
  propose(plan) {
    const rows = new Rows(plan)
    for (const phase of openPhases(plan)) {
      // a blank cell means "as above": whoever moves one would move those below
      if (phase.specs.some((spec) => !/\d/.test(rows.cell(spec, 'sprint') ?? ''))) continue
      const sprint = new Map(phase.specs.map((spec) => [spec.name, spec.sprint ?? 1]))
      for (let round = 0; round < phase.specs.length; round += 1) {
        for (const spec of phase.specs) {
          const waits = spec.dependsOn.flatMap((name) => (name === spec.name ? [] : (sprint.get(name) ?? [])))
          const needed = Math.max(0, ...waits) + 1
          if (waits.length > 0 && needed > (sprint.get(spec.name) ?? 1)) sprint.set(spec.name, needed)
        }
      }
      for (const spec of phase.specs) {
        const to = sprint.get(spec.name) ?? 1
        const cell = rows.cell(spec, 'sprint') ?? ''
        // a circle has no order
        if (to === (spec.sprint ?? 1) || to > phase.specs.length + 1) continue
        rows.set(spec, 'sprint', cell.replace(/\d+/, String(to)), {
          what: `Move spec ${spec.name} to sprint ${to}`,
          why: `It waits for ${spec.dependsOn.filter((name) => sprint.has(name)).join(', ')} of the same phase.`,
        })
      }
    }
    return rows.revision
  },
}

/** Phases of more specs than one phase should have: the later ones, whose turn comes after the others anyway, are a phase of their own. */
export const splitManifestPhases: Mend = {
  rules: ['too-many-tasks'],
  propose(plan) {
    const rows = new Rows(plan)
    const ids = new Set<string>(plan.phases.map(({ id }) => id))
    for (const phase of openPhases(plan).filter(({ specs }) => specs.length > MAX_TASKS)) {
      const cells = phase.specs.map((spec) => rows.cell(spec, 'phase'))
      const parts = inOrder(phase.specs)
      if (parts === undefined || cells.some((cell) => cell === undefined || cell !== phase.id)) continue
      const names = parts.map(
        (_, at) => `${phase.id}${/[a-z]$/i.test(phase.id) ? String(at + 1) : 'abcdefgh'.charAt(at)}`,
      )
      if (names.some((name) => ids.has(name) || name === phase.id)) continue
      for (const [at, part] of parts.entries())
        for (const spec of part)
          rows.set(spec, 'phase', names[at] ?? phase.id, {
            what: `Move spec ${spec.name} to phase ${names[at] ?? phase.id}`,
            why: 'A smaller phase gets closer reviews and costs less to try again.',
          })
    }
    return rows.revision
  },
}

/** Runs of equal length in written order; undefined where one would wait for a later one. */
function inOrder(specs: readonly Spec[]): Spec[][] | undefined {
  const pieces = Math.ceil(specs.length / MAX_TASKS)
  const size = Math.ceil(specs.length / pieces)
  const parts = Array.from({ length: pieces }, (_, at) => specs.slice(at * size, (at + 1) * size))
  const partOf = new Map(parts.flatMap((part, at) => part.map((spec) => [spec.name, at] as const)))
  const against = specs.some((spec) =>
    spec.dependsOn.some((name) => (partOf.get(name) ?? 0) > (partOf.get(spec.name) ?? 0)),
  )
  return against || pieces > 8 ? undefined : parts
}
