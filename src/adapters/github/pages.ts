import { ok, type Result } from '../../core/model/result.ts'

/** Further pages of anything; a pull request with more than 2,000 comments is no gate any more. */
const MAX_PAGES = 20

/** A page of a GraphQL list, forwards or backwards. */
interface Page {
  pageInfo:
    | { hasNextPage: boolean; endCursor: string | null }
    | { hasPreviousPage: boolean; startCursor: string | null }
}

/**
 * The first page and those after it, in the order that they were asked for, until there is none left, or `enough` of them are
 * here. No page at all is none.
 */
export async function allPages<P extends Page>(
  first: P | null,
  ask: (cursor: string) => Promise<Result<P | null>>,
  enough: (pages: readonly P[]) => boolean = () => false,
): Promise<Result<P[]>> {
  const pages: P[] = []
  for (let page = first; page !== null;) {
    pages.push(page)
    const cursor = cursorOf(page)
    if (cursor === null || pages.length > MAX_PAGES || enough(pages)) break
    const answer = await ask(cursor)
    if (!answer.ok) return answer
    page = answer.value
  }
  return ok(pages)
}

function cursorOf({ pageInfo }: Page): string | null {
  if ('hasNextPage' in pageInfo) return pageInfo.hasNextPage ? pageInfo.endCursor : null
  return pageInfo.hasPreviousPage ? pageInfo.startCursor : null
}
