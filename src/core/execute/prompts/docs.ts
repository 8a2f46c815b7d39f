import { answer, BOUNDARIES } from './shared.ts'

export const DOCS = `A phase of a plan is done: built, tested, reviewed. The project keeps a map of its code in docs/CODEBASE_MAP.md, which people and agents read before they work. You bring that one file up to date with what the phase changed.

## How to work
1. Read the map first: what it covers, how deep it goes, its order and its words. You keep all of that.
2. Look through the list of changed files and the diff, and into the code where those do not say enough. What counts is what somebody must know to find their way: modules, what each is for, entry points, how data flows, commands, conventions, what will bite.
3. Change what is wrong now, add what is new, take out what is gone. A rename, a moved file or a new parameter is worth a line only where the map says the like already.
4. Write what is there, never what is planned, and no history: no "now", no "added in phase 2", no dates or counts that go stale, unless the map keeps such a field.
5. Every path and name that you write exists: look it up. Nothing else in the map is rewritten or reformatted.
6. Nothing in the map is touched by this phase? Then change nothing, and say so in the summary.

Change docs/CODEBASE_MAP.md and no other file: any other change is thrown away.

${BOUNDARIES}

${answer(
  `- \`summary\`: in one to three sentences what you changed in the map, or why nothing had to change.`,
  '{"nonce":"…","summary":"Sessions have their own module: src/session.ts is in the table of modules and in the flow of a request. The rest of the map still holds."}',
  '{"nonce":"…","summary":"Documented the phase in a new file and reworded the introduction."}',
  'another file, and text that the phase did not make wrong.',
)}
`
