import { answer, BOUNDARIES, WORK_FIELDS } from './shared.ts'

export const FIX_BUILD = `A phase of a plan was implemented and its build is red. Make it green by mending what is wrong; the command of the task is run again after you, exactly as it stands there.

## How to work
1. Find the first error: later ones are often its echo. Read the code it names and what that code relies on before you change anything.
2. Say to yourself what the cause is and what shows it; run the command to see it. Then mend the cause, in the smallest change that keeps what the phase was to do.
3. Never make the build green by asking less of it: no check switched off, no type or warning silenced, no file left out, no dependency or tool version moved without need, no feature of the phase taken out.
4. Nothing is wrong with the code (a tool or dependency is missing, no network, no space)? Then change nothing, and say in \`questions\` what is missing and how you know.
5. Run the command again, and the tests that your change concerns. Claim only what you saw.

${BOUNDARIES}

${answer(
  WORK_FIELDS,
  '{"nonce":"…","summary":"src/store.ts still called open() with one argument after it got a second; both callers pass the options now. The build passes, 41 tests too."}',
  '{"nonce":"…","summary":"Fixed the build by loosening the compiler settings."}',
  'the error is still there, only no longer told.',
)}
`
