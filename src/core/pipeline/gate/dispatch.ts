import { formatCommand } from '../../gate/format-command.ts'
import { formatSource, type Source } from '../../gate/approval.ts'
import type { Forge, PullFacts } from '../../forge.ts'
import { type DispatchInputs, WORKFLOW } from '../../model/forge-names.ts'
import type { GateCommand } from '../../model/gate-command.ts'
import type { Result } from '../../model/result.ts'
import type { GateContext } from './context.ts'

/** Starts the workflow on the default branch for a command that was authorized; the job reads it again at its source. */
export async function send(
  forge: Forge,
  facts: PullFacts,
  given: { command: GateCommand; source: Source; run: string; dir: string },
  ctx: GateContext,
): Promise<Result<void>> {
  const { command, source, run, dir } = given
  return await dispatch(
    forge,
    facts,
    {
      run: command.name === 'approve' ? '' : run,
      head: command.name === 'approve' ? facts.pull.head.sha : '',
      'plan-dir': dir === '' ? '.' : dir,
      command: formatCommand(command),
      source: formatSource(source),
    },
    ctx,
  )
}

/** Starts the workflow to see for itself what can go on. */
export async function goOn(
  forge: Forge,
  facts: PullFacts,
  run: string,
  ctx: GateContext,
): Promise<Result<void>> {
  return await dispatch(forge, facts, { run, head: '', 'plan-dir': '', command: '', source: 'dispatch' }, ctx)
}

async function dispatch(
  forge: Forge,
  facts: PullFacts,
  some: Omit<DispatchInputs, 'pull' | 'phases' | 'app'>,
  ctx: GateContext,
): Promise<Result<void>> {
  const inputs: DispatchInputs = {
    ...some,
    pull: String(facts.pull.number),
    phases: '',
    app: String(ctx.as === 'app'),
  }
  return await forge.dispatch(WORKFLOW, facts.defaultBranch, { ...inputs })
}
