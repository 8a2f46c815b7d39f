import { phaseCheck } from '../../model/forge-names.ts'
import { phaseId } from '../../model/ids.ts'
import type { RunView } from '../../pipeline-types.ts'
import { phaseCheckOf, type PhaseCheckInput } from '../../report/forge-phase-check.ts'
import { gateCheck } from '../../report/gate-check.ts'
import { gateComment, MAX_COMMENT } from '../../report/gate-comment.ts'
import { parseHolder } from '../../run/holder.ts'
import { targetsOf } from './assess.ts'
import type { GateContext } from './context.ts'
import type { KnownRun } from './known-run.ts'
import { type Marker, withMarker } from './marker.ts'
import { stickyOf, type Wanted } from './publish.ts'
import { gateView, knownOf, type Scene, waitsFor } from './view.ts'

/** The marker tells of so many files, of so many characters: it shares the comment's room. */
const MAX_FILES = 100
const MAX_FILES_LENGTH = 6_000

/** What should stand on the pull request. */
export function render(scene: Scene & { ctx: GateContext }): Wanted {
  const { standing, facts, ctx } = scene
  const known = knownOf(standing)
  const seen =
    known === undefined ? { run: '', at: 0 } : { run: known.state.run, at: known.entries, head: known.head }
  // Nobody asked for a gate and none was here: the check says so, and nobody is bothered with a comment.
  const silent = standing.kind === 'no-gate' && (standing.why === 'closed' || stickyOf(facts) === undefined)
  if (standing.kind === 'no-gate' && standing.why === 'closed') return { checks: [], seen }
  const view = gateView(scene)
  const check = gateCheck(view, { files: facts.files.map(({ path }) => path), buttons: ctx.as === 'app' })
  const phases =
    view.state.kind === 'run' && view.state.run.state !== 'landed' && known !== undefined
      ? phaseChecks(scene, known, view.state.run)
      : []
  if (silent) return { checks: [check], seen }
  const remember = remembered(scene)
  const room = MAX_COMMENT - withMarker(remember, '').length
  return { checks: [check, ...phases], comment: { text: gateComment(view, room), remember }, seen }
}

/** What the comment's marker holds from now on. */
function remembered(scene: Scene): Omit<Marker, 'v' | 'hash'> {
  const { standing, remembered: before } = scene
  const { v: _, hash: __, files: ___, sent: ____, run: _____, at: ______, ...keep } = before
  const known = knownOf(standing)
  const sent = waitsFor(scene)
  return {
    ...keep,
    ...(sent === undefined ? {} : { sent }),
    ...(known === undefined ? {} : { run: known.state.run, at: known.entries }),
    ...filesOf(scene),
  }
}

/** What the plan is to change, for whoever reviews another one; a run changes what was reviewed. */
function filesOf({ standing, remembered: { files } }: Scene): Pick<Marker, 'files'> {
  if (standing.kind === 'reviewed') return { files: bounded(targetsOf(standing.prepared)) }
  return standing.kind === 'run' && files !== undefined ? { files } : {}
}

function bounded(files: readonly string[]): string[] {
  let room = MAX_FILES_LENGTH
  return files.slice(0, MAX_FILES).filter((file) => file.length <= 300 && (room -= file.length + 3) >= 0)
}

/** A check for each phase that was begun; one that only waits stands in the comment's table. */
function phaseChecks(
  { forge, facts, ctx }: Scene & { ctx: GateContext },
  { state, steps }: KnownRun,
  run: RunView,
): Wanted['checks'] {
  return run.phases.flatMap((phase) => {
    const shows = facts.checks.some(({ name, mine }) => mine && name === phaseCheck(phase.id))
    if (phase.attempt === 0 && !shows) return []
    if (!shows && phase.state === 'running' && ctx.own?.has(phase.id) === false) return []
    const now = state.phases.get(phaseId(phase.id))
    const job = now?.state === 'running' ? parseHolder(now.holder) : undefined
    const input: PhaseCheckInput = {
      url: forge.url,
      pull: facts.pull.number,
      head: facts.pull.head.sha,
      run,
      phase,
      buttons: ctx.as === 'app',
      ...(job === undefined ? {} : { detailsUrl: `${forge.url}/actions/runs/${job.run}` }),
    }
    const besides = phaseCheckOf(input)
    if (phase.state !== 'running') return besides
    const read = steps.get(phase.id)
    const soFar = read?.attempt === phase.attempt ? read : undefined
    return {
      ...(soFar === undefined ? besides : phaseCheckOf({ ...input, soFar })),
      running: {
        besides: JSON.stringify(besides),
        told: { attempt: phase.attempt, count: soFar?.count ?? 0 },
      },
    }
  })
}
