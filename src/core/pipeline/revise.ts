import { ingest } from '../ingest/ingest.ts'
import { failure } from '../model/failure.ts'
import type { Plan } from '../model/plan.ts'
import { err, ok, type Result } from '../model/result.ts'
import type { PlanSource } from '../ports.ts'
import { isFaithful, restructure, type Revision } from '../review/restructure.ts'

/**
 * What the review would change in the plan's own files. It is read again before anybody sees it: what does not read back as the
 * same tasks in the same order, without a new error, is not offered. `changes` is empty where there is nothing to do.
 */
export async function proposeRevision(source: PlanSource, plan: Plan): Promise<Result<Revision>> {
  const revision = restructure(plan)
  if (revision.changes.length === 0) return ok(revision)
  const { plan: revised, failures } = await ingest(overlaid(source, revision.files))
  if (revised !== undefined && failures.length === 0 && isFaithful(plan, revised)) return ok(revision)
  return err([
    failure(
      'refused',
      'The plan is written in a way that cannot be changed line by line without changing what it says.',
      'Nothing was changed. `orchestrate review` says what to change by hand.',
    ),
  ])
}

/** The source with some of its files in other words. */
const overlaid = (source: PlanSource, files: ReadonlyMap<string, string>): PlanSource => ({
  shown: source.shown,
  dir: source.dir,
  ...(source.file === undefined ? {} : { file: source.file }),
  list: (depth) => source.list(depth),
  documents: () => source.documents(),
  read: async (path) => {
    const text = files.get(path)
    return text === undefined ? await source.read(path) : { text, invalidUtf8: false }
  },
})
