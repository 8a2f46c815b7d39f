/** `POST /graphql`: checked against GitHub's schema, so that a query which GitHub would refuse is refused here. */
import {
  execute,
  GraphQLError,
  parse,
  validate,
  type ExecutionResult,
  type GraphQLFieldResolver,
} from 'graphql'
import * as z from 'zod'
import { canSee } from '../auth/may.ts'
import type { Call } from '../http/api.ts'
import { Refusal } from '../http/refusal.ts'
import { json, type Reply } from '../http/reply.ts'
import { repositoryOf } from '../state/find.ts'
import type { Context } from './context.ts'
import { actorNode } from './actors.ts'
import { mutations } from './mutations.ts'
import { nodeById } from './nodes.ts'
import { repositoryNode, unresolved } from './repository.ts'
import { githubSchema } from './schema.ts'

const Body = z.object({
  query: z.string(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  operationName: z.string().nullish(),
})

/** What is not served is said, never null: a test must not pass for want of data. */
const fieldOf: GraphQLFieldResolver<unknown, Context> = (source, args: unknown, context, info) => {
  if (typeof source !== 'object' || source === null || !(info.fieldName in source))
    throw new GraphQLError(`The local GitHub does not serve ${info.parentType.name}.${info.fieldName}.`)
  const value: unknown = Reflect.get(source, info.fieldName)
  return typeof value === 'function' ? (value.call(source, args, context, info) as unknown) : value
}

export async function graphql(call: Call): Promise<Reply> {
  if (call.actor.kind === 'anonymous')
    throw new Refusal(401, 'This endpoint requires you to be authenticated.')
  if (call.actor.kind === 'app') throw new Refusal(403, 'Resource not accessible by integration')
  const input = call.body(Body)
  const schema = await githubSchema()
  let document
  try {
    document = parse(input.query)
  } catch (error) {
    if (error instanceof GraphQLError) return json({ errors: [shown(error)] })
    throw error
  }
  const problems = validate(schema, document)
  if (problems.length > 0) return json({ errors: problems.map(shown) })
  const result = await execute({
    schema,
    document,
    rootValue: root(call),
    contextValue: { world: call.world, actor: call.actor } satisfies Context,
    variableValues: input.variables ?? {},
    operationName: input.operationName ?? null,
    fieldResolver: fieldOf,
  })
  return json(withTypes(result))
}

function root(call: Call): Record<string, unknown> {
  const context: Context = { world: call.world, actor: call.actor }
  return {
    repository: ({ owner, name }: { owner: string; name: string }) => {
      const repo = repositoryOf(call.world, `${owner}/${name}`)
      if (!repo || !canSee(call.actor, repo)) throw unresolved(`Repository with the name '${owner}/${name}'`)
      return repositoryNode(context, repo)
    },
    viewer: () => ({ ...actorNode(call.world, call.account), login: call.account.login, __typename: 'User' }),
    node: ({ id }: { id: string }) => nodeById(context, id),
    rateLimit: () => ({
      cost: 1,
      limit: 5000,
      remaining: 4999,
      used: 1,
      nodeCount: 1,
      resetAt: call.world.now().toISOString(),
    }),
    ...mutations(call),
  }
}

const shown = (error: GraphQLError): Record<string, unknown> => ({ ...error.toJSON() })

/** GitHub puts the kind of an error beside its message, not below `extensions`. */
function withTypes(result: ExecutionResult): unknown {
  const errors = result.errors?.map((error) => {
    const cause = error.originalError
    // A bug of ours, not an answer.
    if (cause && !(cause instanceof Refusal) && !(cause instanceof GraphQLError)) throw cause
    const { extensions, ...rest } = error.toJSON()
    return { ...(extensions?.['type'] === undefined ? {} : { type: extensions['type'] }), ...rest }
  })
  return { data: result.data, ...(errors ? { errors } : {}) }
}
