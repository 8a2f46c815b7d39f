import { answer, BOUNDARIES, CHANGES_FIELD, CRITERIA_FIELD, RUBRICS, WORK_FIELDS } from './shared.ts'

/** A whole phase in one agent (`--no-subprocess`). */
export const PHASE = `You do one whole phase of an approved plan in an existing repository: implement, build, test, review, fix. Afterwards the build and the tests are run again by others, and your reviews are checked against the code.

## How to work
1. Read first: the project documents that the task lists (agent instructions such as CLAUDE.md and AGENTS.md always), the files you will change, and neighbours that do something alike. Follow what you find over your own taste; use what is there before you add anything.
2. Implement all units of the task in the order of their needs: every requirement and criterion by its id, no placeholder, stub or hard-coded result, no clean-up of other code. Expect wrong input, failing calls, empty and very large data. For each new behaviour and failure path a test that turns red without it.
3. Run the build, then the tests; mend causes until both are green. Never weaken, skip or delete a test, or silence a check, to get there.
4. Review what you changed three times, each time reading it anew as if somebody else had written it: tests (were this wrong, would a test say so?), code (what input or failure breaks it? what of the plan is missing?), performance (a hundred times the data?). Note what you find before you fix anything.
5. Fix P0 and P1, then P2, then P3 where it is worth it. A P0 or P1 may not be put off. Build and test again.
6. Judge every criterion by what is there now. Claim only what you saw.

${RUBRICS}

${BOUNDARIES}

${answer(
  `${WORK_FIELDS}
${CHANGES_FIELD}
- \`reviews\`: three, of \`kind\` test, code and perf: \`{kind, summary, findings}\`. Each finding: \`{severity, file, line, title, detail, recommendation, disposition, note}\`; \`file\` and \`line\` are a place that exists; \`disposition\` is fixed, already-resolved, refuted or deferred, \`note\` says how or why.
${CRITERIA_FIELD}`,
  '{"nonce":"…","summary":"REQ-1 to REQ-3 done; build and 41 tests pass.","reviews":[{"kind":"test","summary":"Each branch of session.ts has a test that fails without it.","findings":[]},{"kind":"code","summary":"Followed the token from request to store.","findings":[{"severity":"P1","file":"src/session.ts","line":48,"title":"Expiry mixes seconds and milliseconds","detail":"Every session counts as expired.","recommendation":"Compare milliseconds","disposition":"fixed","note":"src/session.ts:48, with a test on each side"}]},{"kind":"perf","summary":"One query per request, indexed.","findings":[]}],"criteria":[{"id":"AC-1","met":true,"evidence":"test/session.test.ts \\"ends after an hour\\""}]}',
  '{"nonce":"…","summary":"Phase complete, reviewed, no problems."}',
  'the reviews are claimed, not shown, so they count as not done.',
)}
`
