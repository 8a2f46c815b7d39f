/** Finds the route of a request: literal parts win over parameters, `*name` takes the rest of the path. */

export interface Route<H> {
  method: string
  pattern: string
  handler: H
}

interface Compiled<H> extends Route<H> {
  parts: string[]
  /** Higher is tried first. */
  weight: number
}

export class Router<H> {
  readonly #routes = new Map<string, Compiled<H>[]>()

  add(method: string, pattern: string, handler: H): void {
    const parts = pattern.split('/').slice(1)
    const weight = parts.reduce(
      (sum, part) => sum * 3 + (part.startsWith(':') ? 1 : part.startsWith('*') ? 0 : 2),
      0,
    )
    const list = this.#routes.get(method) ?? []
    list.push({ method, pattern, handler, parts, weight })
    list.sort((a, b) => b.parts.length - a.parts.length || b.weight - a.weight)
    this.#routes.set(method, list)
  }

  find(
    method: string,
    path: string,
  ): { handler: H; pattern: string; params: Record<string, string> } | undefined {
    const parts = path.split('/').slice(1)
    for (const route of this.#routes.get(method) ?? []) {
      const params = match(route.parts, parts)
      if (params) return { handler: route.handler, pattern: route.pattern, params }
    }
    return undefined
  }
}

function match(pattern: string[], parts: string[]): Record<string, string> | undefined {
  const params: Record<string, string> = {}
  for (const [index, expected] of pattern.entries()) {
    const found = parts[index]
    if (expected.startsWith('*')) {
      params[expected.slice(1)] = decode(parts.slice(index).join('/'))
      return params
    }
    if (found === undefined) return undefined
    if (expected.startsWith(':')) {
      if (found === '') return undefined
      params[expected.slice(1)] = decode(found)
    } else if (expected !== found) return undefined
  }
  return pattern.length === parts.length ? params : undefined
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
