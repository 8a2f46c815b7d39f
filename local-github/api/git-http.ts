/** Clone, fetch and push: who may, what a push may not move, and what follows from it. */
import { accountOf, type Actor } from '../auth/actor.ts'
import { refusal, reading, writing } from '../auth/may.ts'
import { refsChanged, type RefChange } from '../events/ref-changes.ts'
import { httpBackend } from '../git/http-backend.ts'
import { pushCommands } from '../git/push-commands.ts'
import { branchOfRef, NO_COMMIT } from '../git/repository.ts'
import type { Api, Call } from '../http/api.ts'
import type { Reply } from '../http/reply.ts'
import { pushRefusal } from '../protection/rules.ts'
import { repositoryOf } from '../state/find.ts'
import type { Repository } from '../state/records.ts'

const text = (status: number, message: string, headers: Record<string, string> = {}): Reply => ({
  status,
  body: Buffer.from(`${message}\n`),
  headers: { 'content-type': 'text/plain', ...headers },
})

export function gitRoutes(api: Api): void {
  api.route('GET', '/:owner/:repo/info/refs', (call) =>
    serve(call, '/info/refs', call.query('service') === 'git-receive-pack'),
  )
  api.route('POST', '/:owner/:repo/git-upload-pack', (call) => serve(call, '/git-upload-pack', false))
  api.route('POST', '/:owner/:repo/git-receive-pack', (call) => serve(call, '/git-receive-pack', true))
}

function serve(call: Call, service: string, write: boolean): Promise<Reply> | Reply {
  const repo = repositoryOf(call.world, `${call.param('owner')}/${call.param('repo').replace(/\.git$/, '')}`)
  const refused = repo
    ? refusal(call.actor, repo, write ? writing('contents') : reading('contents'))
    : undefined
  if (!repo || refused) {
    // Git asks for a password only after a 401.
    if (call.actor.kind === 'anonymous')
      return text(401, 'Authentication required', { 'www-authenticate': 'Basic realm="GitHub"' })
    if (!repo || refused?.status === 404) return text(404, 'Repository not found.')
    return text(403, `Permission to ${repo.fullName}.git denied to ${accountOf(call.actor).login}.`)
  }
  if (service !== '/git-receive-pack') return backend(call, repo, service)
  return repo.git.turns.take(() => receive(call, repo, service))
}

function backend(
  call: Call,
  repo: Repository,
  service: string,
  refuse?: Record<string, string>,
): Promise<Reply> {
  return httpBackend({
    dir: repo.git.dir,
    service,
    method: call.method,
    query: call.url.search.slice(1),
    contentType: call.headers['content-type'] ?? '',
    protocol: call.headers['git-protocol'] ?? '',
    user: call.actor.kind === 'anonymous' ? '' : call.actor.account.login,
    body: call.raw,
    ...(refuse ? { refuse: { hooks: call.world.hooks, env: refuse } } : {}),
  })
}

async function receive(call: Call, repo: Repository, service: string): Promise<Reply> {
  const commands = pushCommands(call.raw)
  const reply = await backend(call, repo, service, refusals(repo, commands, call.actor))
  const moved: RefChange[] = []
  for (const command of commands) {
    const now = (await repo.git.info(command.ref))?.sha ?? NO_COMMIT
    if (now === command.after && command.before !== command.after) moved.push(command)
  }
  await refsChanged(call, repo, moved, call.actor)
  return reply
}

/** Told to the hook, which is asked for each ref before it moves. */
function refusals(repo: Repository, commands: RefChange[], actor: Actor): Record<string, string> | undefined {
  const refused: Record<string, string> = {}
  const blocks = commands.flatMap(({ ref, after }) => {
    if (/^refs\/pull\//.test(ref)) return [`${ref}\ndeny updating a hidden ref`]
    const branch = branchOfRef(ref)
    const found = branch === undefined ? undefined : pushRefusal(repo, branch, after)
    return found ? [[found.ref, ...found.lines].join('\n')] : []
  })
  if (blocks.length > 0) refused['LOCAL_GITHUB_PROTECTED'] = blocks.join('\n\n')
  const forward = commands.map(({ ref }) => ref).filter((ref) => repo.protections.has(branchOfRef(ref) ?? ''))
  if (forward.length > 0) refused['LOCAL_GITHUB_FORWARD'] = forward.join(' ')
  const token = actor.kind === 'job' || actor.kind === 'installation'
  if (token && actor.permissions['workflows'] !== 'write') refused['LOCAL_GITHUB_WORKFLOWS'] = 'refuse'
  return Object.keys(refused).length > 0 ? refused : undefined
}
