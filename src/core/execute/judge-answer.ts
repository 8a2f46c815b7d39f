import type { Problem } from '../model/event.ts'
import { err, ok, type Result } from '../model/result.ts'
import type { AgentActivity, AgentOutcome } from '../ports.ts'
import { fullStop } from '../text/sentence.ts'
import { checkArtifact } from './artifact.ts'
import type { PromptStep } from './prompts/context.ts'
import type { ArtifactOf } from './schemas.ts'

/** What the end of a call means: the artifact that passed its schema, or why there is none. */
export function judge<S extends PromptStep>(
  step: S,
  outcome: AgentOutcome,
  expected: { nonce: string; attempt: number },
): { artifact: Result<ArtifactOf<S>, Problem>; problems: Problem[] } {
  if (outcome.kind === 'failed') {
    const end = outcome.tail.trim().split('\n').slice(-5).join('\n')
    const problem = {
      reason: `agent-${outcome.reason}`,
      message: `The agent of ${step} failed: ${fullStop(outcome.message)}${end ? `\n${end}` : ''}`,
      hint: HINTS[outcome.reason] ?? 'Its output stands above; try again when the cause is gone.',
    }
    return { artifact: err(problem), problems: [problem] }
  }
  const checked = checkArtifact(step, outcome.artifact, expected)
  if (checked.ok) return { artifact: ok(checked.value), problems: [] }
  const [first] = checked.error
  const problem = {
    reason: `artifact-${first?.reason ?? 'missing'}`,
    message: checked.error.map((p) => p.message).join('\n'),
    hint: first?.hint ?? '',
  }
  return { artifact: err(problem), problems: checked.error }
}

const HINTS: Record<string, string> = {
  timeout:
    'The step took longer than its limit: make the unit smaller, or raise the limit in the configuration.',
  idle: 'It printed and changed nothing for too long: look at what it waited for.',
  'over-limit':
    'Make room; or, where a step needs so much, raise the named limit in .github/orchestrate.yml. `orchestrate logs` tells what it did.',
  unavailable: "The model's service failed: see its message, try again later.",
  'rate-limited': "The model's service has no room now: try again later.",
  auth: 'The key was refused: check it.',
  refused: "The model's service refused the request: see its message.",
  'over-budget': 'The money for it is spent: `orchestrate resume --max-cost USD` goes on with more.',
}

/** What an agent does, in a few words; paths below its working directory as they are called there. */
export function describe(activity: AgentActivity, cwd: string): string | undefined {
  if (activity.kind === 'text') return activity.text
  if (activity.kind === 'discovery') return `tells the others: ${activity.text}`
  if (activity.kind === 'tool')
    return activity.target === undefined
      ? activity.tool
      : `${activity.tool} ${activity.target.replaceAll(`${cwd}/`, '')}`
  if (activity.kind === 'retry')
    return `waits ${Math.round(activity.delayMs / 1000)} s (try ${activity.attempt})`
  return undefined
}
