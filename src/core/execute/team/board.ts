import type { Board } from '../../ports.ts'
import type { PhaseProgress } from '../phase-progress.ts'

type State = 'open' | 'planned' | 'working' | 'done'

/**
 * The team's task list as its members see it: who does what, what is done, and what somebody found out. It is made from the record
 * and from what only this process knows (who works now, what they told while they work); each member has it as a file.
 */
export class TeamBoard implements Board {
  readonly #progress: () => PhaseProgress
  readonly #working = new Set<string>()
  #told: { unit: string; text: string }[] = []
  readonly #listeners = new Set<() => void>()

  constructor(progress: () => PhaseProgress) {
    this.#progress = progress
  }

  begins(unit: string): void {
    this.#working.add(unit)
    this.changed()
  }

  /** What a member told on the way, for the record. */
  ends(unit: string): string[] {
    this.#working.delete(unit)
    return this.#told.filter((one) => one.unit === unit).map(({ text }) => text)
  }

  discovered(unit: string, text: string): void {
    if (this.#all().some((known) => known.text === text)) return
    this.#told.push({ unit, text })
    this.changed()
  }

  /** Discoveries of others than `unit`. */
  discoveries(unit: string): string[] {
    return this.#all()
      .filter((one) => one.unit !== unit)
      .map((one) => (one.unit === '' ? one.text : `${one.unit}: ${one.text}`))
  }

  changed(): void {
    for (const listener of this.#listeners) listener()
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  text(): string {
    const { phase, units, unitsDone, team, decisions } = this.#progress()
    const tasks = units.map(({ id, title, files, after }) => {
      const plan = team?.proposals.get(id)
      const state: State = unitsDone.has(id)
        ? 'done'
        : this.#working.has(id)
          ? 'working'
          : plan?.state === 'approved'
            ? 'planned'
            : 'open'
      return { id, title, state, files, after, ...(plan === undefined ? {} : { plan: plan.text }) }
    })
    return `${JSON.stringify({ phase, tasks, discoveries: this.#all(), decisions }, undefined, 2)}\n`
  }

  #all(): { unit: string; text: string }[] {
    const recorded = this.#progress().team?.discoveries ?? []
    this.#told = this.#told.filter((one) => !recorded.some((known) => known.text === one.text))
    return [...recorded, ...this.#told]
  }
}
