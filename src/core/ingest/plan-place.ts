import { posix } from 'node:path'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { PlanFile } from '../model/plan.ts'
import type { PlanSource } from '../ports.ts'
import { encodingProblem } from './encoding.ts'
import type { PlanPlace } from './format.ts'

/**
 * A plan file that is longer (in characters) is a log or a dump. The longest plan we met has 288,000; a parser of Markdown is
 * not linear in everything (one paragraph of 20,000 lines takes seconds), so there is a limit.
 */
const MAX_LENGTH = 500_000

/** A plan's place as formats see it. Reads each file once, and says what is wrong with those that were asked for. */
export class SourcePlace implements PlanPlace {
  readonly where: string
  readonly dir: string
  readonly file: string | undefined
  readonly names: readonly string[]
  readonly #source: PlanSource
  readonly #files = new Map<string, Promise<Read | undefined>>()

  private constructor(source: PlanSource, names: readonly string[]) {
    this.#source = source
    this.names = names
    this.dir = source.dir
    this.file = source.file
    this.where = whereOf(source)
  }

  static async open(source: PlanSource): Promise<SourcePlace> {
    return new SourcePlace(source, await source.list())
  }

  readonly list = async (depth: number): Promise<readonly string[]> => await this.#source.list(depth)

  readonly text = async (path: string): Promise<string | undefined> => (await this.#read(path))?.file.text

  /** The files that are there, in the order given, and what is wrong with them. */
  async files(paths: readonly string[]): Promise<{ files: PlanFile[]; diagnostics: Diagnostic[] }> {
    const read = await Promise.all([...new Set(paths)].map((path) => this.#read(path)))
    const there = read.filter((one) => one !== undefined)
    return { files: there.map(({ file }) => file), diagnostics: there.flatMap((one) => one.diagnostics) }
  }

  /** What nobody could read of all that was looked at: a file in another encoding may not even look like a part of the plan. */
  async unreadable(): Promise<Diagnostic[]> {
    const read = await Promise.all(this.#files.values())
    return read.flatMap((one) => (one === undefined || one.isText ? [] : one.diagnostics))
  }

  #read(path: string): Promise<Read | undefined> {
    const known = this.#files.get(path) ?? readOne(this.#source, path)
    this.#files.set(path, known)
    return known
  }
}

interface Read {
  isText: boolean
  file: PlanFile
  diagnostics: Diagnostic[]
}

function whereOf({ shown, dir, file }: PlanSource): string {
  const given = shown.replaceAll('\\', '/').replace(/\/+$/u, '')
  const folder = file === undefined ? given : posix.dirname(given)
  return dir === '' || folder === dir || folder.endsWith(`/${dir}`) ? folder : dir
}

async function readOne(source: PlanSource, path: string): Promise<Read | undefined> {
  const read = await source.read(path)
  if (read === undefined) return undefined
  const diagnostics: Diagnostic[] = []
  const encoding = encodingProblem(path, read)
  if (encoding !== undefined) diagnostics.push(encoding.problem)
  // text of another encoding read as UTF-8 would be phases that nobody wrote
  if (encoding?.isText === false) return { isText: false, file: { path, text: '' }, diagnostics }
  if (read.text.length > MAX_LENGTH) {
    diagnostics.push({
      rule: 'file-too-long',
      severity: 'error',
      file: path,
      line: 1,
      message: `${path} has ${read.text.length} characters; only the first ${MAX_LENGTH} were read.`,
      hint: 'Keep the plan in this file and move logs and data to files of their own.',
    })
  }
  return { isText: true, file: { path, text: read.text.slice(0, MAX_LENGTH) }, diagnostics }
}
