/**
 * A JSON Schema as OpenAI's strict structured outputs take it: every property is required and nothing else is allowed, what was
 * optional may be null, and keywords that they refuse are gone (our gates check those afterwards). The other way round `withoutNulls`.
 * Source: platform.openai.com/docs/guides/structured-outputs, "Supported schemas".
 */
type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

const REFUSED: ReadonlySet<string> = new Set(['$schema', 'minLength', 'maxLength', 'default', 'examples'])

export function strictSchema(schema: object): object {
  return strict(schema as { [key: string]: Json }) as object
}

function strict(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(strict)
  if (schema === null || typeof schema !== 'object') return schema
  const kept = Object.fromEntries(
    Object.entries(schema)
      .filter(([key]) => !REFUSED.has(key))
      .map(([key, value]) => [key, key === 'properties' ? value : strict(value)]),
  )
  const { properties } = kept
  if (properties === undefined || properties === null || typeof properties !== 'object') return kept
  const required = new Set(Array.isArray(kept['required']) ? kept['required'] : [])
  const entries = Object.entries(properties).map(([name, value]): [string, Json] => {
    const inner = strict(value)
    return [name, required.has(name) ? inner : { anyOf: [inner, { type: 'null' }] }]
  })
  return {
    ...kept,
    properties: Object.fromEntries(entries),
    required: entries.map(([name]) => name),
    additionalProperties: false,
  }
}

/** JSON text without members that are null: what stands for "left out" in a strict answer. Text that is no JSON stays as it is. */
export function withoutNulls(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text, (_, value: unknown) => (value === null ? undefined : value)))
  } catch {
    return text
  }
}
