/** Inputs of `workflow_dispatch`: checked and defaulted as GitHub does before a run begins. */
import { MappingToken, SequenceToken } from './library.ts'
import type { TemplateToken } from './library.ts'
import { resolve, SUCCEEDING, text } from './expressions.ts'
import { field, stringField } from './tokens.ts'

export interface DispatchInputs {
  /** For the `inputs` context: booleans and numbers by their type. */
  typed: Record<string, string | boolean | number>
  /** For `github.event.inputs`: all texts. */
  texts: Record<string, string>
}

const plain = (token: TemplateToken | undefined) => resolve(token, { contexts: {}, status: SUCCEEDING })

/** The inputs of a dispatch, or what is wrong with them, in the words of the REST API. */
export function dispatchInputs(
  definitions: TemplateToken | undefined,
  given: Readonly<Record<string, unknown>>,
): DispatchInputs | { errors: string[] } {
  const result: DispatchInputs = { typed: {}, texts: {} }
  const errors: string[] = []
  const known = new Set<string>()
  const entries = definitions instanceof MappingToken ? [...definitions] : []
  for (const { key, value: definition } of entries) {
    const name = text(plain(key))
    known.add(name)
    const type = stringField(definition, 'type') ?? 'string'
    const sent = given[name]
    const fallback = text(plain(field(definition, 'default')))
    const value = sent === undefined || sent === null ? fallback : text(sent)
    if (value === '' && plain(field(definition, 'required')) === true)
      errors.push(`Required input '${name}' not provided`)
    if (type === 'choice' && value !== '') {
      const options = field(definition, 'options')
      const allowed =
        options instanceof SequenceToken ? [...options].map((option) => text(plain(option))) : []
      if (!allowed.includes(value))
        errors.push(`Provided value '${value}' for input '${name}' not in the list of allowed values`)
    }
    if (type === 'boolean' && !['', 'true', 'false'].includes(value))
      errors.push(`Provided value '${value}' for input '${name}' is not a boolean`)
    if (type === 'number' && Number.isNaN(Number(value)))
      errors.push(`Provided value '${value}' for input '${name}' is not a number`)
    const empty = type === 'boolean' ? 'false' : value
    result.texts[name] = value === '' ? empty : value
    result.typed[name] =
      type === 'boolean' ? value === 'true' : type === 'number' && value !== '' ? Number(value) : value
  }
  const unknown = Object.keys(given).filter((name) => !known.has(name))
  if (unknown.length > 0) errors.push(`Unexpected inputs provided: ${JSON.stringify(unknown)}`)
  return errors.length > 0 ? { errors } : result
}
