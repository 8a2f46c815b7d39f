/**
 * A team's members as programs, for tests with real processes: every call does what its prompt and its unit ask for, and nothing
 * is remembered between calls, so that a run that was killed comes to the same end.
 *
 * `1.2` plans something that the lead rejects once, `1.3` crashes until it is told that a worker got stuck, `1.1` tells a
 * discovery while it works, and `1.1` and `1.2` both write a file that the plan names for neither.
 */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

const FILES = { 1.1: 'store.txt', 1.2: 'routes.txt', 1.3: 'page.txt', 2.1: 'login.txt', 2.2: 'logout.txt' }

const env = (name) => process.env[`ORCHESTRATE_${name}`] ?? ''
const step = env('STEP')
const unit = env('UNIT')
const prompt = readFileSync(0, 'utf8')
await pause(Number(process.env['TEAM_DELAY_MS'] ?? 0))

const hand = (fields) =>
  writeFileSync(
    env('ARTIFACT'),
    JSON.stringify({ nonce: env('NONCE'), summary: `Did ${step} ${unit}.`, ...fields }),
  )

/** Whoever comes second finds the other's line there, or collides: the end is the same. */
function sign(file, line) {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []
  writeFileSync(file, `${[...new Set([...lines, line])].filter(Boolean).sort().join('\n')}\n`)
}

if (step === 'lead' && unit === '') {
  const verdicts = [...prompt.matchAll(/^## Plan for (\S+?): /gm)].map(([, id]) => {
    const bad = id === '1.2' && !prompt.includes('Second plan for 1.2')
    return { unit: id, approved: !bad, note: bad ? 'Say which function ends a session' : '' }
  })
  hand({ verdicts })
} else if (step === 'lead') {
  const nth = prompt.includes('## Why the lead rejected it') ? 'Second' : 'First'
  hand({ plan: `${nth} plan for ${unit}` })
} else if (step === 'implement') {
  // Where nobody leads it is a good worker.
  const isTeam = env('TEAM') !== ''
  if (isTeam && unit === '1.3' && !prompt.includes('## The worker before you got stuck')) process.exit(9)
  const file = FILES[unit] ?? `${unit || 'phase'}.txt`
  writeFileSync(file, `${unit}\n`)
  if (unit === '1.1' || unit === '1.2') sign('index.txt', unit)
  if (isTeam && unit === '1.1') appendFileSync(env('DISCOVERIES'), 'Sessions end by end(id)\n')
  hand({})
} else if (step === 'fix-p2') {
  const ids = [...prompt.matchAll(/"id": ?"([A-Z]\d+)"/g)].map(([, id]) => id)
  appendFileSync('store.txt', 'locked\n')
  hand({ dispositions: ids.map((finding) => ({ finding, disposition: 'fixed', note: 'store.txt:2' })) })
} else if (step === 'review-code' && env('PHASE') === '1') {
  const finding = { severity: 'P2', file: 'store.txt', line: 1, title: 'No lock', detail: 'Two may write.' }
  hand({ findings: [{ ...finding, recommendation: 'Lock it.' }] })
} else {
  hand({ findings: [] })
}
