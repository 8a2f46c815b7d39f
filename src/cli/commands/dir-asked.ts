import { ok, type Result } from '../../core/model/result.ts'
import type { Input, Shell } from '../shell.ts'

/** What was named, or the plan that the repository has. */
export async function dirAsked(command: string, input: Input, shell: Shell): Promise<Result<string>> {
  const [dir] = input.args
  if (dir !== undefined) return ok(dir)
  const { askingForDir, choosePlan } = await import('../choose-plan.ts')
  return await choosePlan(askingForDir(command, input), shell)
}
