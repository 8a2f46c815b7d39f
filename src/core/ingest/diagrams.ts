/** Drawings of phases: chains of arrows, branches and trees of box characters. */
import type { Mention, PhaseNames } from './phase-names.ts'

interface Node extends Mention {
  row: number
}

const RIGHT = /→|⟶|➜|►|▶|⇒|-+>|=+>/u
const LEFT = /←|◄|◀|<-+/u
const DOWN = /^[\s│|↓▼⬇vV]*[↓▼⬇│|][\s│|↓▼⬇]*$/u
const VERTICAL = '│|├┤┬└┌┐┼▼↓'

/** Which phase follows from which, by what is drawn: pairs of a phase and what it depends on. */
export function diagramEdges(lines: readonly string[], names: PhaseNames): [string, string[]][] {
  const rows = lines.map((text, row) => nodesOf(text, row, names))
  const edges: [string, string[]][] = []
  const link = (to: Mention | undefined, from: readonly string[]): void => {
    for (const id of to?.ids ?? []) edges.push([id, from.filter((other) => other !== id)])
  }
  rows.forEach((nodes, row) => {
    const text = lines[row] ?? ''
    if (nodes.length === 0) return
    const said = /\b(?:after|nach|após|después)\b(.*)$/iu.exec(text)
    const first = nodes[0]
    const groups = groupsOf(nodes, text)
    groups.forEach((group, at) => {
      const before = groups[at - 1]
      if (before !== undefined && group.arrow === 'right')
        for (const node of group.nodes) link(node, idsOf(before.nodes))
      if (before !== undefined && group.arrow === 'left')
        for (const node of before.nodes) link(node, idsOf(group.nodes))
    })
    if (first === undefined) return
    if (said !== null && said.index > first.start) {
      const later = names.ids(said[1] ?? '', first.ids[0])
      if (later.length > 0) return link(first, later)
    }
    const parent = parentOf(lines, rows, row, first)
    for (const node of groups[0]?.nodes ?? []) link(node, parent)
  })
  return edges
}

const idsOf = (nodes: readonly Mention[]): string[] => nodes.flatMap(({ ids }) => ids)

/** The phases that a line draws. "Phase 3: US-1" and "Phase 3 (US1)" are one; what brackets remark is none. */
function nodesOf(text: string, row: number, names: PhaseNames): Node[] {
  const nodes: Node[] = []
  for (const mention of names.mentions(text)) {
    const last = nodes.at(-1)
    const between = last === undefined ? '' : text.slice(last.end, mention.start)
    if (last !== undefined && !RIGHT.test(between) && !LEFT.test(between) && !/[+&,─]/u.test(between)) {
      // "Phase 7: US-5 — Concession": the first name is the node, more are what it is about
      last.end = mention.end
    } else if (mention.ids.length > 0) nodes.push({ ...mention, row })
  }
  return nodes
}

interface Group {
  nodes: Node[]
  arrow: 'right' | 'left' | undefined
}

/** "US2 + US3 → Polish": what stands together, and the arrow before it. */
function groupsOf(nodes: readonly Node[], text: string): Group[] {
  const groups: Group[] = []
  nodes.forEach((node, at) => {
    const before = nodes[at - 1]
    const between = before === undefined ? '' : text.slice(before.end, node.start)
    const arrow =
      RIGHT.test(between) || /─{2,}/u.test(between) ? 'right' : LEFT.test(between) ? 'left' : undefined
    const last = groups.at(-1)
    if (last !== undefined && arrow === undefined) last.nodes.push(node)
    else groups.push({ nodes: [node], arrow })
  })
  return groups
}

/** What the first node of a line hangs on: the branch before it, or an arrow from above. */
function parentOf(lines: readonly string[], rows: readonly Node[][], row: number, node: Node): string[] {
  const lead = [...(lines[row] ?? '').slice(0, node.start)]
  const branch = lead.findLastIndex((char) => '├└┬┼'.includes(char))
  if (branch >= 0) return climb(lines, rows, row, branch)
  const previous = lines[row - 1] ?? ''
  if (row > 0 && DOWN.test(previous) && previous.trim() !== '') {
    return above(rows, row, previous.search(/\S/u))
  }
  return joined(lines, rows, row, node)
}

/** Up from a branch: along its column to the node that it comes from. */
function climb(lines: readonly string[], rows: readonly Node[][], row: number, column: number): string[] {
  let at = column
  for (let up = row - 1; up >= 0; up -= 1) {
    const text = lines[up] ?? ''
    const char = text[at] ?? ' '
    const over = rows[up]?.find(({ start, end }) => start <= at && at < Math.max(end, text.trimEnd().length))
    const onLeft = rows[up]?.filter(({ end }) => end <= at).at(-1)
    if ((char === '┬' || char === '┤' || char === '┐') && onLeft !== undefined) return onLeft.ids
    if (char === '┌') {
      // the line goes round: ┌────┘ comes from above its other end
      at = text.indexOf('┘', at)
      if (at < 0) return []
      continue
    }
    if (!VERTICAL.includes(char)) {
      if (over !== undefined) return over.ids
      if (char.trim() !== '' || (rows[up]?.length ?? 0) > 0) return rows[up]?.[0]?.ids ?? []
    }
  }
  return []
}

/** The node above an arrow that points down; the last of the nearest line where none stands right above it. */
function above(rows: readonly Node[][], row: number, column: number): string[] {
  for (let up = row - 1; up >= 0; up -= 1) {
    const nodes = rows[up] ?? []
    if (nodes.length === 0) continue
    const over = nodes.find(({ start, end }) => start - 4 <= column && column <= end + 4)
    return (over ?? nodes.at(-1))?.ids ?? []
  }
  return []
}

/** Two nodes that run into the same vertical line at their right follow each other: "A ──┐" above "B ──┤". */
function joined(lines: readonly string[], rows: readonly Node[][], row: number, node: Node): string[] {
  const text = lines[row] ?? ''
  const end = text.search(/[┤┘][\s│]*$/u)
  if (end < node.end) return []
  for (let up = row - 1; up >= 0; up -= 1) {
    const char = (lines[up] ?? '')[end] ?? ' '
    if ((char === '┐' || char === '┤') && (rows[up]?.length ?? 0) > 0) return rows[up]?.[0]?.ids ?? []
    if (!'│┤┐'.includes(char)) return []
  }
  return []
}
