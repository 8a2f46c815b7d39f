/** Workflow files of commits, read once each. */
import type { GitReader } from './git.ts'
import { readWorkflow, type WorkflowFile } from './workflow-file.ts'

/** Commits whose workflows are kept. */
const KEPT = 200

export interface WorkflowReader {
  of(git: GitReader, sha: string): Promise<WorkflowFile[]>
}

export function createWorkflowReader(): WorkflowReader {
  const known = new Map<string, Promise<WorkflowFile[]>>()
  return {
    of(git, sha) {
      const found = known.get(sha)
      if (found) return found
      const reading = git
        .workflows(sha)
        .then((files) => Promise.all(files.map(({ path, content }) => readWorkflow(path, content))))
      known.set(sha, reading)
      const [oldest] = known.keys()
      if (known.size > KEPT && oldest !== undefined) known.delete(oldest)
      return reading
    },
  }
}
