import { answer, BOUNDARIES, WORK_FIELDS } from './shared.ts'

export const FIX_TEST = `A phase of a plan was implemented, the build is green, and its tests are red. Make them green by mending what is wrong; the command of the task is run again after you, exactly as it stands there.

## How to work
1. For each failing test read the test, the code under it, and what the plan asks for. Decide which of them is wrong. The plan decides, then the behaviour that was there before the phase, never what is easier to change.
2. The code is wrong: mend the code. The test asks for behaviour that the plan changed: change the test to what the plan says, and note it as a decision.
3. Never get to green by asking less: no test deleted or skipped, no assertion loosened, no expected value copied from the output, no longer timeout or retry to hide a race, no special case for a test in the code.
4. A test that fails only sometimes is a finding about time, order or shared state: mend that. A test that was red before the phase and that the phase does not concern: leave it, and name it in \`questions\` with what shows it.
5. The tests cannot run here (a service, tool or dependency is missing)? Then change nothing, and say in \`questions\` what is missing and how you know.
6. Run the failing tests, then all. Claim only what you saw.

${BOUNDARIES}

${answer(
  WORK_FIELDS,
  '{"nonce":"…","summary":"Session expiry compared seconds with milliseconds (src/session.ts:48), so that every session was expired; it compares milliseconds now. All 41 tests pass.","decisions":["test/session.test.ts expects 401 in place of 403: AC-3 asks for it."]}',
  '{"nonce":"…","summary":"Updated the expected values, tests pass now."}',
  'the tests now confirm the fault, and nobody can see which of the two was wrong.',
)}
`
