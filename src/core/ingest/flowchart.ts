/** Mermaid flowcharts of phases: https://mermaid.js.org/syntax/flowchart.html. */
import { fold } from '../text/inline.ts'
import type { PhaseNames } from './phase-names.ts'

export interface Arrow {
  from: string
  to: string
  /** What stands at the arrow. */
  text: string
}

export interface Flowchart {
  /** What each node says; its own id where it says nothing. */
  labels: Map<string, string>
  /** For nodes inside a subgraph, what the innermost one says. */
  groups: Map<string, string>
  arrows: Arrow[]
}

/** Every node of "A & B --> C & D" meets every other: no more of them are read. */
const MAX_ARROWS = 10_000

/** Whether the text of a fence is a flowchart. Front matter and comments may stand before its first word. */
export const isFlowchart = (lines: readonly string[]): boolean =>
  /^\s*(?:graph|flowchart(?:-elk)?)\b/u.test(body(lines)[0] ?? '')

function body(lines: readonly string[]): string[] {
  const from = lines.findIndex((line) => line.trim() !== '')
  const end = lines[from]?.trim() === '---' ? lines.indexOf('---', from + 1) + 1 : 0
  return lines.slice(end).filter((line) => line.trim() !== '' && !/^\s*%%/u.test(line))
}

/** Reads nodes, subgraphs and arrows; whatever else a flowchart can hold is passed over. */
export function readFlowchart(lines: readonly string[]): Flowchart {
  const chart: Flowchart = { labels: new Map(), groups: new Map(), arrows: [] }
  const open: string[] = []
  for (const line of body(lines).slice(1)) {
    for (const statement of statementsOf(line)) {
      const subgraph = /^\s*subgraph\s+(.*)$/u.exec(statement)?.[1]
      if (subgraph !== undefined) {
        const [, id = '', label = ''] = /^([^\s[]+)\s*\[(.*)\]\s*$/u.exec(subgraph) ?? [
          '',
          subgraph,
          subgraph,
        ]
        open.push(bare(label))
        chart.labels.set(id.trim(), bare(label))
      } else if (/^\s*end\s*$/u.test(statement)) open.pop()
      else if (!/^\s*(?:classDef|class|style|linkStyle|click|direction)\b/u.test(statement))
        readStatement(statement, chart, open.at(-1))
    }
  }
  return chart
}

/** Pieces between semicolons, which inside of quotes are text. */
const statementsOf = (line: string): string[] =>
  line.includes(';') ? (line.match(/(?:"[^"]*"|[^;"])+/gu) ?? []) : [line]

const ID = /\s*([\p{L}\p{N}_]+(?:[.-][\p{L}\p{N}_]+)*)/uy
const SHAPE = /(?:\[+|\(+\[?|\{+|>)[([/\\]*(?:"([^"]*)"|([^\])}]*))[\])}/\\]+/uy
const CLASS = /:::[\p{L}\p{N}_-]+/uy
const AND = /\s*&/uy
const ARROW =
  /\s*(<|[xo](?=[-=]))?(?:(?:-{2,}|={2,}|-\.+-)(>|[xo](?![\p{L}\p{N}]))|-{3,}|={3,}|-\.+-)\s*(?:\|([^|]*)\|)?/uy
const ARROW_AROUND_TEXT = /\s*(<)?(?:--|==|-\.)\s*([^\s>|=.-][^>|=]*?)\s*(?:-{2,}|={2,}|\.+-)([>xo])?/uy

/** "A[Data] --> B & C -->|then| D". */
function readStatement(text: string, chart: Flowchart, group: string | undefined): void {
  let at = 0
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (match !== null) at = pattern.lastIndex
    return match ?? undefined
  }
  const nodes = (): string[] => {
    const found: string[] = []
    do {
      const id = take(ID)?.[1]
      if (id === undefined) break
      const label = take(SHAPE)
      take(CLASS)
      if (label !== undefined) chart.labels.set(id, bare(label[1] ?? label[2] ?? ''))
      else if (!chart.labels.has(id)) chart.labels.set(id, id)
      if (group !== undefined && !chart.groups.has(id)) chart.groups.set(id, group)
      found.push(id)
    } while (take(AND) !== undefined)
    return found
  }
  let before = nodes()
  while (before.length > 0) {
    const plain = take(ARROW)
    const around = plain === undefined ? take(ARROW_AROUND_TEXT) : undefined
    if (plain === undefined && around === undefined) return
    const [back, ahead, said] = plain?.slice(1) ?? [around?.[1], around?.[3], around?.[2]]
    const after = nodes()
    for (const from of before)
      for (const to of after) {
        if (chart.arrows.length >= MAX_ARROWS) return
        const text = bare(said ?? '')
        if (ahead === '>' && back !== '<') chart.arrows.push({ from, to, text })
        if (back === '<' && ahead !== '>') chart.arrows.push({ from: to, to: from, text })
      }
    before = after
  }
}

const bare = (label: string): string =>
  label
    .replace(/<[^<>]*>/gu, ' ')
    .replace(/^["`\s]+|["`\s]+$/gu, '')
    .replace(/\s+/gu, ' ')

/** Said at an arrow that leads from what waits to what it waits for. */
const WAITS =
  /\b(?:depends?|requires?|needs?|after|blocked by|waits?|uses?|depende|requiere|requer|benötigt|nécessite)\b|依赖|依存|의존/iu

/**
 * What each phase comes after, by the arrows of a flowchart: pairs of a phase and those before it. `phaseOf` tells the phase that a
 * label or an id names. An arrow leads to what comes later; in a chart whose arrows all lead back in the written
 * order, and at an arrow that says so, it leads to what is needed.
 */
export function flowchartEdges(
  lines: readonly string[],
  order: readonly string[],
  phaseOf: (text: string) => string | undefined,
): [string, string][] {
  const { labels, groups, arrows } = readFlowchart(lines)
  const known = new Map<string, string | undefined>()
  const find = (node: string): string | undefined => {
    if (!known.has(node))
      known.set(node, phaseOf(labels.get(node) ?? node) ?? phaseOf(node) ?? phaseOf(groups.get(node) ?? ''))
    return known.get(node)
  }
  const place = new Map(order.map((id, at) => [id, at]))
  const edges = arrows.flatMap(({ from, to, text }) => {
    const [before, after] = [find(from), find(to)]
    if (before === undefined || after === undefined || before === after) return []
    return { before, after, waits: WAITS.test(text) }
  })
  const leadsBack = edges.every(({ before, after }) => (place.get(before) ?? 0) > (place.get(after) ?? 0))
  return edges.map(({ before, after, waits }) => (waits || leadsBack ? [before, after] : [after, before]))
}

/** "P1", "Phase_2", "M3": the id of a node that stands for a phase. */
const NODE_ID =
  /^(?:p|ph|phase|f|fase|s|step|stage|sprint|m|milestone)?[\s_-]?0*(\d{1,3}(?:[._]\d{1,2})?[a-z]?)$/iu

/** The one phase that a node names: in words, by its title, by a number. */
export function phaseOfNode(names: PhaseNames): (text: string) => string | undefined {
  const byId = new Map(names.order.map((id) => [id.toLowerCase(), id]))
  return (text) => {
    const ids = names.ids(text)
    if (ids.length > 0) return ids.length === 1 ? ids[0] : undefined
    const number = NODE_ID.exec(text.trim())?.[1]?.replace('_', '.').toLowerCase() ?? fold(text)
    return byId.get(number) ?? names.byTitle(text)
  }
}
