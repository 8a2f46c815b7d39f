/** `findings.md`: goal, priority, approach, requirements and decisions behind a plan. */
import type { Findings } from '../model/plan.ts'
import { type Block, parseBlocks } from '../text/blocks.ts'
import { fold, labelled, plain } from '../text/inline.ts'
import { frontMatter } from './front-matter.ts'

export const FINDINGS = 'findings.md'

const SECTIONS = {
  goal: /^(?:goal|objective|objetivo|ziel|objectif|目标|目的|목표)$/u,
  priority: /^(?:priority|prioridad|prioridade|priorität|优先级|優先度|우선순위)$/u,
  approach: /^(?:approach|solution|strategy|enfoque|abordagem|ansatz|approche|方案|方法|アプローチ|접근)$/u,
  requirements: /^(?:requirements?|requisitos|anforderungen|exigences|需求|要件|요구사항)$/u,
  decisions: /decision|decisi[oó]n|decisões|entscheidung|décision|决策|决定|決定|결정/u,
} as const

export function readFindings(source: string): Findings {
  const blocks = parseBlocks(source)
  const values = frontMatter(blocks)?.values ?? {}
  const goal = sectionText(blocks, SECTIONS.goal) ?? text(values.goal)
  const priority = sectionText(blocks, SECTIONS.priority) ?? text(values.priority)
  const approach = sectionText(blocks, SECTIONS.approach) ?? text(values.approach)
  return {
    ...(goal === undefined ? {} : { goal }),
    ...(priority === undefined ? {} : { priority }),
    ...(approach === undefined ? {} : { approach }),
    requirements: items(blocks, SECTIONS.requirements),
    decisions: decisions(blocks),
    text: source,
  }
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

function* sections(blocks: readonly Block[], name: RegExp): Generator<Block> {
  let inside = false
  for (const block of blocks) {
    if (block.kind === 'heading') inside = name.test(fold(block.text))
    else if (inside) yield block
  }
}

/** Paragraphs of a section, or the value of a "**Goal:** …" line. */
function sectionText(blocks: readonly Block[], name: RegExp): string | undefined {
  for (const block of sections(blocks, name)) {
    if (block.kind === 'paragraph') return plain(block.lines.map((l) => l.text).join(' '))
  }
  for (const block of blocks) {
    if (block.kind !== 'paragraph') continue
    for (const line of block.lines) {
      const read = labelled(line.text)
      if (read !== undefined && name.test(read.label) && plain(read.value) !== '') return plain(read.value)
    }
  }
  return undefined
}

function items(blocks: readonly Block[], name: RegExp): string[] {
  return [...sections(blocks, name)].flatMap((block) =>
    block.kind === 'list' ? block.items.map((item) => plain(item.text.replace(/^\[.\]\s*/u, ''))) : [],
  )
}

/** Rows of a `| Decision | Rationale |` table. */
function decisions(blocks: readonly Block[]): Findings['decisions'] {
  return [...sections(blocks, SECTIONS.decisions)].flatMap((block) => {
    if (block.kind !== 'table') return []
    const header = block.header.map((cell) => fold(cell.text))
    const decision = Math.max(
      0,
      header.findIndex((h) => SECTIONS.decisions.test(h)),
    )
    const rationale = header.findIndex((h) =>
      /rationale|reason|why|motivo|begründung|raison|理由|原因|이유/u.test(h),
    )
    return block.rows.flatMap((row) => {
      const what = plain(row[decision]?.text ?? '')
      return what === ''
        ? []
        : [{ decision: what, rationale: plain(row[rationale < 0 ? decision + 1 : rationale]?.text ?? '') }]
    })
  })
}
