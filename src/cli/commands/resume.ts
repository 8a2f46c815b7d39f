import { resumeRun } from '../../core/pipeline.ts'
import { configFlags, Flags } from '../flags.ts'
import { printFailures } from '../output.ts'
import { actorOf, sourceOf } from '../session.ts'
import type { Handler } from '../shell.ts'
import { finish, withRun } from '../with-run.ts'

/** `orchestrate resume [RUN]` */
export const resumeCommand: Handler = async (input, shell) => {
  const flags = new Flags(input)
  const given = flags.result(configFlags(flags))
  if (!given.ok) return printFailures(given.error, shell)
  const json = flags.has('--json')
  return withRun(input.args[0], { json, flags: given.value }, shell, async ({ session, ports, view }) => {
    const actor = await actorOf(session.repository, shell)
    const ended = await resumeRun(
      view.run,
      { source: sourceOf(session.repository, shell), config: given.value, actor, yes: flags.has('--yes') },
      ports,
    )
    return finish(ended, json, session, shell)
  })
}
