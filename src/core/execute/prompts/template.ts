import type { Liquid } from 'liquidjs'
import { failure, type Failure } from '../../model/failure.ts'
import { err, ok, type Result } from '../../model/result.ts'
import type { PromptContext } from './context.ts'

/** `{{ phase }}` prints `shown`, `{{ phase.title }}` a field: people write both. Without a prototype there is nothing else to reach. */
function named(shown: string, fields: Record<string, unknown>): object {
  const value: object = Object.assign(Object.create(null), fields)
  return Object.defineProperty(value, 'toString', { value: () => shown })
}

let loaded: Promise<Liquid> | undefined

/** Loaded with the first template: few contracts have one. */
const engine = (): Promise<Liquid> => (loaded ??= load())

async function load(): Promise<Liquid> {
  const { Liquid } = await import('liquidjs')
  // No file is ever read: includes look into an empty map. The limits stop loops that would never end.
  return new Liquid({
    strictFilters: false,
    strictVariables: false,
    ownPropertyOnly: true,
    templates: {},
    parseLimit: 200_000,
    renderLimit: 1_000,
    memoryLimit: 5_000_000,
  })
}

const NAMES = {
  phasePrompt: '"## Phase Prompt"',
  continuation: '"## Continuation Prompt"',
} as const

/** The variables of the contract's templates. */
function variables(context: PromptContext): Record<string, unknown> {
  const { phase, tasks = [], specs = [], continuation } = context
  const shared = {
    tasks: tasks.map((task) => named(task.title, { ...task })),
    specs: specs.map((spec) => named(spec.name, { ...spec })),
    files: [...(context.phaseFiles ?? [])],
    criteria: (context.criteria ?? []).map((one) => named(one.text, { ...one })),
  }
  const whole = {
    id: phase.id,
    number: phase.id,
    name: phase.title,
    title: phase.title,
    description: phase.text,
  }
  return {
    ...shared,
    phase: named(phase.id, { ...whole, text: phase.text, ...shared }),
    phase_id: phase.id,
    phase_number: phase.id,
    phase_title: phase.title,
    title: phase.title,
    unit: context.unit?.title ?? '',
    run: context.run,
    attempt: context.attempt,
    error: continuation?.message ?? '',
    reason: continuation?.reason ?? '',
    handoff: context.handoff ?? '',
  }
}

/** Renders one of the contract's templates. No code of the template runs, nothing outside the variables is reached. */
export async function renderTemplate(
  name: keyof typeof NAMES,
  template: string,
  context: PromptContext,
): Promise<Result<string>> {
  const liquid = await engine()
  try {
    const text: unknown = await liquid.parseAndRender(template, variables(context))
    return ok(String(text).trim())
  } catch (error) {
    return err([templateFailure(name, error)])
  }
}

/** What is wrong with the templates as written, for the review of a plan: found before anything is spent. */
export async function checkTemplates(templates: NonNullable<PromptContext['templates']>): Promise<Failure[]> {
  const failures: Failure[] = []
  for (const name of ['phasePrompt', 'continuation'] as const) {
    const template = templates[name]
    if (template === undefined) continue
    const liquid = await engine()
    try {
      liquid.parse(template)
    } catch (error) {
      failures.push(templateFailure(name, error))
    }
  }
  return failures
}

function templateFailure(name: keyof typeof NAMES, error: unknown): Failure {
  const said = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
  return failure(
    'invalid-contract',
    `The template ${NAMES[name]} of workflow.md cannot be rendered: ${said}.`,
    'Mend the Liquid template, or take the section out: then the prompt goes without it. Variables are phase, title, tasks, specs, files, criteria, run, attempt, error, handoff.',
    { file: 'workflow.md' },
  )
}
