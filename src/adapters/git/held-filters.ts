import type { GitConfig } from './config.ts'

/** Programs that people install, and that do nothing which files of a checkout say. */
const KNOWN = /^(?:git-lfs|git lfs|git-crypt|"git-crypt"|git-annex)\s/

/** Run in place of a filter: whoever reads why a step failed reads this. */
const refusal = (name: string): string =>
  `echo "The git filter ${name} runs a program that an agent could have changed, so it is not run. Where you trust it: git config orchestrate.trustedFilters ${name}" >&2; false`

/**
 * Filters that git runs for files of a worktree (`.gitattributes` says which, the user's configuration says what) run with our
 * rights, and their commands often name a program of the checkout, which an agent may write. Those that we do not know fail
 * instead, as configuration by environment: what no attribute names is never asked for.
 */
export function heldFilters(config: GitConfig): Record<string, string> {
  const trusted = new Set(config.get('orchestrate.trustedfilters')?.split(/[\s,]+/) ?? [])
  const held = [...config.entries()].flatMap(([key, command]) => {
    const [, name, kind] = /^filter\.(.+)\.(clean|smudge|process)$/.exec(key) ?? []
    if (name === undefined || command === '' || KNOWN.test(`${command} `) || trusted.has(name)) return []
    return [{ key, name, kind }]
  })
  const settings = held.flatMap(({ key, name, kind }) => [
    // A process that ends at once is no refusal for git, which goes on with the commands.
    ...(kind === 'process'
      ? [
          [key, ''],
          [`filter.${name}.clean`, refusal(shown(name))],
          [`filter.${name}.smudge`, refusal(shown(name))],
        ]
      : [[key, refusal(shown(name))]]),
    [`filter.${name}.required`, 'true'],
  ])
  if (settings.length === 0) return {}
  return Object.fromEntries([
    ['GIT_CONFIG_COUNT', String(settings.length)],
    ...settings.flatMap(([key, value], at) => [
      [`GIT_CONFIG_KEY_${at}`, key],
      [`GIT_CONFIG_VALUE_${at}`, value],
    ]),
  ])
}

/** For a shell's double quotes. */
const shown = (name: string): string => name.replaceAll(/[^\w.-]/g, '?')
