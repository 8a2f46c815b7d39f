import * as z from 'zod/mini'

import type { FileSnapshot } from '../../core/forge.ts'
import { failure } from '../../core/model/failure.ts'
import type { Sha } from '../../core/model/ids.ts'
import { err, ok, type Result } from '../../core/model/result.ts'
import { decodeText, MAX_BYTES, MAX_FILES } from '../files/plan-limits.ts'
import type { Calls } from './calls.ts'
import { type Found, foundFiles, treeAnswer, treeQuery } from './tree-query.ts'

const NEEDS = 'contents: read'
/** GraphQL answers within ten seconds or not at all: what one query asks for is bounded. */
const DIRS_A_QUERY = 10
const PATHS_A_QUERY = 100
/** Files that GraphQL cannot give as they are (truncated, other encodings), read one by one. */
const MAX_SINGLE = 20
const MAX_LINKS = 20
/** A link may lead to a link. */
const MAX_HOPS = 3
/** Text by its name, whatever GitHub thinks of its bytes. */
const TEXT_NAME = /(?:\.(?:md|mdx|markdown|txt|ya?ml|json|toml)|(?:^|\/)[^./]+)$/iu

type File = { text: string; invalidUtf8: boolean; bytes: number }

/**
 * Texts at a commit. One query, however many files there are. Of the repository's root only what reads like a plan or a
 * document is read, which takes a second query: its subtrees may be a whole project.
 */
export async function readFiles(
  calls: Calls,
  commit: Sha,
  wanted: { dirs: readonly string[]; paths: readonly string[] },
): Promise<Result<FileSnapshot>> {
  const dirs = unique(wanted.dirs.map(asDirectory)).filter((dir) => dir === '' || isPlainPath(dir))
  const found = new Map<string, Found>()
  const ask = async (ask: { dirs: string[]; paths: string[] }, texts: boolean): Promise<Result<Found[]>> => {
    const all: Found[] = []
    for (const part of parts(ask.dirs, ask.paths)) {
      const answer = await query(calls, commit, part.dirs, part.paths, texts)
      if (!answer.ok) return answer
      all.push(...answer.value)
    }
    return ok(all)
  }

  const names: Found[] = []
  let paths = unique(wanted.paths.filter(isPlainPath))
  if (dirs.includes('')) {
    const listed = await ask({ dirs: [''], paths: [] }, false)
    if (!listed.ok) return listed
    names.push(...listed.value)
    paths = unique([...paths, ...names.map((file) => file.path).filter(isPlanLike)]).slice(0, MAX_FILES)
  }
  const got = await ask({ dirs: dirs.filter((dir) => dir !== ''), paths }, true)
  if (!got.ok) return got
  for (const file of got.value) found.set(file.path, file)

  const links = await followLinks(found, (missing) => ask({ dirs: [], paths: missing }, true))
  if (!links.ok) return links
  return snapshot(calls, [...found.values()], links.value, names)
}

async function query(
  calls: Calls,
  commit: Sha,
  dirs: readonly string[],
  paths: readonly string[],
  texts: boolean,
): Promise<Result<Found[]>> {
  const asked = treeQuery(commit, dirs, paths, texts)
  const answer = await calls.query({
    what: `reading files at ${commit.slice(0, 7)}`,
    needs: NEEDS,
    query: asked.query,
    variables: { owner: calls.owner, repo: calls.repo, ...asked.variables },
    schema: treeAnswer,
    mayLack: (path, type) => path.length > 1 && type === 'NOT_FOUND',
  })
  if (!answer.ok) return answer
  if (answer.value.repository.commit?.__typename !== 'Commit')
    return err([
      failure(
        'forge-refused',
        `Commit ${commit} is not in ${calls.owner}/${calls.repo}.`,
        'It may have been pushed away since. Go on with the head that the pull request has now.',
      ),
    ])
  return ok(foundFiles(answer.value, dirs, paths))
}

/** Where links lead, as files; a target that was not asked for is read too. Links that lead nowhere are left out. */
async function followLinks(
  found: ReadonlyMap<string, Found>,
  read: (paths: string[]) => Promise<Result<Found[]>>,
): Promise<Result<Map<string, Found>>> {
  const known = new Map(found)
  const links = [...found.values()].filter((file) => file.link).slice(0, MAX_LINKS)
  for (let hop = 0; hop < MAX_HOPS; hop += 1) {
    const missing = unique(
      links.flatMap((link) => {
        const end = endOf(link, known)
        return typeof end === 'string' && !known.has(end) ? [end] : []
      }),
    )
    if (missing.length === 0) break
    const answer = await read(missing)
    if (!answer.ok) return answer
    if (answer.value.length === 0) break
    for (const file of answer.value) known.set(file.path, file)
  }
  const ends = links.flatMap((link): [string, Found][] => {
    const end = endOf(link, known)
    return end === undefined || typeof end === 'string' ? [] : [[link.path, end]]
  })
  return ok(new Map(ends))
}

/** The file at the end of a chain of links, or the path that is not known yet; undefined where it leads out or in a circle. */
function endOf(link: Found, known: ReadonlyMap<string, Found>): Found | string | undefined {
  let at = link
  for (let hop = 0; hop <= MAX_HOPS; hop += 1) {
    const path = at.text === undefined ? undefined : targetOf(at.path, at.text)
    if (path === undefined) return undefined
    const next = known.get(path)
    if (next === undefined) return path
    if (!next.link) return next
    at = next
  }
  return undefined
}

/** Where a link leads, from the root; undefined where that is outside of the repository. */
function targetOf(path: string, target: string): string | undefined {
  if (target.startsWith('/')) return undefined
  const parts = path.split('/').slice(0, -1)
  for (const part of target.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..') {
      if (parts.pop() === undefined) return undefined
    } else parts.push(part)
  }
  const end = parts.join('/')
  return isPlainPath(end) ? end : undefined
}

async function snapshot(
  calls: Calls,
  found: readonly Found[],
  links: ReadonlyMap<string, Found>,
  names: readonly Found[],
): Promise<Result<FileSnapshot>> {
  const files = new Map<string, File>()
  const skipped: string[] = []
  const single: { path: string; file: Found }[] = []
  for (const each of found) {
    const file = each.link ? links.get(each.path) : each
    const whole = file === undefined ? undefined : asWritten(file)
    if (whole !== undefined && files.size < MAX_FILES) files.set(each.path, whole)
    else if (file !== undefined && isWorthReading(file) && single.length < MAX_SINGLE)
      single.push({ path: each.path, file })
    else skipped.push(each.path)
  }
  const texts = await Promise.all(single.map(({ file }) => readBlob(calls, file.oid)))
  for (const [i, text] of texts.entries()) {
    const at = single[i]
    if (!text.ok) return text
    if (at !== undefined) files.set(at.path, text.value)
  }
  skipped.push(...names.map((file) => file.path).filter((path) => !files.has(path)))
  return ok({ files, skipped: unique(skipped).sort() })
}

/** The file's text where the answer holds it byte for byte; a sum that differs means that GitHub translated it. */
function asWritten(file: Found): File | undefined {
  if (file.text === undefined || file.truncated) return undefined
  if (Buffer.byteLength(file.text) !== file.bytes) return undefined
  return { text: file.text, invalidUtf8: false, bytes: file.bytes }
}

const isWorthReading = (file: Found): boolean =>
  file.bytes <= MAX_BYTES && (TEXT_NAME.test(file.path) || !file.binary)

async function readBlob(calls: Calls, oid: string): Promise<Result<File>> {
  const answer = await calls.send({
    what: `reading blob ${oid.slice(0, 7)}`,
    needs: NEEDS,
    route: 'GET /repos/{owner}/{repo}/git/blobs/{oid}',
    params: { oid },
    schema: () => z.object({ content: z.string(), encoding: z.enum(['base64', 'utf-8']) }),
  })
  if (!answer.ok) return answer
  const { content, encoding } = answer.value.data
  const bytes = Buffer.from(content, encoding)
  return ok({ ...decodeText(bytes), bytes: bytes.length })
}

/** In the root: Markdown and what a plan's contract is written in, beside it or in `specs/`. */
const isPlanLike = (path: string): boolean =>
  /^(?:specs\/(?:[^/]+\/)?)?[^/]+\.(?:md|ya?ml|json)$/iu.test(path)

const asDirectory = (dir: string): string => dir.replace(/^\.?\/*$/u, '').replace(/\/+$/u, '')

/** Git knows no other paths; anything else would be read as part of a revision. */
const isPlainPath = (path: string): boolean =>
  path !== '' &&
  !/[\0-\x1f]/u.test(path) &&
  path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')

const unique = (values: readonly string[]): string[] => [...new Set(values)]

/** What is asked for, in portions; always one at least. */
function parts(dirs: readonly string[], paths: readonly string[]): { dirs: string[]; paths: string[] }[] {
  const count = Math.max(1, Math.ceil(dirs.length / DIRS_A_QUERY), Math.ceil(paths.length / PATHS_A_QUERY))
  return Array.from({ length: count }, (_, i) => ({
    dirs: dirs.slice(i * DIRS_A_QUERY, (i + 1) * DIRS_A_QUERY),
    paths: paths.slice(i * PATHS_A_QUERY, (i + 1) * PATHS_A_QUERY),
  }))
}
