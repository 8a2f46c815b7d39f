/** tasks.json of Task Master as values with their places: what a task says and where each status stands. */
import { createScanner, getNodeValue, type Node, parseTree, type ParseError } from 'jsonc-parser'
import * as z from 'zod'

const text = z.string().catch('')
const word = z
  .union([z.string(), z.number()])
  .transform((value) => String(value).trim())
  .catch('')
const list = z
  .array(z.unknown())
  .catch([])
  .transform((all) => all.filter((one) => typeof one === 'string' || typeof one === 'number'))
  .transform((all) => all.map((one) => String(one).trim()))

const Item = z.object({
  id: word,
  title: text,
  description: text,
  details: text,
  testStrategy: text,
  status: z.string().optional().catch(undefined),
  dependencies: list.optional(),
  files: list.optional(),
})

export interface JsonTask extends z.infer<typeof Item> {
  /** From 1. */
  line: number
  endLine: number
  /** Line of the status, or of the task where it has none. */
  statusLine: number
  /** The status's value with its quotes; undefined where there is none. */
  statusSpan: { start: number; end: number } | undefined
  /** Where to look it up in the document. */
  path: (string | number)[]
  subtasks: JsonTask[]
}

export interface TaskFile {
  /** The tags with tasks, as written; one without a name in files that are older than tags. */
  tags: { name: string | undefined; tasks: JsonTask[] }[]
  /** Offset of the first thing that is no JSON. */
  broken: { line: number } | undefined
}

export const parseTaskFile = (source: string): TaskFile => {
  // a byte order mark is no JSON; a blank keeps all offsets
  const json = source.replace(/^\uFEFF/u, ' ')
  const lineAt = lineCounter(json)
  const tooDeep = deepest(json)
  if (tooDeep !== undefined) return { tags: [], broken: { line: lineAt(tooDeep) } }
  const errors: ParseError[] = []
  const root = parseTree(json, errors, { allowTrailingComma: true })
  const tasksOf = (node: Node | undefined, path: (string | number)[]): JsonTask[] =>
    (node?.children ?? []).flatMap((child, index) => toTask(child, [...path, index], lineAt))
  const old = member(root, 'tasks')
  const tags =
    old?.type === 'array'
      ? [{ name: undefined, tasks: tasksOf(old, ['tasks']) }]
      : members(root).flatMap(([name, value]) => {
          const tasks = member(value, 'tasks')
          return tasks?.type === 'array' ? [{ name, tasks: tasksOf(tasks, [name, 'tasks']) }] : []
        })
  const [first] = errors
  return { tags, broken: first === undefined ? undefined : { line: lineAt(first.offset) } }

  function toTask(node: Node, path: (string | number)[], at: (offset: number) => number): JsonTask[] {
    const read = Item.safeParse(node.type === 'object' ? getNodeValue(node) : undefined)
    if (!read.success) return []
    const status = member(node, 'status')
    const span =
      status === undefined ? undefined : { start: status.offset, end: status.offset + status.length }
    return [
      {
        ...read.data,
        line: at(node.offset),
        endLine: at(node.offset + node.length),
        statusLine: at(status?.offset ?? node.offset),
        statusSpan: span,
        path,
        subtasks: tasksOf(member(node, 'subtasks'), [...path, 'subtasks']),
      },
    ]
  }
}

/**
 * All that `parseTaskFile` may read of a text, but for the members with these names; the same however it is formatted. For texts
 * that are no strict JSON: a comma behind the last item, a comment. Undefined where nothing of it is read.
 */
export function readableText(source: string, without: ReadonlySet<string>): string | undefined {
  const json = source.replace(/^\uFEFF/u, ' ')
  const root = deepest(json) === undefined ? parseTree(json, [], { allowTrailingComma: true }) : undefined
  return root === undefined ? undefined : textOf(root)

  function textOf(node: Node): string {
    if (node.type === 'array') return `[${(node.children ?? []).map(textOf).join()}]`
    if (node.type !== 'object') return JSON.stringify(node.value)
    const kept = members(node).filter(([key]) => !without.has(key))
    return `{${kept.map(([key, value]) => `${JSON.stringify(key)}:${textOf(value)}`).join()}}`
  }
}

/** Tasks hold subtasks, and these hold lists; a parser that goes into what is nested without end runs out of stack. */
const MAX_DEPTH = 100

/** Where something opens that is nested deeper than that. */
function deepest(json: string): number | undefined {
  const scanner = createScanner(json, true)
  let depth = 0
  for (scanner.scan(); scanner.getTokenLength() > 0; scanner.scan()) {
    const sign = json.charAt(scanner.getTokenOffset())
    if (sign === '{' || sign === '[') depth += 1
    if (sign === '}' || sign === ']') depth -= 1
    if (depth > MAX_DEPTH) return scanner.getTokenOffset()
  }
  return undefined
}

const members = (node: Node | undefined): [string, Node][] =>
  node?.type !== 'object'
    ? []
    : (node.children ?? []).flatMap(({ children: [key, value] = [] }) =>
        key === undefined || value === undefined ? [] : [[String(key.value), value] as [string, Node]],
      )

/** Of a key that stands twice the last counts, as for everybody who reads JSON. */
const member = (node: Node | undefined, name: string): Node | undefined =>
  members(node).findLast(([key]) => key === name)?.[1]

/** The line of an offset, from 1, without counting from the start each time. */
function lineCounter(source: string): (offset: number) => number {
  const starts = [0, ...[...source.matchAll(/\r\n|\n|\r/gu)].map(({ index, 0: end }) => index + end.length)]
  return (offset) => {
    let [low, high] = [0, starts.length]
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle
    }
    return low + 1
  }
}
