import { LineCounter, parseDocument, type Document } from 'yaml'
import type * as z from 'zod'
import type { Config, Prices } from '../model/config.ts'
import { failure, type Failure } from '../model/failure.ts'
import { CONFIG_FILE } from '../model/forge-names.ts'
import { DEFAULT_POLICY, type Policy } from '../model/policy.ts'
import { err, ok, type Result } from '../model/result.ts'
import { expected } from '../text/schema-words.ts'
import { similar } from '../text/similar.ts'
import { asWritten, KEYS, written, type WrittenConfig } from './schema.ts'

export type FileConfig = Partial<Omit<Config, 'limits'>> & { limits?: Partial<Config['limits']> }

/**
 * The settings of `.github/orchestrate.yml` that a run runs with. The text comes from a commit (HEAD on a laptop, the base
 * ref on a code host), so that what an agent or a pull request writes cannot configure us. An unknown key fails: a misspelt
 * limit must not be no limit.
 */
export function parseConfigFile(text: string): Result<FileConfig> {
  const file = read(text)
  return file.ok ? ok(toConfig(file.value)) : file
}

/** Who may approve, and what runs run with, as the base ref says. Undefined is a repository without the file: all defaults. */
export function parsePolicy(text: string | undefined): Result<{ policy: Policy; config: FileConfig }> {
  const file = read(text ?? '')
  return file.ok ? ok({ policy: toPolicy(file.value), config: toConfig(file.value) }) : file
}

function read(text: string): Result<WrittenConfig> {
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
  const content = toJs(document)
  if (!content.ok) return content
  const checked = written.safeParse(asWritten(content.value ?? {}))
  if (checked.success) return ok(checked.data)
  const failures = checked.error.issues.flatMap((issue) => explain(issue, document, lines))
  return err(failures.sort((a, b) => (a.line ?? 0) - (b.line ?? 0)))
}

/** Aliases that multiply without end are refused by the parser when they are resolved, not before. */
function toJs(document: Document): Result<unknown> {
  try {
    return ok(document.toJS())
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return err([
      failure('invalid-config', `${CONFIG_FILE} cannot be read: ${why}.`, 'Write it without aliases.', {
        file: CONFIG_FILE,
        line: 1,
      }),
    ])
  }
}

function explain(issue: z.core.$ZodIssue, document: Document, lines: LineCounter): Failure[] {
  const path = issue.path.map(String)
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const known = KEYS[path.join('.')] ?? []
      const meant = similar(key, known)
      return failure(
        'invalid-config',
        `${[...path, key].join('.')} is no setting of Orchestrate.`,
        meant === undefined ? `Known here: ${known.join(', ')}.` : `Did you mean ${meant}?`,
        place(document, lines, [...path, key]),
      )
    })
  }
  const found: unknown = document.getIn(path)
  const shown = found === undefined ? 'missing' : JSON.stringify(found)
  return [
    failure(
      'invalid-config',
      `${path.join('.') || 'The file'} is ${shown}; it takes ${expected(issue, IN_YAML)}.`,
      'Correct the file and commit it.',
      place(document, lines, path),
    ),
  ]
}

/** As somebody writes it in YAML. */
const IN_YAML = { object: 'settings, one per line' }

function place(document: Document, lines: LineCounter, path: string[]): { file: string; line: number } {
  const node: unknown = document.getIn(path, true)
  const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined
  const start: unknown = Array.isArray(range) ? range[0] : undefined
  return { file: CONFIG_FILE, line: typeof start === 'number' ? lines.linePos(start).line : 1 }
}

function toPolicy({ label, approve }: WrittenConfig): Policy {
  const standard = DEFAULT_POLICY.approve
  return {
    label: label ?? DEFAULT_POLICY.label,
    approve: {
      role: approve?.role ?? standard.role,
      otherPerson: approve?.other_person ?? standard.otherPerson,
      reviews: approve?.reviews ?? standard.reviews,
      bots: 'never',
    },
  }
}

function toConfig(file: WrittenConfig): FileConfig {
  const limits = {
    wallMs: file.limits?.step_seconds,
    extraMs: file.limits?.extra_seconds,
    idleMs: file.limits?.idle_seconds,
    checkMs: file.limits?.check_seconds,
    waitMs: file.limits?.wait_seconds,
    diskMb: file.limits?.disk_mb,
    files: file.limits?.files,
    processes: file.limits?.processes,
    memoryMb: file.limits?.memory_mb,
    freeMb: file.limits?.free_mb,
  }
  return defined({
    agent: file.agent ?? (file.agent_command === undefined ? undefined : ('command' as const)),
    agentCommand: file.agent_command,
    model: file.model,
    models: file.models === undefined ? undefined : defined(file.models),
    agents: file.agents === undefined ? undefined : toAgents(file.agents),
    maxParallel: file.max_parallel,
    maxParallelPhases: file.max_parallel_phases,
    parallel: file.parallel,
    withOptional: file.with_optional,
    land: file.land,
    maxCostUsd: file.max_cost,
    budgets: file.budgets === undefined ? undefined : defined(file.budgets),
    prices: file.prices === undefined ? undefined : pricesOf(file.prices),
    sandbox: file.sandbox,
    sandboxNetwork: file.sandbox_network,
    uncaged: file.uncaged,
    dispatch: file.dispatch,
    catalogues: file.skills?.catalogues,
    installSkills: file.skills?.install,
    online: file.online,
    researchSources: file.research?.sources,
    researchAgent: researchAgent(file.research?.agent),
    subprocess: file.subprocess,
    setupCmd: file.setup_cmd,
    buildCmd: file.build_cmd,
    testCmd: file.test_cmd,
    protectedPaths: file.protected_paths,
    reviewAgent: file.review?.agent,
    rules: file.review?.rules,
    limits: file.limits === undefined ? undefined : defined(limits),
  })
}

const researchAgent = (written: boolean | 'always' | undefined): Config['researchAgent'] | undefined =>
  typeof written === 'boolean' ? (written ? 'missing' : 'never') : written

function toAgents(written: NonNullable<WrittenConfig['agents']>): NonNullable<FileConfig['agents']> {
  return Object.fromEntries(
    Object.entries(defined(written)).map(([role, one]) => {
      if (typeof one === 'string') return [role, { agent: one }]
      return [role, defined({ agent: one.agent, agentCommand: one.agent_command })]
    }),
  )
}

/** What is not said about the cache is taken as most providers have it. */
const pricesOf = (written: NonNullable<WrittenConfig['prices']>): Prices =>
  Object.fromEntries(
    Object.entries(written).map(([model, { input, output, cache_read: read, cache_write: write }]) => [
      model,
      { input, output, cacheRead: read ?? input / 10, cacheWrite: write ?? input },
    ]),
  )

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
