/**
 * A member of a team that is curious, in a cage: `1.1` waits until `1.2` has told it where its files are, tries what it can do with
 * them, and leaves what came of it in its own file. Whoever waits looks at the team's list.
 */
import { appendFileSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const env = (name) => process.env[`ORCHESTRATE_${name}`] ?? ''
readFileSync(0)
const hand = (fields = {}) =>
  writeFileSync(
    env('ARTIFACT'),
    JSON.stringify({ nonce: env('NONCE'), summary: 'Done.', findings: [], ...fields }),
  )
const board = () => JSON.parse(readFileSync(env('TEAM'), 'utf8'))
/** What another one of the team told, or undefined. */
const told = (unit, begin) =>
  board()
    .discoveries.find((one) => one.unit === unit && one.text.startsWith(begin))
    ?.text.slice(begin.length)
async function waitFor(look) {
  for (;;) {
    const found = look()
    if (found !== undefined) return found
    await pause(50)
  }
}
const tell = (text) => appendFileSync(env('DISCOVERIES'), `${text}\n`)
const attempt = (work) => {
  try {
    return work() ?? 'done'
  } catch (error) {
    return error.code ?? String(error)
  }
}

if (env('STEP') !== 'implement') hand()
else if (env('UNIT') === '1.2') {
  tell(`files: ${JSON.stringify({ list: env('TEAM'), notes: env('DISCOVERIES'), cwd: process.cwd() })}`)
  writeFileSync('routes.txt', 'mine\n')
  await waitFor(() => told('1.1', 'tried'))
  // It is what it was for all that the other did.
  const seen = board().tasks.map(({ id, state }) => `${id} ${state}`)
  writeFileSync('routes.txt', `${seen.join('\n')}\n`)
  hand()
} else if (env('UNIT') === '1.1') {
  const theirs = JSON.parse(await waitFor(() => told('1.2', 'files: ')))
  const temp = dirname(dirname(env('TEAM')))
  const results = {
    'reads its list': attempt(() => typeof board().phase),
    "reads the other's list": attempt(() => readFileSync(theirs.list, 'utf8')),
    "writes the other's list": attempt(() => writeFileSync(theirs.list, 'mine')),
    "writes the other's notes": attempt(() => appendFileSync(theirs.notes, 'as if I were it\n')),
    "reads the other's directory": attempt(() => readFileSync(join(theirs.cwd, 'routes.txt'), 'utf8')),
    "writes the other's directory": attempt(() => writeFileSync(join(theirs.cwd, 'routes.txt'), 'mine')),
    'sees files of others': attempt(
      () =>
        readdirSync(temp)
          .filter((name) => !env('TEAM').includes(name))
          .join(' ') || 'none',
    ),
    'puts a link in place of its list': attempt(() => {
      symlinkSync(join(process.env['VICTIM'] ?? homedir(), 'profile'), `${env('TEAM')}.link`)
      renameSync(`${env('TEAM')}.link`, env('TEAM'))
    }),
  }
  writeFileSync('store.txt', `${JSON.stringify(results, null, 2)}\n`)
  tell('tried')
  // Its list follows the team again.
  await waitFor(() => attempt(() => told('1.1', 'tried')))
  hand()
} else {
  writeFileSync('page.txt', 'page\n')
  hand()
}
