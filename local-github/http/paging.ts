/** Pages of a list with GitHub's `Link` header: 30 a page, at most 100. */

export interface Page {
  perPage: number
  page: number
}

export function pageOf(query: URLSearchParams): Page {
  const number = (name: string, fallback: number): number => {
    const value = Number(query.get(name) ?? fallback)
    return Number.isInteger(value) && value > 0 ? value : fallback
  }
  return { perPage: Math.min(100, number('per_page', 30)), page: number('page', 1) }
}

export const slice = <T>(items: T[], { perPage, page }: Page): T[] =>
  items.slice((page - 1) * perPage, page * perPage)

export function linkHeader(url: URL, total: number, { perPage, page }: Page): Record<string, string> {
  const last = Math.max(1, Math.ceil(total / perPage))
  if (last === 1) return {}
  const to = (target: number, rel: string): string => {
    const address = new URL(url)
    address.searchParams.set('page', String(target))
    return `<${address.href}>; rel="${rel}"`
  }
  const links: string[] = []
  if (page > 1) links.push(to(page - 1, 'prev'))
  if (page < last) links.push(to(page + 1, 'next'), to(last, 'last'))
  if (page > 1) links.push(to(1, 'first'))
  return { link: links.join(', ') }
}
