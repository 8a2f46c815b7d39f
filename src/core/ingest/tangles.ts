import type { Diagnostic } from '../model/diagnostic.ts'
import type { PlanFiles } from './format.ts'

/** How many stretches of a file a message names. */
const SHOWN = 3

/** What was too tangled to be parsed and was read line by line, one remark a file (see `parseBlocks`). */
export function tangles(files: PlanFiles): Diagnostic[] {
  return files.paths.flatMap((file) => {
    // what no format reads as Markdown has no blocks
    if (!file.endsWith('.md')) return []
    const stretches: { from: number; to: number }[] = []
    for (const block of files.blocks(file)) {
      if (block.kind !== 'other' || block.until === undefined) continue
      const last = stretches.at(-1)
      if (last?.to === block.line - 1) last.to = block.until
      else stretches.push({ from: block.line, to: block.until })
    }
    const [first] = stretches
    if (first === undefined) return []
    const lines = stretches.slice(0, SHOWN).map(({ from, to }) => (from === to ? `${from}` : `${from}–${to}`))
    const more = stretches.length > SHOWN ? ` and ${stretches.length - SHOWN} more stretches` : ''
    return [
      {
        rule: 'too-tangled',
        severity: 'warning' as const,
        file,
        line: first.from,
        message: `${file} is too tangled to be parsed whole; read line by line, without nesting: lines ${lines.join(', ')}${more}.`,
        hint: 'Nest lists and quotes less deeply there, or move what is no plan to a file of its own.',
      },
    ]
  })
}
