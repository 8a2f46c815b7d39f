/**
 * A workflow file, read by GitHub's own parser. Its converted model leaves out half of what a runner needs (`with`, `shell`,
 * `defaults`, job `permissions`, time limits), so everything is taken from the tokens, and the model only tells what is wrong.
 */
import { ErrorPolicy, MappingToken, SequenceToken, StringToken, workflows } from './library.ts'
import type { EventsConfig, TemplateToken } from './library.ts'
import { conditionOf, field, stringField } from './tokens.ts'

export interface StepFile {
  /** As written, or one that the parser made up (`__run`). */
  id: string
  name?: TemplateToken
  /** An expression that asks for the job's status, `success()` where nothing else is said. */
  if: string
  run?: TemplateToken
  uses?: string
  with?: TemplateToken
  env?: TemplateToken
  shell?: TemplateToken
  workingDirectory?: TemplateToken
  timeout?: TemplateToken
  continueOnError?: TemplateToken
}

export interface JobFile {
  id: string
  name?: TemplateToken
  needs: string[]
  if: string
  /** Set for a job that calls another workflow. */
  uses?: string
  strategy?: TemplateToken
  env?: TemplateToken
  environment?: TemplateToken
  permissions?: TemplateToken
  defaults?: TemplateToken
  outputs?: TemplateToken
  concurrency?: TemplateToken
  timeout?: TemplateToken
  continueOnError?: TemplateToken
  steps: StepFile[]
}

export interface WorkflowFile {
  path: string
  name: string
  runName?: TemplateToken
  on: EventsConfig
  /** Inputs of `workflow_dispatch`, as written. */
  dispatchInputs?: TemplateToken
  env?: TemplateToken
  defaults?: TemplateToken
  permissions?: TemplateToken
  concurrency?: TemplateToken
  jobs: JobFile[]
  /** What is wrong with the file, with line and column. Such a file starts nothing, its run fails at once. */
  errors: string[]
}

/**
 * The parser's schema (0.3.61) refuses `repository_dispatch` as a bare word (`on: repository_dispatch`); as a key it is read.
 *
 * Reads a workflow. `on` is known as far as it could be read, so that a broken file still fails where it would have run.
 */
export async function readWorkflow(path: string, content: string): Promise<WorkflowFile> {
  const { context, value } = workflows.parseWorkflow(
    { name: path, content },
    new workflows.NoOperationTraceWriter(),
  )
  // Converting adds its own errors to the context.
  const model = value
    ? await workflows.convertWorkflowTemplate(context, value, undefined, {
        errorPolicy: ErrorPolicy.TryConversion,
      })
    : undefined
  const errors = [...new Set(context.errors.getErrors().map((error) => error.message))]
  const name = stringField(value, 'name') ?? path
  const base = { path, name: name === '' ? path : name, on: model?.events ?? {}, errors }
  if (!(value instanceof MappingToken) || errors.length > 0) return { ...base, jobs: [] }

  const jobs = field(value, 'jobs')
  return {
    ...base,
    ...optional({
      runName: field(value, 'run-name'),
      dispatchInputs: field(field(field(value, 'on'), 'workflow_dispatch'), 'inputs'),
      env: field(value, 'env'),
      defaults: field(value, 'defaults'),
      permissions: field(value, 'permissions'),
      concurrency: field(value, 'concurrency'),
    }),
    jobs: (model?.jobs ?? []).map((job) => {
      const raw = field(jobs, job.id.value)
      const steps = field(raw, 'steps')
      const uses = stringField(raw, 'uses')
      return {
        id: job.id.value,
        needs: (job.needs ?? []).map((need) => need.value),
        if: job.if.expression,
        ...(uses === undefined ? {} : { uses }),
        ...optional({
          name: field(raw, 'name'),
          strategy: field(raw, 'strategy'),
          env: field(raw, 'env'),
          environment: field(raw, 'environment'),
          permissions: field(raw, 'permissions'),
          defaults: field(raw, 'defaults'),
          outputs: field(raw, 'outputs'),
          concurrency: field(raw, 'concurrency'),
          timeout: field(raw, 'timeout-minutes'),
          continueOnError: field(raw, 'continue-on-error'),
        }),
        steps: readSteps(steps, job.type === 'job' ? job.steps.map((step) => step.id) : []),
      }
    }),
  }
}

/** Steps of a job or of a composite action; `ids` are those that the parser gave them, in order. */
export function readSteps(steps: TemplateToken | undefined, ids: readonly string[]): StepFile[] {
  if (!(steps instanceof SequenceToken)) return []
  return [...steps].map((step, index) => {
    const uses = field(step, 'uses')
    return {
      id: ids[index] ?? `__step_${index}`,
      if: conditionOf(field(step, 'if')),
      ...(uses instanceof StringToken ? { uses: uses.value } : {}),
      ...optional({
        name: field(step, 'name'),
        run: field(step, 'run'),
        with: field(step, 'with'),
        env: field(step, 'env'),
        shell: field(step, 'shell'),
        workingDirectory: field(step, 'working-directory'),
        timeout: field(step, 'timeout-minutes'),
        continueOnError: field(step, 'continue-on-error'),
      }),
    }
  })
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** Without what is undefined. */
function optional<T extends Record<string, TemplateToken | undefined>>(fields: T): Present<T> {
  const present: Present<T> = {}
  for (const key in fields) {
    const value = fields[key]
    if (value !== undefined) present[key] = value as Exclude<T[typeof key], undefined>
  }
  return present
}
