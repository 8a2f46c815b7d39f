/** Keywords that bound sizes, or say what a validator needs and a model does not. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  // It refuses a schema that names the draft it is written in; ours use what all drafts share.
  '$schema',
  'maxItems',
  'maxLength',
  'minLength',
  'maximum',
])

/**
 * A step's schema as it is sent with every request of a model: without bounds of sizes, which the reader of the answer keeps anyway, and
 * without what the program reports itself. A quarter of its bytes.
 */
export function leanSchema(schema: object): object {
  const { properties, ...rest } = lean(schema) as { properties?: Record<string, unknown> }
  const { usage: _, ...asked } = properties ?? {}
  return properties === undefined ? rest : { ...rest, properties: asked }
}

function lean(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lean)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) =>
      // A property may be called like a keyword; then its value is a schema.
      LEFT_OUT.has(key) && typeof inner !== 'object' ? [] : [[key, lean(inner)]],
    ),
  )
}
