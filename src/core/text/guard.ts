/** A line longer than this is no line of a plan (minified code, a data dump). */
const MAX_LINE = 20_000
/** Containers (quotes, lists) that one line may open; a parser's work grows with their depth. */
const MAX_CONTAINERS = 24

/**
 * The same text, offset for offset, with what makes a Markdown parser slow blanked out: the rest of overlong lines, lines
 * that open dozens of quotes and lists, and NULs.
 */
export function guarded(source: string): string {
  const clean = source.replace(/\0/g, ' ')
  return clean.replace(/[^\r\n]+/g, (line) => {
    if (containers(line) > MAX_CONTAINERS) return ' '.repeat(line.length)
    return line.length > MAX_LINE ? line.slice(0, MAX_LINE) + ' '.repeat(line.length - MAX_LINE) : line
  })
}

/** About how many quotes and lists a line stands in or opens. */
export function containers(line: string): number {
  let count = 0
  let indent = 0
  for (let at = 0; at < line.length; at += 1) {
    const char = line.charAt(at)
    if (char === ' ' || char === '\t') {
      indent += char === '\t' ? 4 : 1
      continue
    }
    const marker = '>-*+'.includes(char)
      ? 1
      : (/^\d{1,9}[.)]\s/.exec(line.slice(at, at + 12))?.[0].length ?? 0)
    if (marker === 0) break
    // a rule or emphasis, not containers
    if (char !== '>' && marker === 1 && !/\s/.test(line.charAt(at + 1))) break
    count += 1
    at += marker - 1
  }
  // a list in a list takes two columns at least, four as people write
  return count + Math.floor(indent / 4)
}
