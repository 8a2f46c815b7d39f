/**
 * An agent for plans of any format: it writes a file for each step that edits, named after what it works on, and finds nothing.
 * What it was asked stays in the folder that its argument names, a file for each call.
 */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const {
  ORCHESTRATE_STEP: step = '',
  ORCHESTRATE_PHASE: phase = '',
  ORCHESTRATE_UNIT: unit = '',
  ORCHESTRATE_NONCE: nonce,
  ORCHESTRATE_ARTIFACT: artifact = '',
} = process.env
const prompt = readFileSync(0, 'utf8')
const edits = step === 'implement' || step.startsWith('fix-')
const asked = process.argv[2]
if (asked !== undefined)
  writeFileSync(join(asked, `${step}_${phase}_${unit}.json`), JSON.stringify({ step, phase, unit, prompt }))
if (edits) appendFileSync(`done-${phase}-${unit}.txt`, `${step}\n`)
const answer = edits ? { nonce, summary: 'Done.' } : { nonce, summary: 'Looked.', findings: [] }
writeFileSync(artifact, JSON.stringify(answer))
