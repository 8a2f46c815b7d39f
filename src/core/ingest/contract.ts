/** `workflow.md`: the execution contract in its front matter, two prompt templates in its body. */
import * as z from 'zod'
import { type Contract, DEFAULT_CONTRACT } from '../model/contract.ts'
import type { Diagnostic } from '../model/diagnostic.ts'
import { type Failure, failure } from '../model/failure.ts'
import { type Block, parseBlocks } from '../text/blocks.ts'
import { fold } from '../text/inline.ts'
import { type FrontMatter, frontMatter } from './front-matter.ts'

export const WORKFLOW = 'workflow.md'

const words = z.string().min(1).max(2_000)
/** Files that we write lie in the repository. */
const inside = words.refine(
  (file) =>
    !/^(?:\/|[A-Za-z]:|~)|\\/u.test(file) &&
    !file.split('/').some((part) => part === '..' || part === '.git'),
  'a path inside the repository, with forward slashes',
)
const gates = z.object({
  between_phases: z.enum(['auto', 'manual', 'review']).optional(),
  on_failure: z.enum(['retry', 'stop', 'ask']).optional(),
})
const written = z.object({
  project: z
    .object({
      name: words.optional(),
      type: z.enum(['greenfield', 'brownfield', 'prototype']).optional(),
      build_cmd: words.nullish(),
      test_cmd: words.nullish(),
    })
    .nullish(),
  execution: z
    .object({
      phase_runner: z.enum(['subagent', 'subprocess']).optional(),
      max_phase_retries: z.number().int().min(0).max(10).optional(),
      continuation_prompt: z.boolean().optional(),
      progress_enforcement: z.enum(['strict', 'warn', 'none']).optional(),
      gates: gates.nullish(),
    })
    .nullish(),
  handoff: z
    .object({ file: inside.optional(), max_lines: z.number().int().min(10).max(10_000).optional() })
    .nullish(),
  progress: z.object({ file: inside.optional(), mode: z.enum(['append_only']).optional() }).nullish(),
})

/** Keys that mean something; others are told, not refused: plans carry notes of their own. */
const KEYS: Record<string, readonly string[]> = {
  '': ['project', 'execution', 'handoff', 'progress'],
  project: ['name', 'type', 'build_cmd', 'test_cmd'],
  execution: ['phase_runner', 'max_phase_retries', 'continuation_prompt', 'progress_enforcement', 'gates'],
  gates: ['between_phases', 'on_failure'],
  handoff: ['file', 'max_lines'],
  progress: ['file', 'mode'],
}

export interface ReadContract {
  contract: Contract
  failures: Failure[]
  diagnostics: Diagnostic[]
}

/** Reads the contract. Every bad value is a failure with its line, what was found and what is allowed, all at once. */
export function readContract(source: string): ReadContract {
  const blocks = parseBlocks(source)
  const head = frontMatter(blocks)
  const templates = readTemplates(blocks, source)
  const contract: Contract = { ...DEFAULT_CONTRACT, ...templates, stated: true }
  if (head === undefined) return { contract, failures: [], diagnostics: [] }
  const syntax = head.errors.map((e) =>
    failure(
      'invalid-contract',
      `${WORKFLOW}:${e.line}: the front matter is no valid YAML: ${e.message}`,
      'Correct the YAML.',
      {
        file: WORKFLOW,
        line: e.line,
      },
    ),
  )
  const parsed = written.safeParse(head.values)
  if (!parsed.success)
    return {
      contract,
      failures: [...syntax, ...valueFailures(parsed.error.issues, head)],
      diagnostics: [],
    }
  return {
    contract: fill(parsed.data, contract),
    failures: syntax,
    diagnostics: unknownKeys(head),
  }
}

/** In the order of their lines. */
const valueFailures = (issues: readonly z.core.$ZodIssue[], head: FrontMatter): Failure[] =>
  issues.map((issue) => toFailure(issue, head)).sort((a, b) => (a.line ?? 0) - (b.line ?? 0))

function toFailure(issue: z.core.$ZodIssue, head: FrontMatter): Failure {
  const line = head.lineOf(issue.path)
  const found = JSON.stringify(valueAt(head.values, issue.path)) ?? 'nothing'
  const name = issue.path.join('.')
  return failure(
    'invalid-contract',
    `${WORKFLOW}:${line}: ${name} is ${found.slice(0, 100)}; allowed: ${allowed(issue)}.`,
    `Set ${name} in the front matter of ${WORKFLOW} to an allowed value, or remove it.`,
    { file: WORKFLOW, line },
  )
}

function allowed(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_value':
      return issue.values.map(String).join(', ')
    case 'too_small':
      return `at least ${String(issue.minimum)}`
    case 'too_big':
      return `at most ${String(issue.maximum)}`
    case 'invalid_type':
      return (
        { int: 'a whole number', object: 'a mapping', boolean: 'true or false', string: 'text' }[
          issue.expected as string
        ] ?? `a ${issue.expected}`
      )
    default:
      return issue.message
  }
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value
  for (const key of path) at = typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined
  return at
}

function fill(data: z.infer<typeof written>, contract: Contract): Contract {
  const { project, execution, handoff, progress } = data
  const base = DEFAULT_CONTRACT.execution
  return {
    ...contract,
    project: {
      ...(project?.name === undefined ? {} : { name: project.name }),
      ...(project?.type === undefined ? {} : { type: project.type }),
      ...(project?.build_cmd == null ? {} : { buildCmd: project.build_cmd }),
      ...(project?.test_cmd == null ? {} : { testCmd: project.test_cmd }),
    },
    execution: {
      phaseRunner: execution?.phase_runner ?? base.phaseRunner,
      maxPhaseRetries: execution?.max_phase_retries ?? base.maxPhaseRetries,
      continuationPrompt: execution?.continuation_prompt ?? base.continuationPrompt,
      progressEnforcement: execution?.progress_enforcement ?? base.progressEnforcement,
      gates: {
        betweenPhases: execution?.gates?.between_phases ?? base.gates.betweenPhases,
        onFailure: execution?.gates?.on_failure ?? base.gates.onFailure,
      },
    },
    handoff: {
      file: handoff?.file ?? DEFAULT_CONTRACT.handoff.file,
      maxLines: handoff?.max_lines ?? DEFAULT_CONTRACT.handoff.maxLines,
    },
    progress: { file: progress?.file ?? DEFAULT_CONTRACT.progress.file, mode: 'append_only' },
  }
}

function unknownKeys(head: FrontMatter): Diagnostic[] {
  const found: Diagnostic[] = []
  const look = (value: unknown, path: string[], group: string): void => {
    if (typeof value !== 'object' || value === null) return
    for (const [key, inner] of Object.entries(value)) {
      const known = KEYS[group] ?? []
      if (!known.includes(key)) {
        const line = head.lineOf([...path, key])
        found.push({
          rule: 'unknown-contract-key',
          severity: 'warning',
          file: WORKFLOW,
          line,
          message: `${[...path, key].join('.')} is no setting of the contract; it has no effect.`,
          hint: `Known here: ${known.join(', ')}.`,
        })
      } else if (Object.hasOwn(KEYS, key)) look(inner, [...path, key], key)
    }
  }
  look(head.values, [], '')
  return found
}

/** The text below `## Phase Prompt` and `## Continuation Prompt`, up to the next heading of that level; a fence around all of it goes. */
function readTemplates(
  blocks: readonly Block[],
  source: string,
): Pick<Contract, 'phasePrompt' | 'continuationTemplate'> {
  const headings = blocks.filter((b) => b.kind === 'heading')
  const section = (name: RegExp): string | undefined => {
    const at = headings.findIndex((h) => h.level <= 2 && name.test(fold(h.text)))
    const heading = headings[at]
    if (heading === undefined) return undefined
    const next = headings.slice(at + 1).find((h) => h.level <= heading.level && /prompt/u.test(fold(h.text)))
    const end = next === undefined ? source.length : source.lastIndexOf('\n', next.start) + 1
    const text = source.slice(heading.start + heading.text.length, end).trim()
    return /^(`{3,}|~{3,})[^\n]*\n([\s\S]*?)\n\1\s*$/u.exec(text)?.[2] ?? (text === '' ? undefined : text)
  }
  const phasePrompt = section(/^phase prompt(?: template)?$/u)
  const continuationTemplate = section(/^continuation prompt(?: template)?$/u)
  return {
    ...(phasePrompt === undefined ? {} : { phasePrompt }),
    ...(continuationTemplate === undefined ? {} : { continuationTemplate }),
  }
}
