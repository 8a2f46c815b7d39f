import { exitCode, type Failure } from '../model/failure.ts'
import type { Ended, RunView } from '../pipeline-types.ts'

/** How a command ended; the exit code follows from its failures. */
export const ended = (failures: Failure[], view?: RunView): Ended => ({
  exit: exitCode(failures),
  failures,
  ...(view === undefined ? {} : { view }),
})
