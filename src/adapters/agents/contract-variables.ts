import type { AgentRequest } from '../../core/ports.ts'
import { RUN_VARIABLE } from '../process/sweep.ts'

/** What every agent's process carries: the contract's `ORCHESTRATE_*` variables without those of the artifact. */
export function workVariables(request: AgentRequest): Record<string, string> {
  return {
    [RUN_VARIABLE]: request.run,
    ORCHESTRATE_PHASE: request.phase,
    ORCHESTRATE_UNIT: request.unit,
    ORCHESTRATE_ATTEMPT: String(request.attempt),
    ORCHESTRATE_STEP: request.step,
    ORCHESTRATE_MODEL: request.model ?? '',
  }
}

/** Where an agent that writes a file is to write its artifact, and what has to stand in it. */
export function artifactVariables(
  request: AgentRequest,
  files: { artifact: string; schema: string },
): Record<string, string> {
  return {
    ORCHESTRATE_ARTIFACT: files.artifact,
    ORCHESTRATE_SCHEMA: files.schema,
    ORCHESTRATE_NONCE: request.nonce,
  }
}
