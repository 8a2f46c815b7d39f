/** An action.yml. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { actionFiles, workflows } from './library.ts'
import type { TemplateToken } from './library.ts'
import { field } from './tokens.ts'
import { readSteps, type StepFile } from './workflow-file.ts'

export interface ActionFile {
  dir: string
  inputs: { id: string; required: boolean; default?: TemplateToken }[]
  runs:
    | { kind: 'composite'; steps: StepFile[]; outputs: { id: string; value?: TemplateToken }[] }
    | { kind: 'node'; version: string; main: string; pre?: Hook; post?: Hook }
}

export interface Hook {
  file: string
  /** `always()` where nothing else is said. */
  if: string
}

/** Reads `action.yml` or `action.yaml` in `dir`. Throws with what is wrong, as a step's failure. */
export async function readAction(dir: string, name: string): Promise<ActionFile> {
  const path = ['action.yml', 'action.yaml'].map((file) => join(dir, file)).find(existsSync)
  if (path === undefined) throw new Error(`Can't find 'action.yml' or 'action.yaml' for '${name}'`)
  const { context, value } = actionFiles.parseAction(
    { name: path, content: await readFile(path, 'utf8') },
    new workflows.NoOperationTraceWriter(),
  )
  const action = value ? actionFiles.convertActionTemplate(context, value) : undefined
  const errors = context.errors.getErrors().map((error) => error.message)
  if (!action || errors.length > 0) throw new Error(`${name}: ${errors.join('; ')}`)

  const inputs = (action.inputs ?? []).map((input) => ({
    id: input.id,
    required: input.required === true,
    ...(input.default ? { default: input.default } : {}),
  }))
  const { runs } = action
  if (runs.using === 'docker') throw new Error(`${name}: container actions are not run on this machine`)
  if (runs.using !== 'composite') {
    const hook = (file: string | undefined, condition: string | undefined): Hook | undefined =>
      file === undefined ? undefined : { file, if: condition ?? 'always()' }
    const pre = hook(runs.pre, runs.preIf)
    const post = hook(runs.post, runs.postIf)
    return {
      dir,
      inputs,
      runs: {
        kind: 'node',
        version: runs.using,
        main: runs.main,
        ...(pre ? { pre } : {}),
        ...(post ? { post } : {}),
      },
    }
  }
  const ids = runs.steps.map((step) => step.id)
  const outputs = (action.outputs ?? []).map((output) => ({
    id: output.id,
    ...(output.value ? { value: output.value } : {}),
  }))
  return {
    dir,
    inputs,
    runs: { kind: 'composite', steps: readSteps(field(field(value, 'runs'), 'steps'), ids), outputs },
  }
}
