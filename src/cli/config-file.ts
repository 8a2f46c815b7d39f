import { LineCounter, parseDocument, type Document } from 'yaml'
import * as z from 'zod'
import { AGENT_NAMES, LAND_POLICIES, type Config } from '../core/model/config.ts'
import { failure, type Failure } from '../core/model/failure.ts'
import { err, ok, type Result } from '../core/model/result.ts'
import { list } from '../core/text/display.ts'
import { similar } from '../core/text/similar.ts'

/** Read from the commit that HEAD names, so that what is not committed (an agent's work, say) cannot configure us. */
export const CONFIG_FILE = '.github/orchestrate.yml'

const slots = z.int().min(1).max(64)
const seconds = z
  .number()
  .positive()
  .max(24 * 3_600)
  .transform((s) => Math.round(s * 1_000))
const command = z.string().trim().min(1)

/** The keys as written. */
const written = z.strictObject({
  agent: z.enum(AGENT_NAMES).optional(),
  agent_command: command.optional(),
  model: command.optional(),
  max_parallel: slots.optional(),
  max_parallel_phases: slots.optional(),
  parallel: z.boolean().optional(),
  land: z.enum(LAND_POLICIES).optional(),
  /** US dollars. */
  max_cost: z.number().positive().optional(),
  sandbox: z.enum(['required', 'auto', 'off']).optional(),
  dispatch: z.enum(['auto', 'team', 'classic']).optional(),
  subprocess: z.boolean().optional(),
  setup_cmd: command.optional(),
  build_cmd: command.optional(),
  test_cmd: command.optional(),
  limits: z
    .strictObject({
      step_seconds: seconds.optional(),
      extra_seconds: seconds.optional(),
      idle_seconds: seconds.optional(),
      check_seconds: seconds.optional(),
    })
    .optional(),
  protected_paths: z.array(z.string().min(1)).max(200).optional(),
})

export type FileConfig = Partial<Omit<Config, 'limits'>> & { limits?: Partial<Config['limits']> }

const KEYS: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(written.shape),
  limits: ['step_seconds', 'extra_seconds', 'idle_seconds', 'check_seconds'],
}

/** The configuration file's settings. An unknown key fails: a misspelt limit must not be no limit. */
export function parseConfigFile(text: string): Result<FileConfig> {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  if (document.errors.length > 0) {
    return err(
      document.errors.map((error) =>
        failure(
          'invalid-config',
          `${CONFIG_FILE} is no valid YAML: ${error.message.split('\n')[0]?.replace(/ at line.*$/, '')}.`,
          'Correct the file and commit it.',
          { file: CONFIG_FILE, line: error.linePos?.[0].line ?? 1 },
        ),
      ),
    )
  }
  const checked = written.safeParse(document.toJS() ?? {})
  if (checked.success) return ok(toConfig(checked.data))
  const failures = checked.error.issues.flatMap((issue) => explain(issue, document, lines))
  return err(failures.sort((a, b) => (a.line ?? 0) - (b.line ?? 0)))
}

function explain(issue: z.core.$ZodIssue, document: Document, lines: LineCounter): Failure[] {
  const path = issue.path.map(String)
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const meant = similar(key, KEYS[path.join('.')] ?? [])
      return failure(
        'invalid-config',
        `${[...path, key].join('.')} is no setting of Orchestrate.`,
        meant === undefined
          ? `Known here: ${(KEYS[path.join('.')] ?? []).join(', ')}.`
          : `Did you mean ${meant}?`,
        place(document, lines, [...path, key]),
      )
    })
  }
  const found: unknown = document.getIn(path)
  const shown = found === undefined ? 'missing' : JSON.stringify(found)
  return [
    failure(
      'invalid-config',
      `${path.join('.') || 'The file'} is ${shown}; it takes ${expected(issue)}.`,
      'Correct the file and commit it.',
      place(document, lines, path),
    ),
  ]
}

function expected(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return ARTICLES[issue.expected] ?? issue.expected
    case 'invalid_value':
      return `one of ${list(issue.values.map(String), 99)}`
    case 'too_small':
      return issue.inclusive === false ? `more than ${issue.minimum}` : `at least ${issue.minimum}`
    case 'too_big':
      return `at most ${issue.maximum}`
    default:
      return `something else (${issue.message})`
  }
}

const ARTICLES: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  object: 'settings, one per line',
}

function place(document: Document, lines: LineCounter, path: string[]): { file: string; line: number } {
  const node: unknown = document.getIn(path, true)
  const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined
  const start: unknown = Array.isArray(range) ? range[0] : undefined
  return { file: CONFIG_FILE, line: typeof start === 'number' ? lines.linePos(start).line : 1 }
}

function toConfig(file: z.infer<typeof written>): FileConfig {
  const limits = {
    wallMs: file.limits?.step_seconds,
    extraMs: file.limits?.extra_seconds,
    idleMs: file.limits?.idle_seconds,
    checkMs: file.limits?.check_seconds,
  }
  return defined({
    agent: file.agent ?? (file.agent_command === undefined ? undefined : ('command' as const)),
    agentCommand: file.agent_command,
    model: file.model,
    maxParallel: file.max_parallel,
    maxParallelPhases: file.max_parallel_phases,
    parallel: file.parallel,
    land: file.land,
    maxCostUsd: file.max_cost,
    sandbox: file.sandbox,
    dispatch: file.dispatch,
    subprocess: file.subprocess,
    setupCmd: file.setup_cmd,
    buildCmd: file.build_cmd,
    testCmd: file.test_cmd,
    protectedPaths: file.protected_paths,
    limits: file.limits === undefined ? undefined : defined(limits),
  })
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** Without the keys whose value is undefined, so that spreading it over defaults keeps them. */
function defined<T extends object>(given: T): Defined<T> {
  const kept: Defined<T> = {}
  for (const key of Object.keys(given) as (keyof T)[]) {
    const value = given[key]
    if (value !== undefined) kept[key] = value as Exclude<T[keyof T], undefined>
  }
  return kept
}
