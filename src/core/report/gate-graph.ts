import type { PhaseView } from '../pipeline-types.ts'
import { oneLine } from '../text/clean.ts'
import { clip } from '../text/display.ts'
import type { Section } from './gate-fit.ts'

export interface GraphPhase {
  id: string
  title: string
  after: readonly string[]
  state: PhaseView['state']
}

/** More than this nobody can read, and GitHub draws it slowly or not at all. */
const MAX_NODES = 80
const MAX_EDGES = 240
const WIDEST = 36

/** The order of phases as a Mermaid graph, coloured by state; nothing for a single phase or a plan too large to draw. */
export function graphSection(phases: readonly GraphPhase[]): Section {
  const text = graph(phases)
  return { keep: 0, render: (room) => (text.length <= room ? text : '') }
}

function graph(phases: readonly GraphPhase[]): string {
  const nodes = new Map(phases.map(({ id }, at) => [id, `p${at}`]))
  const edges = phases.flatMap(({ id, after }) =>
    after.flatMap((before) => {
      const [from, to] = [nodes.get(before), nodes.get(id)]
      return from === undefined || to === undefined ? [] : [`  ${from} --> ${to}`]
    }),
  )
  if (phases.length < 2 || phases.length > MAX_NODES || edges.length > MAX_EDGES) return ''
  return [
    '```mermaid',
    'graph LR',
    ...phases.map(
      ({ id, title, state }) => `  ${nodes.get(id)}["${label(`${id} ${title}`)}"]:::${CLASS[state]}`,
    ),
    ...edges,
    '  classDef done fill:#d3f0db,stroke:#1a7f37,color:#0b3d1a',
    '  classDef active fill:#cfe4ff,stroke:#0969da,color:#06264a',
    '  classDef waits fill:#ffe3c2,stroke:#bf5700,color:#4a2100',
    '  classDef open fill:#f2f3f5,stroke:#8c959f,color:#24292f',
    '  classDef out fill:#f2f3f5,stroke:#8c959f,color:#6e7781,stroke-dasharray:4 3',
    '```',
  ].join('\n')
}

const CLASS: Readonly<Record<PhaseView['state'], string>> = {
  pending: 'open',
  running: 'active',
  'needs-input': 'waits',
  lost: 'waits',
  merged: 'done',
  skipped: 'out',
  excluded: 'out',
}

/**
 * Text inside a quoted label. Everything but letters, digits and a few signs becomes a character code of Mermaid, since a
 * quote would end the label, back-ticks the fence, `%%{` would configure the drawing and `<` make HTML.
 */
const label = (text: string): string =>
  clip(oneLine(text).slice(0, 4 * WIDEST), WIDEST).replace(
    /[^\p{L}\p{M}\p{N} .,_…-]/gu,
    (char) => `#${char.codePointAt(0)};`,
  )
