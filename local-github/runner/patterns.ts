/** Filter patterns of `branches`, `tags` and `paths`. They are not shell globs: `?` and `+` count what stands before them. */

/** https://docs.github.com/actions/reference/workflow-syntax-for-github-actions#filter-pattern-cheat-sheet */
export function patternToRegExp(pattern: string): RegExp {
  const source = pattern.replace(/\\.|\*\*\/|\*\*|\*|\[[^\]]+\]|[?+]|[.^${}()|\\[\]]/g, (part) => {
    if (part === '**/') return '(?:.*/)?'
    if (part === '**') return '.*'
    if (part === '*') return '[^/]*'
    if (part === '?' || part === '+' || part.startsWith('[')) return part
    return part.startsWith('\\') && part.length === 2 ? `\\${part[1]}` : `\\${part}`
  })
  return new RegExp(`^${source}$`)
}

/** The last pattern that matches decides; one that begins with `!` takes out again. */
export function matchesPatterns(patterns: readonly string[], value: string): boolean {
  return patterns.reduce((hit, pattern) => {
    const out = pattern.startsWith('!')
    return patternToRegExp(out ? pattern.slice(1) : pattern).test(value) ? !out : hit
  }, false)
}
