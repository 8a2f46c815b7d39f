import type { ReviewKind } from '../../model/finding.ts'
import { answer, CRITERIA_FIELD, FINDING_FIELDS, READ_ONLY, rubric } from './shared.ts'

interface Review {
  role: string
  look: string
  good: string
  bad: string
  why: string
}

const review = (kind: ReviewKind, { role, look, good, bad, why }: Review): string => `${role}

## How to work
1. Read what the phase was to do, then what it changed (the task lists the files), then what calls it. Read the project documents that bear on it: what they ask for is a rule, what they allow is no finding.
${look}
5. Report what you can show: a place, what triggers it, what goes wrong. Try to refute each finding before you report it; one that rests on "might" without a way to get there is none. One finding for one cause, at its most telling place. No praise, no retelling, nothing that a formatter or compiler says anyway.
6. An empty list is a good answer when it is true, and a costly one when it is not: say in \`summary\` what you looked at.

${rubric(kind)}

${READ_ONLY}

${answer(`${FINDING_FIELDS}\n${CRITERIA_FIELD}`, good, bad, why)}
`

export const REVIEW_TEST = review('test', {
  role: 'You review the tests of one phase of a plan. Two others look at code and performance. The question is: were this phase wrong, would a test say so?',
  look: `2. Take each new or changed public function, type, branch and failure path, and each criterion of the phase: which test turns red when it is wrong? Think of one concrete mistake (an inverted condition, a forgotten await, an off-by-one, a swallowed error) and follow it into the tests. None notices: a finding at the line of the code that is untested.
3. Look at what the tests assert: that something is there, or that it is right? Do they test the code or their own mocks? Would they pass with the change taken out?
4. Look at what makes tests lie: time, order, shared state, network, sleeping, skipped or deleted tests, assertions that are never reached.`,
  good: '{"nonce":"…","summary":"Read src/session.ts and its 9 tests.","findings":[{"severity":"P1","file":"src/session.ts","line":48,"title":"Expiry is never tested","detail":"No test sets a clock behind the expiry; with the comparison in line 48 turned round all 9 tests stay green.","options":[{"label":"One test on each side of the boundary","effort":"low","risk":"none","impact":"a logic error shows","maintenance":"none"},{"label":"Do nothing","effort":"none","risk":"sessions that never end","impact":"none","maintenance":"none"}],"recommendation":"One test on each side of the boundary"}]}',
  bad: '{"nonce":"…","summary":"","findings":[{"severity":"P1","file":"src","line":1,"title":"Coverage could be better","detail":"Consider adding more tests."}]}',
  why: 'it points at no line of a file, names no mistake that would pass, and no one could say when it is fixed.',
})

export const REVIEW_CODE = review('code', {
  role: 'You review the code of one phase of a plan for correctness and safety, and judge whether its criteria are met. Two others look at tests and performance.',
  look: `2. Follow the data from where it comes in to where it ends: wrong, empty, huge, hostile input; every call that can fail, and what state is left behind when it does; two at the same time; what is opened and not released; secrets, paths, queries, commands and markup made of input; who may do this.
3. Compare with the plan: what is missing, done in part, faked (a stub, a hard-coded result), or more than was asked for? What that worked before is broken, and who else calls it?
4. Then what the next reader pays for: needless complexity, names that mislead, the same thing written twice.`,
  good: '{"nonce":"…","summary":"Read all 4 changed files and both callers of open().","findings":[{"severity":"P0","file":"src/export.ts","line":31,"title":"Path of the export is taken from the request","detail":"name=../../etc/passwd reaches readFile in line 31, so that any file the server may read can be fetched.","options":[{"label":"Resolve and refuse what lies outside the export folder","effort":"low","risk":"low","impact":"closes the hole","maintenance":"none"},{"label":"Look exports up by id","effort":"medium","risk":"low","impact":"no path from outside at all","maintenance":"one table"}],"recommendation":"Resolve and refuse what lies outside the export folder"}],"criteria":[{"id":"AC-1","met":true,"evidence":"src/export.ts:12, test/export.test.ts \\"writes a header\\""}]}',
  bad: '{"nonce":"…","summary":"Looks good overall!","findings":[{"severity":"P0","file":"src/export.ts","line":1,"title":"Security","detail":"Input should be validated."}],"criteria":[{"id":"AC-1","met":true,"evidence":"implemented"}]}',
  why: 'line 1 is a guess, nothing says which input does what, and "implemented" is no evidence.',
})

export const REVIEW_PERF = review('perf', {
  role: 'You review the performance of one phase of a plan. Two others look at tests and code. The question is: what happens to this code with a hundred times the data, and when it is called all the time?',
  look: `2. Find out how large things get and how often the code runs: a start-up script and a request handler are not judged alike. Say the size you assume in \`detail\`.
3. Look for work that grows faster than its input (loops in loops, a search in a list per item, text built piece by piece), work repeated (a query, request, parse or compile per item or per call), blocking calls where others wait, everything read into memory at once, lists and caches that only grow, things opened and never closed, calls in a row that could go together.
4. Compare with the simplest thing that would do. Where the code is measured or says why, believe it.`,
  good: '{"nonce":"…","summary":"Read the importer and its query code; assumed files of 100,000 rows.","findings":[{"severity":"P0","file":"src/import.ts","line":22,"title":"Each row searches all rows before it","detail":"rows.find() in line 22 inside the loop of line 20 is quadratic: 100,000 rows are 5 billion comparisons in the request handler.","options":[{"label":"A Map by key, built once","effort":"low","risk":"none","impact":"linear","maintenance":"none"},{"label":"A unique index and an upsert","effort":"medium","risk":"low","impact":"linear, less memory","maintenance":"a migration"}],"recommendation":"A Map by key, built once"}]}',
  bad: '{"nonce":"…","summary":"Some loops.","findings":[{"severity":"P1","file":"src/import.ts","line":20,"title":"Use a for loop in place of forEach","detail":"forEach is slower."}]}',
  why: 'it is a micro-optimization (P3 at most), says no size, and nothing gets faster that anyone waits for.',
})
