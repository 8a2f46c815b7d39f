/** What a phase says it depends on. */
import type { Diagnostic } from '../model/diagnostic.ts'
import { fold, plain } from '../text/inline.ts'
import { idList, phaseReferences } from '../text/phase-label.ts'

export interface StatedDependencies {
  ids: string[]
  /** Names that look like a phase and are none of this plan. */
  unknown: string[]
  /** True where the phase names itself in a list; a chain ("Phase 1 → Phase 2") may. */
  self: boolean
  /** False where the text names something else (libraries, people) or nothing that we understand. */
  understood: boolean
}

const NONE =
  /^(?:none|no|nothing|n a|na|nil|null|empty|independent|root|start|first|ninguna?|nenhuma?|keine?|aucune?|nessuna?|brak|нет|无|無|没有|暂无|なし|없음|אין|لا يوجد)(?: .*)?$/u

/** The phases of a plan in written order, made once for all that is looked up in it. */
export interface PhaseOrder {
  ids: readonly string[]
  /** The id by its lower case. */
  known: ReadonlyMap<string, string>
  /** How many stand before. */
  at: ReadonlyMap<string, number>
}

export const phaseOrder = (ids: readonly string[]): PhaseOrder => ({
  ids,
  known: new Map(ids.map((id) => [id.toLowerCase(), id])),
  at: new Map(ids.map((id, at) => [id, at])),
})

/** Reads the value of "Depends on:". `own` is the phase that says it. */
export function readDependencies(
  value: string,
  { ids, known, at }: PhaseOrder,
  own: string,
): StatedDependencies {
  const text = plain(value)
  const none = fold(text.replace(/[()[\]—–-]/g, ' '))
  if (none === '' || NONE.test(none)) return { ids: [], unknown: [], self: false, understood: true }
  const { ids: named, all } = phaseReferences(text)
  if (all) return { ids: ids.slice(0, at.get(own) ?? 0), unknown: [], self: false, understood: true }
  const written = named.length > 0 ? named : bareIds(text, known)
  const result: StatedDependencies = { ids: [], unknown: [], self: false, understood: written.length > 0 }
  for (const name of written) {
    const id = known.get(name.toLowerCase())
    if (id === undefined) result.unknown.push(name)
    else if (id === own) result.self = !CHAIN.test(text)
    else if (!result.ids.includes(id)) result.ids.push(id)
  }
  return result
}

const CHAIN = /→|⟶|➜|->|=>|<-|←/u

/** What is said of a dependency on oneself. `name` begins a sentence: "Phase 2", `Spec "a"`. */
export function dependsOnItself(
  name: string,
  place: { file: string; line: number },
  phase: string,
): Diagnostic {
  return {
    rule: 'self-dependency',
    severity: 'warning',
    ...place,
    message: `${name} depends on itself; that is passed over.`,
    hint: 'Name what it really waits for, or remove it.',
    phase,
  }
}

/** A thousand phases that each wait for all before them state as many. */
export const MAX_DEPENDENCIES = 500_000

export const tooManyDependencies = (phase: string, place: { file: string; line: number }): Diagnostic => ({
  rule: 'too-many-dependencies',
  severity: 'error',
  ...place,
  message: `Up to phase ${phase} the plan states more than ${MAX_DEPENDENCIES} dependencies; those of the phases behind it were not read.`,
  hint: 'Let each phase name only what it waits for directly: what that waits for is waited for too.',
  phase,
})

/** "1, 2", "A", "2-4": every piece an id, or none counts. A remark behind a dash or in brackets is left out. */
function bareIds(text: string, known: ReadonlyMap<string, string>): string[] {
  // "M1, the stereo data. Runs in torch.": a code that is a phase's is no other word
  const codes = [...text.matchAll(/(?<![\p{L}\p{N}])[A-Z]{1,4}-?\d{1,3}[a-z]?(?![\p{L}\p{N}])/gu)].map(
    ([code]) => code,
  )
  const own = codes.filter((code) => known.has(code.toLowerCase()))
  if (own.length > 0) return own
  const list = idList(
    text
      .replace(/^\s*\[(.*)\]\s*$/u, '$1')
      .replace(/\s*(?:[(（].*|\s[—–]\s.*)$/u, '')
      .replace(/[.。]$/u, ''),
  )
  const shaped = list.every((id) =>
    /^(?:\d{1,3}(?:\.\d{1,3})?[a-z]?|[A-Z]\d{0,2}|[A-Z]{1,4}-\d{1,3})$/u.test(id),
  )
  return shaped && list.some((id) => known.has(id.toLowerCase())) ? list : []
}

/** "This phase depends on Phase 2", "blocked by Phase 1", "After Phase 3:" in the prose of a phase. */
export function proseDependency(line: string): string | undefined {
  const match =
    /\b(?:depends on|dependent on|blocked by|requires|depend[ea] d[ea]|dépend de(?: la| l['’])?|dipende da(?:lla)?|hängt von|abhängig von|zależy od)\s*((?:completion of\s+|the\s+|la\s+)?(?:phase|stage|fase|etapa|étape|faz[ay]|etap)[sun]?\s[^.;]{1,80})/iu.exec(
      line,
    ) ??
    /(?:зависит|зависят) от\s+((?:фаз|этап|стади)\p{L}*\s[^.;]{1,80})/iu.exec(line) ??
    /^[\s>*_(]*(?:after|starts after|only after|nach|después de|após)\s+((?:completion of\s+)?(?:phase|stage|fase|etapa)s?\s[^.;:]{1,80})/iu.exec(
      line,
    ) ??
    /(?:依赖|等待|需要先完成)(?:于)?\s*((?:阶段|步骤|第.{1,4}(?:阶段|步)|Phase\s)[^。；;]{1,40})/u.exec(line)
  return match?.[1]
}
