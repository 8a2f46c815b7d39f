import * as z from 'zod'
import { err, ok, type Result } from '../model/result.ts'
import type { AgentStep } from '../model/step.ts'
import { jsonErrorAt } from './json-position.ts'
import type { Problem } from './problem.ts'
import { ARTIFACT_SCHEMAS, type ArtifactOf } from './schemas.ts'

export type ArtifactReason = 'missing' | 'too-large' | 'not-json' | 'schema' | 'stale-nonce'
export type ArtifactProblem = Problem<ArtifactReason>

/** 500 findings with their details fit; more is no report. Characters. */
const MAX_CHARACTERS = 4_000_000
const MAX_ISSUES = 20

/**
 * Reads what an agent handed in for one call. An artifact that is missing, unreadable or of another call is a problem, never an
 * empty one: no findings are only there where a valid artifact says so. Lenient in three things that change no meaning: a byte
 * order mark, one Markdown fence around the whole, and `null` for an optional field. Without a nonce any will do: then a record
 * is read again.
 */
export function checkArtifact<S extends AgentStep>(
  step: S,
  text: string | undefined,
  expected: { nonce: string | undefined; attempt: number },
): Result<ArtifactOf<S>, ArtifactProblem[]> {
  const bare = text === undefined ? '' : unwrap(text)
  if (bare === '') {
    return err([
      {
        reason: 'missing',
        message: `The agent of ${step} (attempt ${expected.attempt}) ended without ${text === undefined ? 'an artifact' : 'writing anything into its artifact'}.`,
        hint: 'It has to write its JSON to the file that ORCHESTRATE_ARTIFACT names, or answer by the schema. Retry the step, or look at its output for what stopped it.',
      },
    ])
  }
  if (bare.length > MAX_CHARACTERS) {
    return err([
      {
        reason: 'too-large',
        message: `The artifact of ${step} (attempt ${expected.attempt}) has ${bare.length} characters, more than ${MAX_CHARACTERS}.`,
        hint: 'An artifact reports on the work, it does not carry it: leave file contents and logs out.',
      },
    ])
  }
  const parsed = parse(bare)
  if (!parsed.ok) {
    const { line, column, found } = jsonErrorAt(bare)
    return err([
      {
        reason: 'not-json',
        message: `The artifact of ${step} (attempt ${expected.attempt}) is not JSON: ${found} was not expected at line ${line}, column ${column}.`,
        hint: 'Write one JSON object and nothing before or after it.',
        at: `${line}:${column}`,
      },
    ])
  }
  const stale = staleNonce(step, parsed.value, expected)
  if (stale !== undefined) return err([stale])
  const schema: z.ZodType<ArtifactOf<S>> = ARTIFACT_SCHEMAS[step]
  const checked = schema.safeParse(withoutNulls(parsed.value, 6))
  return checked.success ? ok(checked.data) : err(schemaProblems(step, expected.attempt, checked.error))
}

function parse(text: string): Result<unknown, undefined> {
  try {
    const value: unknown = JSON.parse(text)
    return ok(value)
  } catch {
    return err(undefined)
  }
}

function unwrap(text: string): string {
  const bare = text.replace(/^\uFEFF/, '').trim()
  const fence = /^(`{3,})(?:json)?[ \t]*\r?\n([\s\S]*?)\r?\n?\1$/i.exec(bare)
  return fence === null ? bare : (fence[2] ?? '').trim()
}

/** An artifact with another nonce belongs to another call: nothing else in it is worth a word. */
function staleNonce(
  step: AgentStep,
  value: unknown,
  expected: { nonce: string | undefined; attempt: number },
): ArtifactProblem | undefined {
  if (expected.nonce === undefined) return undefined
  const found = z.object({ nonce: z.string().min(1) }).safeParse(value)
  if (!found.success || found.data.nonce === expected.nonce) return undefined
  return {
    reason: 'stale-nonce',
    message: `The artifact of ${step} carries the nonce "${found.data.nonce.slice(0, 80)}", this call (attempt ${expected.attempt}) has "${expected.nonce}": it was not written for this call.`,
    hint: 'Copy the nonce from the end of the prompt. A file of an earlier attempt does not count.',
    at: 'nonce',
  }
}

/** Structured answers of some providers carry every optional field, as null. Only as deep as artifacts go. */
function withoutNulls(value: unknown, depth: number): unknown {
  if (depth === 0 || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item: unknown) => withoutNulls(item, depth - 1))
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== null)
      .map(([key, item]) => [key, withoutNulls(item, depth - 1)]),
  )
}

function schemaProblems(step: AgentStep, attempt: number, error: z.ZodError): ArtifactProblem[] {
  const hint = `Write the artifact again as the schema of ${step} says.`
  const problems = error.issues.slice(0, MAX_ISSUES).map((issue): ArtifactProblem => {
    const at = pathText(issue.path)
    const where = at === '' ? '' : ` at ${at}`
    return {
      reason: 'schema',
      message: `The artifact of ${step} (attempt ${attempt}) does not fit its schema${where}: ${issue.message}.`,
      hint,
      ...(at === '' ? {} : { at }),
    }
  })
  const more = error.issues.length - problems.length
  return more === 0
    ? problems
    : [
        ...problems,
        {
          reason: 'schema',
          message: `The artifact of ${step} (attempt ${attempt}) does not fit its schema in ${more} more places.`,
          hint,
        },
      ]
}

const pathText = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, key) =>
      typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`,
    '',
  )
