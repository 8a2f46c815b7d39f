/** Files of a workspace by glob, for `hashFiles`. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import picomatch from 'picomatch'

/** Absolute paths below `root` that the patterns match, sorted; a later `!pattern` takes files out again. */
export function globSync(root: string, patterns: readonly string[]): string[] {
  const rules = patterns.map((pattern) => ({
    out: pattern.startsWith('!'),
    test: picomatch(pattern.replace(/^!/, '').replace(/^\.?\//, ''), { dot: true }),
  }))
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => rules.reduce((hit, rule) => (rule.test(path) ? !rule.out : hit), false))
    .sort()
    .map((path) => join(root, path))
}
