import type { RepositoryFacts } from '../../core/review/mends/mend.ts'
import { openProjectFiles } from './project-files.ts'

/** What putting a plan right may know of the repository at `root`. */
export const repositoryFacts = async (root: string): Promise<RepositoryFacts> => ({
  files: await openProjectFiles({ root, home: undefined }).glob('**/*'),
})
