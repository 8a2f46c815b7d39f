/** The query for whole directories and single files at one commit, and what its answer holds. Pure. */
import * as z from 'zod/mini'
import { lazily } from '../../core/model/lazily.ts'

const ENTRY = `fragment Entry on TreeEntry {
  name
  mode
  object { __typename ... on Blob { oid byteSize isBinary isTruncated text @include(if: $texts) } }
}`

const TREE = `... on Tree {
      entries { ...Entry object { ... on Tree {
        entries { ...Entry object { ... on Tree {
          entries { ...Entry }
        } } }
      } } }
    }`

/**
 * Paths are variables, never part of the text: they come from whoever opened the pull request. A path goes through
 * `Commit.file`, which tells a link from a file.
 */
export function treeQuery(
  commit: string,
  dirs: readonly string[],
  paths: readonly string[],
  texts: boolean,
): { query: string; variables: Record<string, unknown> } {
  const declared = [...dirs.map((_, i) => `$d${i}: String!`), ...paths.map((_, i) => `$p${i}: String!`)]
  const files = paths.map((_, i) => `p${i}: file(path: $p${i}) { ...Entry }`)
  const trees = dirs.map((_, i) => `d${i}: object(expression: $d${i}) { __typename ${TREE} }`)
  return {
    query: `query OrchestrateFiles($owner: String!, $repo: String!, $commit: String!, $texts: Boolean!, ${declared.join(', ')}) {
  repository(owner: $owner, name: $repo) {
    commit: object(expression: $commit) { __typename ... on Commit { oid ${files.join(' ')} } }
    ${trees.join('\n    ')}
  }
}
${ENTRY}`,
    variables: {
      commit,
      texts,
      ...Object.fromEntries(dirs.map((dir, i) => [`d${i}`, `${commit}:${dir}`])),
      ...Object.fromEntries(paths.map((path, i) => [`p${i}`, path])),
    },
  }
}

interface RawEntry {
  name: string
  mode: number
  object: RawObject | null
}

type RawObject = {
  __typename: string
  oid?: string | undefined
  byteSize?: number | undefined
  isBinary?: boolean | null | undefined
  isTruncated?: boolean | undefined
  text?: string | null | undefined
  entries?: RawEntry[] | null | undefined
}

const objectSchema: () => z.ZodMiniType<RawObject | null> = lazily(() =>
  z.nullable(
    z.object({
      __typename: z.string(),
      oid: z.optional(z.string()),
      byteSize: z.optional(z.number()),
      isBinary: z.nullish(z.boolean()),
      isTruncated: z.optional(z.boolean()),
      text: z.nullish(z.string()),
      entries: z.nullish(z.lazy(() => z.array(entrySchema()))),
    }),
  ),
)

const entrySchema: () => z.ZodMiniType<RawEntry> = lazily(() =>
  z.object({
    name: z.string(),
    mode: z.number(),
    object: objectSchema(),
  }),
)

export const treeAnswer = lazily(() => {
  const commit = z.nullable(
    z.catchall(z.object({ __typename: z.string(), oid: z.optional(z.string()) }), z.unknown()),
  )
  return z.object({ repository: z.catchall(z.object({ commit }), z.unknown()) })
})
export type TreeAnswer = z.infer<ReturnType<typeof treeAnswer>>

/** A file as the answer tells of it. */
export interface Found {
  path: string
  /** Git's mode `120000`: the text is where it leads. */
  link: boolean
  oid: string
  bytes: number
  /** Undefined where it is binary, or no text was asked for. */
  text: string | undefined
  truncated: boolean
  binary: boolean
}

const LINK_MODE = 0o120000

/** All files of the answer, in order of the question; what is no file (a submodule) is none. */
export function foundFiles(answer: TreeAnswer, dirs: readonly string[], paths: readonly string[]): Found[] {
  const { repository } = answer
  const found: Found[] = []
  for (const [i, dir] of dirs.entries()) {
    const tree = objectSchema().safeParse(repository[`d${i}`])
    if (tree.success) collect(dir === '' ? '' : `${dir}/`, tree.data?.entries, found)
  }
  for (const [i, path] of paths.entries()) {
    const entry = entrySchema().safeParse(repository.commit?.[`p${i}`])
    if (entry.success) add(path, entry.data, found)
  }
  return found
}

function collect(prefix: string, entries: readonly RawEntry[] | null | undefined, into: Found[]): void {
  for (const entry of entries ?? []) {
    const path = prefix + entry.name
    if (entry.object?.__typename === 'Tree') collect(`${path}/`, entry.object.entries, into)
    else add(path, entry, into)
  }
}

function add(path: string, { mode, object }: RawEntry, into: Found[]): void {
  if (object?.__typename !== 'Blob') return
  into.push({
    path,
    link: mode === LINK_MODE,
    oid: object.oid ?? '',
    bytes: object.byteSize ?? 0,
    text: object.text ?? undefined,
    truncated: object.isTruncated === true,
    binary: object.isBinary === true,
  })
}
