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

/** Reads the value of "Depends on:". `ids` are the plan's phases in written order, `own` the phase that says it. */
export function readDependencies(value: string, ids: readonly string[], own: string): StatedDependencies {
  const text = plain(value)
  const none = fold(text.replace(/[()[\]—–-]/g, ' '))
  if (none === '' || NONE.test(none)) return { ids: [], unknown: [], self: false, understood: true }
  const { ids: named, all } = phaseReferences(text)
  const known = new Map(ids.map((id) => [id.toLowerCase(), id]))
  const before = ids.slice(0, Math.max(0, ids.indexOf(own)))
  if (all) return { ids: before, unknown: [], self: false, understood: true }
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
    /\b(?:depends on|dependent on|blocked by|requires|depende de|abhängig von)\s+((?:completion of\s+|the\s+)?(?:phase|stage|fase|etapa)s?\s[^.;]{1,80})/iu.exec(
      line,
    ) ??
    /^[\s>*_(]*(?:after|starts after|only after|nach|después de|após)\s+((?:completion of\s+)?(?:phase|stage|fase|etapa)s?\s[^.;:]{1,80})/iu.exec(
      line,
    ) ??
    /(?:依赖|等待|需要先完成)(?:于)?\s*((?:阶段|步骤|第.{1,4}(?:阶段|步)|Phase\s)[^。；;]{1,40})/u.exec(line)
  return match?.[1]
}
