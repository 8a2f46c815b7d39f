/** A plan's digest: what an approval is about. */
import { createHash } from 'node:crypto'
import { type Digest, digest } from '../model/ids.ts'
import type { PlanFile } from '../model/plan.ts'
import { type Block, parseBlocks } from '../text/blocks.ts'
import { statusSpans } from '../text/status-spans.ts'

/**
 * SHA-256 over path and text of the plan's input files, sorted by path. Statuses, checkbox marks and progress figures are
 * left out, and line ends count as LF, so that a run's own write-back and another checkout's line ends change nothing; every
 * other byte does. `textOf` is the format's own way of leaving them out; undefined leaves a file out. Only words, signs and figures of a status go: a remark behind it reaches prompts and stays in.
 */
export function planDigest(
  files: readonly PlanFile[],
  textOf: (path: string, text: string) => string | undefined = (_path, text) => withoutStatuses(text),
): Digest {
  const hash = createHash('sha256')
  for (const file of [...files].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))) {
    const text = textOf(file.path, file.text)
    if (text === undefined) continue
    hash.update(`${file.path}\0${Buffer.byteLength(text)}\0`)
    hash.update(text)
  }
  return digest(hash.digest('hex'))
}

/** The text of a plan file without its statuses, LF line ends, no blanks at line ends. `blocks` are those of the text, where they are known. */
export function withoutStatuses(source: string, blocks: readonly Block[] = parseBlocks(source)): string {
  let text = ''
  let from = 0
  for (const span of statusSpans(blocks)) {
    text += source.slice(from, span.start)
    from = span.end
  }
  return (text + source.slice(from))
    .replace(/^\uFEFF/u, '')
    .replace(/\r\n?/g, '\n')
    .replace(/[ \t]+$/gmu, '')
}
