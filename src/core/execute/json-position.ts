/**
 * Where a text stops being JSON: the engine's own message carries no position on Node 20. Only called when `JSON.parse` has
 * refused the text; walks it with a stack of its own, so that deep nesting is no trouble.
 */
export function jsonErrorAt(text: string): { line: number; column: number; found: string } {
  const offset = firstError(text)
  const before = text.slice(0, offset)
  const line = before.split('\n').length
  const column = offset - (before.lastIndexOf('\n') + 1) + 1
  const rest = text.slice(offset, offset + 20).split('\n')[0] ?? ''
  const found = offset >= text.length ? 'the end of the text' : rest === '' ? 'a line break' : `"${rest}"`
  return { line, column, found }
}

const SPACE = /[ \t\r\n]*/y
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const SCALAR = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/y

/** What may come next: a value, a value or "]", a key, a key or "}", ":", or what follows a value. */
type Expected = 'value' | 'first-item' | 'key' | 'first-key' | 'colon' | 'after'

function firstError(text: string): number {
  const open: ('{' | '[')[] = []
  let expected: Expected = 'value'
  let at = 0
  const eat = (pattern: RegExp): boolean => {
    pattern.lastIndex = at
    const found = pattern.exec(text)
    if (found !== null) at += found[0].length
    return found !== null
  }
  for (;;) {
    eat(SPACE)
    const char = text[at]
    if (expected === 'after') {
      const inside = open.at(-1)
      if (inside === undefined) return at
      if (char === ',') expected = inside === '{' ? 'key' : 'value'
      else if (char === (inside === '{' ? '}' : ']')) open.pop()
      else return at
      at += 1
    } else if (expected === 'colon') {
      if (char !== ':') return at
      at += 1
      expected = 'value'
    } else if (expected === 'key' || expected === 'first-key') {
      if (char === '}' && expected === 'first-key') {
        open.pop()
        at += 1
        expected = 'after'
      } else if (eat(STRING)) expected = 'colon'
      else return at
    } else if (char === '{' || char === '[') {
      open.push(char)
      at += 1
      expected = char === '{' ? 'first-key' : 'first-item'
    } else if (char === ']' && expected === 'first-item') {
      open.pop()
      at += 1
      expected = 'after'
    } else if (eat(STRING) || eat(SCALAR)) expected = 'after'
    else return at
  }
}
