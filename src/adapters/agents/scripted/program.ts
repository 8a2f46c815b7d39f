/**
 * The scripted agent: replays what a `scripted.json` says, as a process of its own like every agent. Bundled to
 * build/scripted-agent.js; it imports nothing but Node's own modules, since it starts once a step. The adapter has checked
 * the script against its schema before.
 */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { applyEdit, inside } from './edits.ts'
import { chooseEntry, entryByDefault, makeArtifact, type Call } from './play.ts'
import { askedIn } from './prompt.ts'
import type { Script } from './script.ts'

function variable(name: string): string {
  const value = process.env[name]
  if (value === undefined) fail(`${name} is not set: this program is started by Orchestrate, not by hand`)
  return value
}

function fail(message: string): never {
  process.stderr.write(`scripted agent: ${message}\n`)
  process.exit(1)
}

const root = process.cwd()
const call: Call = {
  phase: variable('ORCHESTRATE_PHASE'),
  step: variable('ORCHESTRATE_STEP'),
  unit: variable('ORCHESTRATE_UNIT'),
  attempt: Number(variable('ORCHESTRATE_ATTEMPT')),
  nonce: variable('ORCHESTRATE_NONCE'),
}
const script = JSON.parse(readFileSync(variable('ORCHESTRATE_SCRIPT'), 'utf8')) as Script

const read = (path: string): string | undefined => {
  const file = inside(root, path)
  return file !== undefined && existsSync(file) && statSync(file).isFile()
    ? readFileSync(file, 'utf8')
    : undefined
}
const entry = chooseEntry(script, call, read) ?? entryByDefault(call.step)
if (entry === undefined) {
  const unit = call.unit === '' ? '' : `, unit ${call.unit}`
  fail(
    `the script has no entry for phase ${call.phase}, step ${call.step}${unit} (attempt ${call.attempt}) that fits the working directory`,
  )
}

if (entry.delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, entry.delayMs))
for (const edit of entry.edits ?? []) {
  const problem = applyEdit(root, edit)
  if (problem !== undefined) fail(problem)
}
if (entry.output !== undefined) process.stdout.write(entry.output)
if (entry.artifact !== false) {
  const artifact =
    entry.artifact ?? JSON.stringify(makeArtifact(entry, call, askedIn(readFileSync(0, 'utf8'))))
  writeFileSync(variable('ORCHESTRATE_ARTIFACT'), artifact)
}
process.exitCode = entry.exit ?? 0
