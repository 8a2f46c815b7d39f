/** GitHub's published schema, parsed once and only where somebody asks: it takes a fifth of a second. */
import { buildSchema, type GraphQLSchema } from 'graphql'

let parsed: Promise<GraphQLSchema> | undefined

export function githubSchema(): Promise<GraphQLSchema> {
  parsed ??= import('@octokit/graphql-schema').then(({ schema }) =>
    buildSchema(schema.idl, { assumeValid: true, noLocation: true }),
  )
  return parsed
}
