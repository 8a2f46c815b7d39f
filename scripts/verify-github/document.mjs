// docs/assumptions.md from the list: `node scripts/verify-github/document.mjs` writes it, a test proves it current.
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ASSUMPTIONS } from './assumptions.mjs'

const INTRO = `# What we rely on GitHub for

Orchestrate was built and tested against \`local-github/\`, a GitHub on the developer's machine: a third party's emulator with our
corrections, and a runner on GitHub's own workflow parser. Nothing here was seen on github.com by the project itself. So each
behaviour that we rely on stands in this table, with where we have it from and the test that notices when our own side breaks.

\`GITHUB_TOKEN=… npm run verify-github -- OWNER/REPO\` tries them on a real repository, in a draft-like pull request of its own that it
closes and refs that it removes, and prints a table. It needs a token that may push and open pull requests there. On GitHub
Enterprise Server set \`GITHUB_API_URL\` and \`GITHUB_SERVER_URL\`.

This page is made by \`node scripts/verify-github/document.mjs\`.
`

export function assumptionsDocument() {
  const groups = [...new Set(ASSUMPTIONS.map(({ group }) => group))]
  return `${[INTRO, ...groups.map(section)].join('\n')}`
}

const section = (name) =>
  [
    `## ${name}`,
    '',
    ...ASSUMPTIONS.filter(({ group }) => group === name).map(
      ({ id, text, source, test, untried }) =>
        `- **${id}**: ${text}\n  Source: ${source}. Noticed by [\`${test}\`](../${test}). ${untried === undefined ? 'Tried by the command.' : `Not tried by the command: ${untried}.`}`,
    ),
    '',
  ].join('\n')

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--print')) process.stdout.write(assumptionsDocument())
  else writeFileSync(new URL('../../docs/assumptions.md', import.meta.url), assumptionsDocument())
}
