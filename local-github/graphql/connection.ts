/** Lists as GraphQL pages through them. */
import { GraphQLError } from 'graphql'

export interface PageArguments {
  first?: number | null
  last?: number | null
  after?: string | null
  before?: string | null
}

const MAX_PAGE = 100
const cursorOf = (index: number): string => Buffer.from(`cursor:${index}`).toString('base64')

function indexOf(cursor: string): number {
  const index = Number(/^cursor:(\d+)$/.exec(Buffer.from(cursor, 'base64').toString())?.[1] ?? NaN)
  if (Number.isNaN(index)) throw new GraphQLError(`\`${cursor}\` does not appear to be a valid cursor.`)
  return index
}

/** As GitHub does, refuses a page without a size, and one of more than 100. */
export function window(total: number, args: PageArguments, name: string): { from: number; to: number } {
  const { first, last } = args
  const size = first ?? last
  if (size == null)
    throw new GraphQLError(
      `You must provide a \`first\` or \`last\` value to properly paginate the \`${name}\` connection.`,
    )
  if (size > MAX_PAGE)
    throw new GraphQLError(
      `Requesting ${size} records on the \`${name}\` connection exceeds the \`${first == null ? 'last' : 'first'}\` limit of ${MAX_PAGE} records.`,
    )
  let from = args.after == null ? 0 : indexOf(args.after) + 1
  let to = args.before == null ? total : Math.min(total, indexOf(args.before))
  if (first != null) to = Math.min(to, from + first)
  else if (last != null) from = Math.max(from, to - last)
  from = Math.min(from, total)
  return { from, to: Math.max(from, to) }
}

export function connection<T>(
  items: readonly T[],
  args: PageArguments,
  name: string,
  node: (item: T) => unknown,
  edge: (item: T) => Record<string, unknown> = () => ({}),
): Record<string, unknown> {
  const { from, to } = window(items.length, args, name)
  const shown = items.slice(from, to)
  return {
    totalCount: items.length,
    nodes: () => shown.map(node),
    edges: () =>
      shown.map((item, index) => ({ ...edge(item), cursor: cursorOf(from + index), node: node(item) })),
    pageInfo: pageInfo(from, to, items.length),
  }
}

export const pageInfo = (from: number, to: number, total: number): Record<string, unknown> => ({
  hasNextPage: to < total,
  hasPreviousPage: from > 0,
  startCursor: to > from ? cursorOf(from) : null,
  endCursor: to > from ? cursorOf(to - 1) : null,
})
