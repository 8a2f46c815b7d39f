import { LineCounter, parseDocument } from 'yaml'
import * as z from 'zod'

import type { Diagnostic } from '../model/diagnostic.ts'
import type { Registry } from './registry.ts'
import { DEFAULT_REGISTRY, KINDS } from './registry.ts'

/** A project's own registry, from the repository's root. */
export const REGISTRY_FILE = '.orchestrate/skills.json'

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]*$/i, 'must be a name of letters, digits and dashes')
  .max(64)

const written = z.strictObject({
  $schema: z.string().optional(),
  entries: z
    .array(
      z
        .strictObject({
          by: z.enum(KINDS),
          match: z.array(z.string().trim().min(1).max(100)).min(1).max(100),
          agent: name.optional(),
          skills: z.array(name).max(20).optional(),
        })
        .refine((one) => one.agent !== undefined || one.skills !== undefined, 'needs an agent or skills'),
    )
    .max(500)
    .default([]),
  /** Texts of skills that have no SKILL.md. */
  texts: z.record(name, z.string().max(8_000)).default({}),
  /** Leaves the built-in entries out. */
  replace: z.boolean().default(false),
})

export interface ProjectRegistry {
  /** The project's entries; a `replace` leaves `base` empty. */
  own: Registry
  base: Registry
  diagnostics: Diagnostic[]
}

/** Reads the project's registry. Anything wrong in it is told with its line, and the built-in registry is used alone. */
export function readRegistry(text: string | undefined, file: string): ProjectRegistry {
  const alone = { own: { entries: [], texts: {} }, base: DEFAULT_REGISTRY }
  if (text === undefined) return { ...alone, diagnostics: [] }
  const counter = new LineCounter()
  // JSON is YAML: this parser knows the lines of what it read.
  const document = parseDocument(text, { lineCounter: counter, schema: 'json', uniqueKeys: true })
  const syntax = document.errors.map((error) =>
    problem(file, counter.linePos(error.pos[0]).line, `not JSON: ${error.message.split('\n')[0]}`),
  )
  if (syntax.length > 0) return { ...alone, diagnostics: syntax }
  const parsed = written.safeParse(document.toJS() ?? {})
  if (!parsed.success) {
    const diagnostics = parsed.error.issues.map(({ path, message }) =>
      problem(file, lineOf(path), `${path.length === 0 ? 'The file' : path.join('.')}: ${message}`),
    )
    return { ...alone, diagnostics }
  }
  const { entries, texts, replace } = parsed.data
  const own = {
    entries: entries.map((one) => ({
      by: one.by,
      match: one.match,
      agent: one.agent ?? '',
      skills: one.skills ?? [],
    })),
    texts,
  }
  return { own, base: replace ? { entries: [], texts: {} } : DEFAULT_REGISTRY, diagnostics: [] }

  function lineOf(path: readonly PropertyKey[]): number {
    for (let depth = path.length; depth > 0; depth--) {
      const node: unknown = document.getIn(path.slice(0, depth), true)
      const range = z.object({ range: z.array(z.number()) }).safeParse(node)
      if (range.success) return counter.linePos(range.data.range[0] ?? 0).line
    }
    return 1
  }
}

const problem = (file: string, line: number, message: string): Diagnostic => ({
  rule: 'invalid-skill-registry',
  severity: 'warning',
  file,
  line,
  message: `The skill registry is not used: ${message}`,
  hint: 'Correct it; an entry is { "by": "extension|domain|language|generic", "match": [...], "agent": "...", "skills": [...] }.',
  why: 'Without it phases get the built-in agents and skills, not those that this project chose.',
})
