import type { Refusal } from '../../gate/refusal.ts'
import type { Shown } from '../../gate/shown.ts'
import type { FileConfig } from '../../config/config-file.ts'
import type { Config } from '../../model/config.ts'
import type { Failure } from '../../model/failure.ts'
import type { Policy } from '../../model/policy.ts'
import type { Prepared } from '../prepare.ts'
import type { KnownRun } from './known-run.ts'

/** The rules of the base ref. */
export interface Rules {
  policy: Policy
  file: FileConfig
  /** The file over the defaults; what an approval's flags then go over. */
  config: Config
}

/** How a pull request stands at its gate. */
export type Standing =
  /** Nobody asks for a gate: the check passes and no comment is made. `was`: there was one before, whose comment stands. */
  | { kind: 'no-gate'; why: 'not-labelled' | 'closed'; shown: Shown }
  /** A gate is asked for and there is nothing to approve. */
  | { kind: 'answer'; answer: GateAnswer; shown: Shown }
  | {
      kind: 'reviewed'
      shown: Shown & { state: 'reviewed' }
      dir: string
      prepared: Prepared
      rules: Rules
      /** Besides what the review says, a sentence each. */
      notes: string[]
      /** Pull requests whose plans are to change the same files. */
      neighbours: number[]
      /** A run whose approval holds no longer, and why; or one that ended without landing. */
      run?: { known: KnownRun; void: Refusal[] }
    }
  | { kind: 'run'; shown: Shown & { state: 'reviewed' }; known: KnownRun; rules: Rules; notes: string[] }

/** The clear answers where there is nothing to approve. */
export type GateAnswer =
  | { kind: 'no-plan' }
  | { kind: 'several-plans'; dirs: string[] }
  | { kind: 'fork'; dirs: string[] }
  | { kind: 'label-refused'; by: string }
  | { kind: 'bad-config'; failures: Failure[] }
  | { kind: 'invalid-plan'; dir: string; failures: Failure[] }
  | { kind: 'unreadable-run'; failures: Failure[] }
