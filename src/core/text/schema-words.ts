/** What a schema says against a value, in our words instead of those of the library. */
import type * as z from 'zod'
import { count, list } from './display.ts'

export interface SchemaFault {
  /** "steps[0].edits[1].write"; "" for the whole. */
  at: string
  /** "is missing; it takes a text". */
  what: string
}

/** Everything that is wrong with `value`, in the order that the schema found it. */
export const schemaFaults = (error: z.core.$ZodError, value: unknown): SchemaFault[] =>
  error.issues.flatMap(innermost).flatMap((issue): SchemaFault[] => {
    const at = issue.path.reduce<string>(
      (text, key) => (typeof key === 'number' ? `${text}[${key}]` : `${text}.${String(key)}`),
      '',
    )
    const place = at.replace(/^\./, '')
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({ at: place, what: `holds "${key}", which is not known there` }))
    const found = valueAt(value, issue.path)
    const shown = found === undefined ? 'missing' : shorten(JSON.stringify(found))
    return [{ at: place, what: `is ${shown}; it takes ${expected(issue)}` }]
  })

/** Of alternatives the one that fits best: what is wrong there is what the writer has to mend. */
function innermost(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue]
  const [best] = issue.errors.toSorted((a, b) => a.length - b.length)
  if (best === undefined || best.length === 0) return [issue]
  return best.flatMap((inner) => innermost({ ...inner, path: [...issue.path, ...inner.path] }))
}

/** What the schema takes there. `kinds`: how a kind of file calls one of zod's types, where that is not as here. */
export function expected(issue: z.core.$ZodIssue, kinds: Readonly<Record<string, string>> = {}): string {
  switch (issue.code) {
    case 'invalid_type':
      return kinds[issue.expected] ?? KINDS[issue.expected] ?? issue.expected
    case 'invalid_value':
      return issue.values.length === 1
        ? `only ${issue.values.map(String).join('')}`
        : `one of ${list(issue.values.map(String), 99)}`
    case 'too_small':
      return issue.inclusive === false
        ? `more than ${issue.minimum}`
        : `at least ${amount(issue.minimum, issue)}`
    case 'too_big':
      return `at most ${amount(issue.maximum, issue)}`
    default:
      return `something else (${issue.message})`
  }
}

const amount = (n: number | bigint, { origin }: { origin: string }): string =>
  origin === 'string'
    ? count(Number(n), 'character')
    : origin === 'array'
      ? count(Number(n), 'entry', 'entries')
      : String(n)

const KINDS: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  object: 'named values',
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value
  for (const key of path) at = typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined
  return at
}

const shorten = (text: string): string => (text.length <= 60 ? text : `${text.slice(0, 59)}…`)
