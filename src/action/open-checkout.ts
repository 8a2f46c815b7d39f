import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FirstLook } from '../adapters/git/first-look.ts'
import { openRepository, type OpenRepository } from '../adapters/git/repository.ts'
import type { Result } from '../core/model/result.ts'
import { clock, type Surroundings } from './surroundings.ts'

/** The repository that the job checked out; its remote is spoken to by the job's token. `look`: what git said of it already. */
export const openCheckout = (
  { inputs, env, workspace }: Surroundings,
  look: FirstLook,
): Promise<Result<OpenRepository>> =>
  openRepository({
    cwd: workspace,
    env,
    clock,
    look,
    workspacesRoot: join(env['RUNNER_TEMP'] ?? tmpdir(), 'orchestrate'),
    credentials: { url: env['GITHUB_SERVER_URL'] ?? 'https://github.com', token: inputs.token },
  })
