/** Which lines of a patch a review may speak about. */

export type Side = 'LEFT' | 'RIGHT'

/**
 * The part of the patch that ends with the line `line` of `side`, as GitHub shows it above a comment: the hunk from its header.
 * Undefined where the patch does not show that line.
 */
export function hunkUpTo(patch: string, side: Side, line: number): string | undefined {
  let shown: string[] = []
  let left = 0
  let right = 0
  for (const text of patch.split('\n')) {
    const header = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/.exec(text)
    if (header) {
      shown = [text]
      left = Number(header[1]) - 1
      right = Number(header[2]) - 1
      continue
    }
    const sign = text.charAt(0)
    if (sign === '\\') continue
    shown.push(text)
    if (sign !== '+') left += 1
    if (sign !== '-') right += 1
    const isIt = side === 'LEFT' ? sign !== '+' && left === line : sign !== '-' && right === line
    if (isIt) return shown.join('\n')
  }
  return undefined
}

/** Whether a comment may stand at these lines: both are shown, in one hunk. */
export function isOneHunk(patch: string, side: Side, from: number, to: number): boolean {
  const [start, end] = [hunkUpTo(patch, side, from), hunkUpTo(patch, side, to)]
  return start !== undefined && end !== undefined && from <= to && end.startsWith(start.split('\n')[0] ?? '')
}
