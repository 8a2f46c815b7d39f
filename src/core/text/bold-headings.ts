import type { Block } from './blocks.ts'
import { phaseLabel } from './phase-label.ts'

/** Deeper than any heading that Markdown has: every real one ends such a section. */
const LEVEL = 7
const BOLD = /^(\*\*|__)(?=\S)[^*_\n]{3,200}\1[^*_\n]{0,60}$/u

/**
 * "**Phase 1: Data model**" alone in its paragraph is a heading to who writes it, where no heading of the file names a phase and
 * at least two such lines do. Elsewhere such a line is emphasis, and stays text.
 */
export function withBoldHeadings(blocks: Block[]): Block[] {
  const bold = blocks.filter((block) => isBoldPhase(block))
  if (bold.length < 2 || blocks.some((block) => block.kind === 'heading' && isPhase(block.text)))
    return blocks
  const chosen = new Set<Block>(bold)
  return blocks.map((block): Block => {
    const line = block.kind === 'paragraph' && chosen.has(block) ? block.lines[0] : undefined
    return line === undefined ? block : { kind: 'heading', level: LEVEL, ...line }
  })
}

const isBoldPhase = (block: Block): boolean => {
  if (block.kind !== 'paragraph' || block.lines.length !== 1) return false
  const text = block.lines[0]?.text ?? ''
  return BOLD.test(text) && isPhase(text)
}

const isPhase = (text: string): boolean => {
  const label = phaseLabel(text)
  return label?.separated === true && label.word === 'phase'
}
