/** The longest run of whole lines that stands twice in a text; "" where no line does. */
export function longestRepeat(text: string): string {
  const lines = text.split('\n')
  const places = new Map<string, number[]>()
  for (const [i, line] of lines.entries()) {
    if (line.trim() !== '') places.set(line, [...(places.get(line) ?? []), i])
  }
  let longest = ''
  for (const at of places.values()) {
    for (const [n, first] of at.entries()) {
      for (const second of at.slice(n + 1)) {
        let length = 0
        while (first + length < second && lines[first + length] === lines[second + length]) length++
        const block = lines
          .slice(first, first + length)
          .join('\n')
          .trim()
        if (block.length > longest.length) longest = block
      }
    }
  }
  return longest
}
