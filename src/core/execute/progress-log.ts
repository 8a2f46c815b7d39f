import type { Problem } from '../model/event.ts'
import type { Sha } from '../model/ids.ts'
import type { PhaseContext } from './phase-context.ts'

/** What stands in an append-only file stays, byte for byte; one that is new holds nothing that could be lost. */
export const keepsLog = (before: string | undefined, now: string | undefined): boolean =>
  before === undefined || now?.startsWith(before) === true

/**
 * The progress log is append-only, and only we write it. `strict`: a phase that does not keep what stood in it stops. `warn`: it is
 * said, and goes on. `none`: the log is nobody's business, ours neither. `hint` says how to put it right.
 */
export async function enforceLog(
  { input, ports }: Pick<PhaseContext, 'input' | 'ports'>,
  trees: { before: Sha; now: Sha },
  hint: string,
): Promise<{ stop?: Problem; note?: string }> {
  const { file } = input.contract.progress
  const enforcement = input.contract.execution.progressEnforcement
  if (enforcement === 'none') return {}
  const [stood, stands] = await Promise.all(
    [trees.before, trees.now].map((tree) => ports.repository.readFile(tree, file)),
  )
  const folder =
    stands === undefined && (await ports.repository.resolve(`${trees.now}:${file}`)) !== undefined
  if (!folder && keepsLog(stood, stands)) return {}
  const what = folder
    ? 'cannot be written: a folder stands there'
    : stands === undefined
      ? 'was deleted, and it is append-only'
      : 'does not begin with what stood in it, and it is append-only'
  const message = `The progress log ${file} ${what}.`
  if (enforcement === 'strict') return { stop: { reason: 'progress-log', message, hint } }
  ports.reporter.emit({ type: 'warning', message: `Phase ${input.phase.id}: ${message}`, hint })
  return { note: message }
}
