import { landRun } from '../../core/pipeline.ts'
import type { Handler } from '../shell.ts'
import { finish, withRun } from '../with-run.ts'

/** `orchestrate land [RUN]` */
export const landCommand: Handler = async (input, shell) => {
  const json = input.given.has('--json')
  return withRun(input.args[0], { json }, shell, async ({ session, ports, view }) =>
    finish(await landRun(view.run, ports), json, session, shell),
  )
}
