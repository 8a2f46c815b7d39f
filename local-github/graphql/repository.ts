/** Repositories and refs. */
import { GraphQLError } from 'graphql'
import { refusal, roleOf, writing } from '../auth/may.ts'
import type { Ref } from '../git/repository.ts'
import { nodeId } from '../render/account.ts'
import { collaborators as collaboratorsOf } from '../state/collaborators.ts'
import { isPull } from '../state/find.ts'
import type { Issue, Repository } from '../state/records.ts'
import { actorNode } from './actors.ts'
import { connection, type PageArguments } from './connection.ts'
import type { Context } from './context.ts'
import { objectNamed, objectNode } from './git-objects.ts'
import { pullNode } from './pulls.ts'

interface RefArguments extends PageArguments {
  refPrefix: string
  query?: string | null
  orderBy?: { direction: 'ASC' | 'DESC' } | null
  direction?: 'ASC' | 'DESC' | null
}

interface PullArguments extends PageArguments {
  states?: string[] | null
  labels?: string[] | null
  headRefName?: string | null
  baseRefName?: string | null
  orderBy?: { direction: 'ASC' | 'DESC' } | null
}

const stateOf = (issue: Issue): string => (issue.pull?.merged ? 'MERGED' : issue.state.toUpperCase())

export function repositoryNode(context: Context, repo: Repository): Record<string, unknown> {
  const { world } = context
  return {
    __typename: 'Repository',
    id: nodeId('Repository', repo.id),
    databaseId: repo.id,
    name: repo.name,
    nameWithOwner: repo.fullName,
    owner: actorNode(world, repo.owner),
    url: `${world.url}/${repo.fullName}`,
    description: repo.description,
    isPrivate: repo.private,
    isFork: repo.parent !== undefined,
    isArchived: false,
    isEmpty: async () => (await repo.git.refs('refs/heads/')).length === 0,
    visibility: repo.private ? 'PRIVATE' : 'PUBLIC',
    viewerPermission: () =>
      context.actor.kind === 'user' ? roleOf(repo, context.actor.account.login).toUpperCase() : null,
    defaultBranchRef: () => named(context, repo, `refs/heads/${repo.defaultBranch}`),
    ref: ({ qualifiedName }: { qualifiedName: string }) =>
      named(context, repo, qualifiedName.startsWith('refs/') ? qualifiedName : `refs/heads/${qualifiedName}`),
    refs: (args: RefArguments) => refs(context, repo, args),
    object: ({ expression, oid }: { expression?: string | null; oid?: string | null }) =>
      objectNamed(context, repo, oid ?? expression ?? ''),
    pullRequest: ({ number }: { number: number }) => {
      const issue = repo.issues.get(number)
      if (!issue || !isPull(issue)) throw unresolved(`PullRequest with the number of ${number}`)
      return pullNode(context, repo, issue)
    },
    pullRequests: (args: PullArguments) => {
      const found = [...repo.issues.values()].filter(isPull).filter((issue) => matches(issue, args))
      if (args.orderBy?.direction === 'DESC') found.reverse()
      return connection(found, args, 'pullRequests', (issue) => pullNode(context, repo, issue))
    },
    collaborators: (args: PageArguments & { query?: string | null; login?: string | null }) =>
      collaborators(context, repo, args),
    label: ({ name }: { name: string }) => {
      const label = repo.labels.get(name.toLowerCase())
      return label
        ? { __typename: 'Label', id: nodeId('Label', label.id), name: label.name, color: label.color }
        : null
    },
  }
}

export function unresolved(what: string): GraphQLError {
  return new GraphQLError(`Could not resolve to a ${what}.`, { extensions: { type: 'NOT_FOUND' } })
}

function matches(issue: Issue & { pull: NonNullable<Issue['pull']> }, args: PullArguments): boolean {
  return (
    (args.states == null || args.states.includes(stateOf(issue))) &&
    (args.headRefName == null || issue.pull.head.ref === args.headRefName) &&
    (args.baseRefName == null || issue.pull.base.ref === args.baseRefName) &&
    (args.labels == null ||
      args.labels.some((name) =>
        issue.labels.some((label) => label.name.toLowerCase() === name.toLowerCase()),
      ))
  )
}

async function named(context: Context, repo: Repository, name: string): Promise<unknown> {
  const found = await repo.git.info(name)
  return found ? refNode(context, repo, { name, sha: found.sha, type: found.type }) : null
}

/** A ref's name is told without its prefix, as the request gave it. */
export function refNode(
  context: Context,
  repo: Repository,
  ref: Ref,
  prefix = ref.name.replace(/[^/]+$/, '').startsWith('refs/heads/')
    ? 'refs/heads/'
    : ref.name.replace(/[^/]+$/, ''),
): Record<string, unknown> {
  return {
    __typename: 'Ref',
    id: nodeId('Ref', `${repo.id}:${ref.name}`),
    name: ref.name.slice(prefix.length),
    prefix,
    target: async () => {
      const found = await repo.git.read(ref.sha)
      return found ? objectNode(context, repo, found) : null
    },
    repository: () => repositoryNode(context, repo),
  }
}

async function refs(context: Context, repo: Repository, args: RefArguments): Promise<unknown> {
  // GitHub wants the prefix to end in a slash and to begin with refs/.
  const prefix = args.refPrefix.endsWith('/') ? args.refPrefix : `${args.refPrefix}/`
  const wanted = args.query?.toLowerCase() ?? ''
  const found = (await repo.git.refs(prefix)).filter((ref) =>
    ref.name.slice(prefix.length).toLowerCase().includes(wanted),
  )
  if ((args.orderBy?.direction ?? args.direction) === 'DESC') found.reverse()
  return connection(found, args, 'refs', (ref) => refNode(context, repo, ref, prefix))
}

/** Only for those who may push: others get null, and an error beside it. */
function collaborators(
  context: Context,
  repo: Repository,
  args: PageArguments & { query?: string | null; login?: string | null },
): unknown {
  const { actor, world } = context
  const token = actor.kind === 'installation' || actor.kind === 'job'
  const refused = token ? undefined : refusal(actor, repo, writing('contents'))
  if (refused)
    throw new GraphQLError('You do not have permission to view repository collaborators.', {
      extensions: { type: 'FORBIDDEN' },
    })
  const found = collaboratorsOf(world, repo).filter(({ account }) => {
    const login = account.login.toLowerCase()
    return (
      (args.query == null || login.includes(args.query.toLowerCase())) &&
      (args.login == null || login === args.login.toLowerCase())
    )
  })
  return connection(
    found,
    args,
    'collaborators',
    ({ account }) => actorNode(world, account),
    ({ role }) => ({ permission: role.toUpperCase() }),
  )
}
