import type { Sha } from '../model/ids.ts'
import { REVIEW_STEPS, type ReviewStep } from '../model/step.ts'
import { list } from '../text/display.ts'
import type { Skipped } from './agent-step.ts'
import { judgeCriteria } from './criteria.ts'
import type { PhaseContext } from './phase-context.ts'
import type { PhaseArtifact } from './schemas.ts'
import { mayChangeNothing } from './units.ts'

const NAMES: Record<ReviewStep, string> = {
  'review-test': 'the tests',
  'review-code': 'the code',
  'review-perf': 'the performance',
}

/**
 * What an agent that did a whole phase left out, as far as it can be seen from what is there: units of whose files none is there
 * and none was changed, reviews, criteria, and urgent findings that it put off. `refused`: why reviews of its own do not count.
 */
export async function skippedIn(
  { input, ports }: PhaseContext,
  artifact: PhaseArtifact,
  at: { tree: Sha; changed: readonly string[]; reviewed: readonly ReviewStep[]; refused: readonly string[] },
): Promise<Skipped[]> {
  const skipped: Skipped[] = (await notDone({ input, ports }, at)).map(({ note }) => ({
    message: note,
    hint: 'Do it.',
  }))
  const missing = REVIEW_STEPS.filter((step) => !at.reviewed.includes(step))
  if (missing.length > 0)
    skipped.push({
      message: `No review of ${list(missing.map((step) => NAMES[step]))} counts.${at.refused.map((why) => ` ${why}`).join('')}`,
      hint: 'Read what you changed anew, fix what you find, and hand the review in under `reviews`.',
    })
  const judged = judgeCriteria(artifact, input.criteria, input.planDir).judged.map(({ id }) => id)
  const unjudged = input.criteria.map(({ id }) => id).filter((id) => !judged.includes(id))
  if (unjudged.length > 0)
    skipped.push({
      message: `Nobody judged ${list(unjudged, 20)}.`,
      hint: 'Each stands under `criteria` with its id, met or not, and what shows it.',
    })
  const putOff = (artifact.reviews ?? []).flatMap(({ findings }) =>
    findings.filter(
      ({ severity, disposition }) => disposition === 'deferred' && (severity === 'P0' || severity === 'P1'),
    ),
  )
  if (putOff.length > 0)
    skipped.push({
      message: `These were put off: ${list(
        putOff.map(({ severity, file, line, title }) => `${severity} ${file}:${line} ${title}`),
        10,
      )}.`,
      hint: 'A P0 or P1 is fixed now, or refuted with what shows it.',
    })
  return skipped
}

/** Pieces of whose files none is there and none was changed, each with a sentence that names them. */
export async function notDone(
  { input, ports }: Pick<PhaseContext, 'input' | 'ports'>,
  at: { tree: Sha; changed: readonly string[] },
): Promise<{ unit: string; note: string }[]> {
  const found: { unit: string; note: string }[] = []
  // A plan may name a folder.
  const touched = (file: string): boolean =>
    at.changed.some((path) => path === file || path.startsWith(`${file.replace(/\/$/, '')}/`))
  for (const unit of input.units) {
    if (unit.files.length === 0 || mayChangeNothing(unit) || unit.files.some(touched)) continue
    const there = await Promise.all(unit.files.map((file) => ports.repository.lineCount(at.tree, file)))
    if (there.some((lines) => lines !== undefined)) continue
    const name = unit.id === '' ? 'The phase' : `${unit.kind === 'spec' ? 'Spec' : 'Task'} ${unit.id}`
    found.push({ unit: unit.id, note: `${name} was not done: there is no ${list(unit.files, 5)}.` })
  }
  return found
}
