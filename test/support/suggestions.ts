/** A person who takes suggestions of a review over, as the button of GitHub does it. */
export interface Suggested {
  startLine: number
  endLine: number
  body: string
}

export function takeOver(text: string, suggestions: readonly Suggested[]): string {
  const lines = text.split('\n')
  for (const { startLine, endLine, body } of [...suggestions].sort((a, b) => b.startLine - a.startLine)) {
    const [, , block] = /^(`{3,})suggestion\n([\s\S]*\n)?\1$/.exec(body) ?? []
    if (!body.includes('suggestion\n')) throw new Error(`no suggestion: ${body}`)
    const now = block === undefined ? [] : block.replace(/\n$/, '').split('\n')
    lines.splice(startLine - 1, endLine - startLine + 1, ...now)
  }
  return lines.join('\n')
}
