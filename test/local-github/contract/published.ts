/** The part of GitHub's descriptions that `scripts/extract-github-schemas.mjs` took out, and what was found against it. */
import { readFileSync } from 'node:fs'
import type { Delivery } from '../../../local-github/types.ts'
import { judgeBy, type Answer, type Description, type Judge } from './judge.ts'
import { KNOWN_DIFFERENCES } from './known-differences.ts'

export function published(): Description {
  const file = new URL('published.json', import.meta.url)
  return JSON.parse(readFileSync(file, 'utf8')) as Description
}

/** Notes what a conversation says otherwise than it is described; each difference once. */
export class Listener {
  readonly found = new Set<string>()
  answers = 0
  readonly #judge: Judge

  constructor(description: Description = published()) {
    this.#judge = judgeBy(description)
  }

  /** An answer of the REST API. GraphQL is checked against its schema at every request. */
  hear(answer: Answer): void {
    // What one has already is answered with nothing.
    if (answer.path === '/graphql' || answer.path.includes('.git/') || answer.status === 304) return
    this.answers += 1
    for (const line of this.#judge.answer(answer)) this.found.add(line)
  }

  hearWebhooks(deliveries: readonly Delivery[]): void {
    for (const { event, payload } of deliveries)
      for (const line of this.#judge.webhook(event, payload)) this.found.add(line)
  }

  /** Without the known ones. */
  get differences(): string[] {
    const known = new Set(KNOWN_DIFFERENCES.flatMap(({ lines }) => lines))
    return [...this.found].filter((line) => !known.has(line))
  }

  /** Known differences that did not occur. */
  get gone(): string[] {
    return KNOWN_DIFFERENCES.flatMap(({ lines }) => lines).filter((line) => !this.found.has(line))
  }
}
