import { join } from 'node:path'
import { openPlanSource } from '../adapters/files/plan-source.ts'
import { openProjectFiles } from '../adapters/files/project-files.ts'
import type { OpenRepository } from '../adapters/git/repository.ts'
import type { Sha } from '../core/model/ids.ts'
import { ok } from '../core/model/result.ts'
import type { JobDeps } from '../core/pipeline/job/deps.ts'

/** Commits are looked at in worktrees of their own: the job's checkout is the default branch and stays it. */
export async function planAt(
  repository: OpenRepository,
  home: string,
  { head, base, dir }: { head: Sha; base: Sha; dir: string },
): ReturnType<JobDeps['planAt']> {
  for (const commit of new Set([head, base])) {
    const fetched = await repository.fetchCommit(commit)
    if (!fetched.ok) return fetched
  }
  const at = (commit: Sha) => repository.workspaces.open('commits', commit.slice(0, 20), commit)
  const [plan, project] = [await at(head), await at(base)]
  const [source, rules] = await Promise.all([
    openPlanSource({ path: join(plan.path, dir), cwd: plan.path, root: plan.path }),
    openPlanSource({ path: project.path, cwd: project.path, root: project.path }),
  ])
  if (!source.ok) return source
  // What the project tells agents is what its base says, not what the pull request would have them told.
  const documents = rules.ok ? () => rules.value.documents() : () => Promise.resolve([])
  const { value } = source
  return ok({
    source: {
      shown: value.shown,
      dir: value.dir,
      read: (path) => value.read(path),
      ...(value.file === undefined ? {} : { file: value.file }),
      list: (depth) => value.list(depth),
      documents,
    },
    files: openProjectFiles({ root: project.path, home }),
  })
}
