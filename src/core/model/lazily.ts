/**
 * What `make` makes, made when it is first asked for. For schemas above all: zod takes a while over each, and what a process does
 * first needs hardly any of them.
 */
export function lazily<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => (made ??= { value: make() }).value
}
