import type { Diagnostic } from '../model/diagnostic.ts'
import type { Definition } from './definition.ts'

/** What the rules about hidden text and instructions to agents say of a text. */
export type Inspect = (path: string, text: string) => Diagnostic[]

/**
 * Looks at every definition that a phase would get, once. What a catalogue has and is suspicious is not offered at all; what is
 * installed is somebody's own, and is told.
 */
export class Safety {
  readonly #inspect: Inspect
  readonly #seen = new Map<Definition, Diagnostic[]>()

  constructor(inspect: Inspect = () => []) {
    this.#inspect = inspect
  }

  allows(one: Definition): boolean {
    const found = this.#look(one)
    return found.length === 0 || !isForeign(one)
  }

  /** `shown` makes a path from the root one from the plan. */
  diagnostics(shown: (path: string) => string): Diagnostic[] {
    return [...this.#seen].flatMap(([one, [first]]): Diagnostic[] => {
      if (first === undefined) return []
      const what = `line ${first.line}: ${first.message}`
      const file = one.origin === 'project' ? shown(one.from) : one.from
      const place = { file, line: first.line, why: first.why ?? '' }
      return isForeign(one)
        ? [
            {
              ...place,
              rule: 'untrusted-skill',
              severity: 'warning',
              message: `The ${one.kind} ${one.name} (${one.from}) is not offered: ${what}`,
              hint: 'Tell whoever keeps the catalogue, or leave that catalogue out.',
            },
          ]
        : [
            {
              ...place,
              rule: 'suspicious-skill',
              severity: 'warning',
              message: `The ${one.kind} ${one.name} (${one.from}) reaches agents, and ${what}`,
              hint: 'Read the file; correct or remove it.',
            },
          ]
    })
  }

  #look(one: Definition): Diagnostic[] {
    let found = this.#seen.get(one)
    if (found === undefined) {
      // comments are worth knowing in a plan; here they are taken out before anybody reads on
      found = this.#inspect(one.from, one.raw).filter(({ severity }) => severity !== 'info')
      this.#seen.set(one, found)
    }
    return found
  }
}

/** Nobody on this side has chosen to have it. */
const isForeign = ({ origin }: Definition): boolean => origin === 'catalogue' || origin === 'search'
