import type { RunView } from '../pipeline-types.ts'

/** Commands that make sense now, the most likely first. */
export function nextSteps(view: RunView, program: string): { command: string; why: string }[] {
  const waiting = view.phases.filter((phase) => phase.state === 'needs-input' || phase.state === 'lost')
  const unfinished = view.phases.some((phase) => phase.state === 'pending' || phase.state === 'running')
  const steps: { command: string; why: string }[] = []
  const first = waiting[0]
  if (view.state === 'approved' && (unfinished || waiting.length > 0)) {
    const why =
      first === undefined ? 'go on from the last recorded step' : 'go on, after you mended it in its worktree'
    steps.push({ command: `${program} resume ${view.run}`, why })
  }
  if (first !== undefined && view.state !== 'aborted') {
    steps.push(
      {
        command: `git log -p ${view.base.slice(0, 10)}..${first.branch}`,
        why: 'see what it made so far',
      },
      {
        command: `${program} fix ${first.id} "what is wrong"`,
        why: 'give its agents a finding of yours and go on',
      },
      { command: `${program} retry ${first.id}`, why: 'start that phase again from scratch' },
      { command: `${program} skip ${first.id}`, why: 'leave it out; phases after it go on without its work' },
      { command: `${program} abort ${view.run}`, why: 'end the run; its branches stay' },
    )
  }
  if (view.state === 'merged') {
    steps.push({
      command: `${program} land ${view.run}`,
      why: `fast-forward ${view.branch} to what is merged`,
    })
  }
  steps.push(
    { command: `${program} verify ${view.run}`, why: 'prove from the ledger that no step is missing' },
    { command: `${program} report ${view.run} -o report.html`, why: 'the run as one HTML page' },
  )
  if (view.planTip !== view.base) {
    const range = `${view.base.slice(0, 10)}..${view.planTip.slice(0, 10)}`
    steps.push({ command: `git log --graph --oneline ${range}`, why: 'what was made, commit by commit' })
  }
  return steps
}
