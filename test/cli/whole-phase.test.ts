import { afterAll, expect, test } from '@jest/globals'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { specPlan } from '../support/plans.ts'
import { git, orchestrate, repository, TempDirs } from '../support/cli.ts'

const dirs = new TempDirs()
afterAll(dirs.remove)

const CRITERIA = JSON.stringify(
  ['alpha/REQ-1', 'alpha/AC-1', 'beta/REQ-1', 'beta/AC-1'].map((id) => ({
    id,
    met: true,
    evidence: 'alpha.txt:1',
  })),
)

/** Does `alpha` and says that all is done and reviewed; `beta` only where it is told to. */
const AGENT = `cat >/dev/null
echo "$ORCHESTRATE_STEP" >>"$LOG"
reviews='{"kind":"test","summary":"","findings":[]},{"kind":"code","summary":"","findings":[]},{"kind":"perf","summary":"","findings":[]}'
if [ "$ORCHESTRATE_STEP" = phase ]; then
  echo a >alpha.txt
  [ -e "$GOOD" ] && echo b >beta.txt
fi
criteria='${CRITERIA}'
printf '{"nonce":"%s","summary":"All done.","reviews":[%s],"criteria":%s,"findings":[]}' \\
  "$ORCHESTRATE_NONCE" "$reviews" "$criteria" >"$ORCHESTRATE_ARTIFACT"
`

test('--no-subprocess: what one agent leaves out twice is named, and stops the phase', async () => {
  const plan = specPlan(
    ['alpha', 'beta'].map((name) => ({ name, phase: 1, sprint: 1, files: [`${name}.txt`] })),
  )
  const files = Object.fromEntries(Object.entries(plan).map(([path, text]) => [`plan/${path}`, text]))
  const root = await repository(await dirs.make(), files)
  const dir = await dirs.make()
  writeFileSync(join(dir, 'agent.sh'), AGENT)
  const [log, good] = [join(dir, 'log'), join(dir, 'good')]
  const command = `LOG="${log}" GOOD="${good}" sh "${join(dir, 'agent.sh')}"`
  const flags = [
    '--agent',
    'command',
    '--agent-command',
    command,
    '--sandbox',
    'off',
    '--no-subprocess',
    '--yes',
  ]
  const calls = (): string[] => readFileSync(log, 'utf8').trim().split('\n')

  const stopped = await orchestrate(root, ['run', 'plan', ...flags])
  expect(stopped.code).toBe(3)
  expect(stopped.stderr).toMatch(
    /The agent left out a part of the phase, and did so again when it was sent back:\s+Spec beta was not done: there is no beta\.txt\.\s/,
  )
  expect(stopped.stderr).not.toContain('Spec alpha')
  expect(calls()).toEqual(['phase', 'phase'])

  // What was done is kept. What it said of its reviews was said of half of the work.
  writeFileSync(good, '')
  const { code, stderr } = await orchestrate(root, ['resume'])
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
  expect(calls().slice(2)).toEqual(['phase'])
  expect(await git(root, 'show', 'main:alpha.txt', 'main:beta.txt')).toBe('a\nb')
}, 60_000)
