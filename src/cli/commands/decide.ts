import { decideRun } from '../../core/pipeline.ts'
import { configFlags, Flags } from '../flags.ts'
import { printFailures } from '../output.ts'
import { actorOf, sourceOf } from '../session.ts'
import type { Handler } from '../shell.ts'
import { finish, withRun } from '../with-run.ts'

type Decision = Parameters<typeof decideRun>[1]
export type DecisionKind = Decision['kind']

/** `retry N`, `fix N TEXT`, `skip N`, `abort [RUN]`: records what a person decided and goes on with the run. */
export const decideCommand = (kind: DecisionKind): Handler => {
  return async (input, shell) => {
    const flags = new Flags(input)
    const named = flags.text('--run')
    const given = flags.result(configFlags(flags))
    if (!given.ok) return printFailures(given.error, shell)
    const [first, text] = input.args
    const run = kind === 'abort' ? first : named
    const decision: Decision = {
      kind,
      ...(kind === 'abort' || first === undefined ? {} : { phase: first }),
      ...(text === undefined ? {} : { text }),
    }
    const json = flags.has('--json')
    return withRun(run, { json, flags: given.value }, shell, async ({ session, ports, view }) => {
      const actor = await actorOf(session.repository, shell)
      const options = {
        source: sourceOf(session.repository, shell),
        config: given.value,
        actor,
        yes: flags.has('--yes'),
      }
      return finish(await decideRun(view.run, decision, options, ports), json, session, shell)
    })
  }
}
