/** `permissions` of a workflow and a job, as the scope of the job's token. */
import type { TokenPermissions } from '../types.ts'

/** What a workflow may name, in the spelling of tokens. `id-token` and `models` reach nothing of this server. */
const SCOPES = [
  ...['actions', 'attestations', 'checks', 'contents', 'deployments', 'discussions', 'id_token', 'issues'],
  ...['models', 'packages', 'pages', 'pull_requests', 'repository_projects', 'security_events', 'statuses'],
]

/** Of a repository made today, where a workflow says nothing. */
export const DEFAULT_PERMISSIONS: TokenPermissions = { contents: 'read', packages: 'read' }

/**
 * `written` is the job's `permissions`, or else the workflow's; undefined where neither says anything. Whatever is not named is
 * taken away, `metadata: read` always stays. A token of a fork's pull request only reads.
 */
export function tokenPermissions(written: unknown, fork: boolean): TokenPermissions {
  const granted = new Map<string, 'read' | 'write'>()
  const grant = (scope: string, level: unknown) => {
    if (level === 'read' || level === 'write') granted.set(scope, fork ? 'read' : level)
  }
  if (written === undefined)
    for (const [scope, level] of Object.entries(DEFAULT_PERMISSIONS)) grant(scope, level)
  else if (written === 'read-all' || written === 'write-all')
    for (const scope of SCOPES) grant(scope, written === 'read-all' ? 'read' : 'write')
  else if (typeof written === 'object' && written !== null)
    for (const [scope, level] of Object.entries(written)) grant(scope.replaceAll('-', '_'), level)
  grant('metadata', 'read')
  return Object.fromEntries(granted)
}
