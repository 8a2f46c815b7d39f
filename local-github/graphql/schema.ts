/** GitHub's published schema, parsed once and only where somebody asks: it takes a fifth of a second. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { buildSchema, type GraphQLSchema } from 'graphql'
import { packageDirectory } from '../state/package-directory.ts'

let parsed: Promise<GraphQLSchema> | undefined

/** Read as a file: the package's module would also load its schema as JSON and a validator, and cannot be bundled. */
export function githubSchema(): Promise<GraphQLSchema> {
  parsed ??= readFile(path.join(packageDirectory('@octokit/graphql-schema'), 'schema.graphql'), 'utf8').then(
    (text) => buildSchema(text, { assumeValid: true, noLocation: true }),
  )
  return parsed
}
