import * as z from 'zod'

import type { Web } from '../ports.ts'
import { sanitize } from '../text/sanitize.ts'
import type { Used } from './detect.ts'
import { type Inspect, type Material, suspicion } from './inspect.ts'
import { readReadme } from './readme.ts'
import type { PackageFacts } from './sheet.ts'

/** Where documentation is asked for. */
export interface Online {
  web: Web
  /** By technology or package: an `llms.txt` or any page that is text. */
  sources: Readonly<Record<string, string>>
  /** A service that answers like Context7; undefined: none is asked. */
  context7?: string
  context7Key?: string
}

/** `pages` were read and are harmless as far as can be told, `aimed` says of others why they are not used. */
export type Looked = { pages: Material[]; aimed: string[] } & Answer
type Answer = { ok: true; facts: PackageFacts } | { ok: false; why: string }

const libraries = z
  .union([
    z.array(z.unknown()),
    z.object({ results: z.array(z.unknown()) }).transform(({ results }) => results),
  ])
  .transform((all) => all.flatMap((one) => library.safeParse(one).data ?? []))
const library = z.object({
  id: z.string().regex(/^\/[\w.-]+(?:\/[\w.-]+){1,3}$/),
  versions: z.array(z.string()).catch([]),
})

/** Pages that an index of documentation names and that show how something is used. */
const STARTS = /\b(?:quick ?start|getting[- ]started|guide|usage|api|reference|tutorial|introduction)\b/i
const MAX_PAGES = 3

/** What the network knows of a technology, in the first place that answers with something a sheet can be made of. */
export async function lookUp({ tech, pinned }: Used, online: Online, inspect?: Inspect): Promise<Looked> {
  const name = pinned?.name ?? tech
  const version = pinned?.version ?? ''
  const failures: string[] = []
  const seen: Pick<Looked, 'pages' | 'aimed'> = { pages: [], aimed: [] }
  const source = online.sources[name] ?? online.sources[tech]
  const places: (() => Promise<Answer>)[] = [
    ...(source === undefined ? [] : [() => fromIndex(source)]),
    ...(online.context7 === undefined ? [] : [() => fromContext7(online.context7 ?? '')]),
  ]
  if (places.length === 0) return { ok: false, why: 'no source is configured for it', ...seen }
  for (const place of places) {
    const looked = await place()
    if (looked.ok) return { ...looked, ...seen }
    failures.push(looked.why)
  }
  return { ok: false, why: failures.join('; '), ...seen }

  async function fromIndex(url: string): Promise<Answer> {
    const index = await page(url)
    if (!index.ok) return index
    const pages = [index]
    if (readReadme(index.text).patterns.length === 0) {
      for (const next of linksOf(index.text, index.url)) {
        const one = await page(next)
        if (one.ok) pages.push(one)
      }
    }
    return factsOf(pages)
  }

  async function fromContext7(base: string): Promise<Answer> {
    const api = base.replace(/\/+$/, '')
    const headers = online.context7Key === undefined ? {} : { authorization: `Bearer ${online.context7Key}` }
    const asked = `libraryName=${encodeURIComponent(name)}&query=${encodeURIComponent(name)}`
    const search = `${api}/v2/libs/search?${asked}`
    const found = await online.web.get(search, headers)
    if (!found.ok) return { ok: false, why: `${shortUrl(search)}: ${found.why}` }
    const parsed = libraries.safeParse(jsonOf(found.text))
    const [first] = parsed.success ? parsed.data : []
    if (first === undefined) return { ok: false, why: `${shortUrl(search)} knows nothing of ${name}` }
    const own = first.versions.find((one) => version !== '' && one.replace(/^v/, '') === version)
    const id = own === undefined ? first.id : `${first.id}/${own}`
    const text = await page(
      `${api}/v2/context?libraryId=${encodeURIComponent(id)}&query=${encodeURIComponent(name)}&type=txt`,
      headers,
    )
    return text.ok ? factsOf([text]) : text
  }

  async function page(
    url: string,
    headers: Record<string, string> = {},
  ): Promise<{ ok: true; url: string; text: string } | { ok: false; why: string }> {
    const got = await online.web.get(url, headers)
    if (!got.ok) return { ok: false, why: `${shortUrl(url)}: ${got.why}` }
    const aimed = suspicion(shortUrl(url), got.text, inspect)
    if (aimed !== undefined) {
      seen.aimed.push(aimed)
      return { ok: false, why: aimed }
    }
    const text = sanitize(got.text)
    seen.pages.push({ from: shortUrl(got.url), text })
    return { ok: true, url: got.url, text }
  }

  function factsOf(pages: readonly { url: string; text: string }[]): Answer {
    const read = pages.map(({ text }) => readReadme(text))
    const patterns = read.flatMap((one) => one.patterns).slice(0, 5)
    const pitfalls = read.flatMap((one) => one.pitfalls).slice(0, 6)
    const urls = pages.map(({ url }) => shortUrl(url))
    if (patterns.length === 0) return { ok: false, why: `${urls[0] ?? ''} shows no example` }
    const lockfile = pinned?.lockfile ?? ''
    const description = /^>\s*(.{20,300})/m.exec(pages[0]?.text ?? '')?.[1] ?? ''
    return {
      ok: true,
      facts: {
        ...{ name, version, lockfile, description, sources: urls, patterns, pitfalls },
        ...{ install: '', exports: [], versionNotes: [] },
      },
    }
  }
}

/** Pages of the same site that an index links and that sound like a beginning. */
function linksOf(text: string, base: string): string[] {
  const { origin } = new URL(base)
  const links = [...text.matchAll(/\[([^\]\n]{1,200})\]\(([^)\s]{1,1000})\)/g)].flatMap(
    ([, title = '', href = '']) => {
      const at = URL.canParse(href, base) ? new URL(href, base) : undefined
      const isText = at !== undefined && /\.(?:md|mdx|txt)$/.test(at.pathname)
      return isText && at.origin === origin && STARTS.test(`${title} ${at.pathname}`) ? [at.href] : []
    },
  )
  return [...new Set(links)].slice(0, MAX_PAGES)
}

/** Without what was asked: a sheet names its source, and no more of the question. */
function shortUrl(url: string): string {
  const { origin, pathname } = new URL(url)
  return `${origin}${pathname}`
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
