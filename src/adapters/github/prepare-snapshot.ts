import type { GateContext } from '../../core/pipeline/gate/context.ts'
import { preparePlan } from '../../core/pipeline/gate/read-plan.ts'
import type { Clock } from '../../core/ports.ts'
import { snapshotPlanSource, snapshotProjectFiles } from './snapshot-plan.ts'

/** Stages 1 to 4 over files of the forge, in this thread. */
export const prepareHere =
  (clock: Clock): GateContext['prepare'] =>
  (files, candidates, config) =>
    preparePlan(files, candidates, config, {
      clock,
      open: (snapshot, planDir) => ({
        source: snapshotPlanSource(snapshot, planDir),
        files: snapshotProjectFiles(snapshot),
      }),
    })
