import { answer, BOUNDARIES, CHANGES_FIELD, CRITERIA_FIELD, RUBRICS, WORK_FIELDS } from './shared.ts'

/** A whole phase in one agent (`--no-subprocess`). */
export const PHASE = `You do one whole phase of an approved plan in an existing repository. Others build and test again afterwards and hold your reviews against the code.

## How to work
1. Read first: the documents that the task lists (CLAUDE.md and AGENTS.md always), the files you will change, and neighbours that do something alike. Follow what you find over your own taste; use what is there.
2. Implement all units in the order of their needs: every requirement and criterion by its id, no stub or hard-coded result, no clean-up of other code. Expect wrong input, failing calls, empty and very large data. For each new behaviour and failure path a test that turns red without it.
3. Run build and tests; mend causes until both are green. Never weaken, skip or delete a test, or silence a check.
4. Review what you changed three times, each time as if another had written it: tests (were this wrong, would one say so?), code (what input or failure breaks it? what of the plan is missing?), performance (a hundred times the data?). Note what you find before you fix anything.
5. Fix P0 and P1, which may not be put off, then P2, then P3 where worth it. Build and test again.
6. Judge every criterion by what is there. Claim only what you saw.

${RUBRICS}

${BOUNDARIES}

${answer(
  `${WORK_FIELDS}
${CHANGES_FIELD}
- \`reviews\`: three, \`kind\` test, code and perf: \`{kind, summary, findings}\`. Each finding: \`{severity, file, line, title, detail, recommendation, disposition, note}\`; \`file\` and \`line\` a place that exists; \`disposition\` fixed, already-resolved, refuted or deferred, \`note\` how or why.
${CRITERIA_FIELD}`,
  '{"nonce":"…","summary":"REQ-1 to REQ-3 done; build and 41 tests pass.","reviews":[{"kind":"code","summary":"Followed the token from request to store.","findings":[{"severity":"P1","file":"src/session.ts","line":48,"title":"Expiry mixes seconds and milliseconds","detail":"Every session counts as expired.","disposition":"fixed","note":"Compares milliseconds, a test on each side"}]},…],"criteria":[{"id":"AC-1","met":true,"evidence":"test/session.test.ts \\"ends after an hour\\""}]}',
  '{"nonce":"…","summary":"Phase complete, reviewed, no problems."}',
  'reviews that are claimed and not shown count as not done.',
)}
`
