import { join } from 'node:path'
import { askedIn } from '../src/adapters/agents/scripted/prompt.ts'
import type { AgentRequest } from '../src/core/ports.ts'
import { atMost, type Bench, type BenchOptions, type Row, told } from './support/bench.ts'
import { inTemp, makeRepository } from './support/place.ts'
import { projectFiles, specPlan } from './support/plan.ts'
import { longestRepeat } from './support/repeats.ts'
import { runInProcess, type Answer } from './support/in-process.ts'

/** Text that stands twice in one prompt counts from here on: shorter ones are paths, ids, phrases. */
const REPEAT_BYTES = 200
const KILOBYTE = 1024

/** How often an agent is called for a phase of two specs, and what it is sent. */
export const calls: Bench = {
  name: 'calls',
  about: 'agent calls for a phase of two specs, and what their prompts are made of',
  run: (options) =>
    inTemp(async (dir) => {
      const clean = await requestsOf(join(dir, 'clean'), () => [])
      const found = await requestsOf(join(dir, 'found'), findings)
      const all = [...clean, ...found]
      print(found, options)
      return [
        atMost('calls of a clean phase', 5, clean.length),
        atMost('calls of a phase with findings P0 to P3', 9, found.length),
        ...promptRows(all),
      ]
    }),
}

async function requestsOf(dir: string, find: (step: string) => object[]): Promise<AgentRequest[]> {
  const repository = makeRepository(dir, {
    ...projectFiles(),
    ...specPlan(['alpha', 'beta']),
    'CLAUDE.md': '# Conventions\n',
  })
  const answer: Answer = (request) => {
    const { step, unit } = request
    if (step === 'implement')
      return { files: { [`src/${unit}.ts`]: `export const ${unit} = 1\n` }, artifact: {} }
    if (!step.startsWith('fix-')) return { files: {}, artifact: { findings: find(step) } }
    const dispositions = askedIn(request.prompt.user).findings.map(({ id }) => ({
      finding: id,
      disposition: 'fixed',
      note: 'Done.',
    }))
    return { files: { 'src/alpha.ts': `export const alpha = '${step}'\n` }, artifact: { dispositions } }
  }
  return await runInProcess(repository, answer)
}

/** One of each severity, from the three reviews. */
function findings(step: string): object[] {
  const one = (severity: string): object => ({
    severity,
    file: 'src/alpha.ts',
    line: 1,
    title: `${severity} of ${step}: the value is wrong`,
    detail: 'The caller gets 1 where the spec asks for the sum, so every report that uses it is off.',
    recommendation: 'Compute it from the entries.',
  })
  if (step === 'review-test') return [one('P0'), one('P2')]
  if (step === 'review-code') return [one('P1')]
  return step === 'review-perf' ? [one('P3')] : []
}

function promptRows(requests: AgentRequest[]): Row[] {
  const roles = new Map<string, Set<string>>()
  for (const { step, prompt } of requests) roles.set(step, (roles.get(step) ?? new Set()).add(prompt.system))
  const differing = [...roles].filter(([, texts]) => texts.size > 1).map(([step]) => step)
  const repeats = requests.map(({ step, prompt }) => ({
    step,
    text: longestRepeat(`${prompt.system}\n\n${prompt.user}`),
  }))
  const worst = repeats.reduce((a, b) => (b.text.length > a.text.length ? b : a))
  const late = requests.filter(({ prompt }) => partsOf(prompt)[0]?.name !== 'static').map(({ step }) => step)
  const totals = requests.map(({ prompt }) => Buffer.byteLength(prompt.system + prompt.user))
  return [
    check('static part first and byte-identical for all calls of a role', [...differing, ...late]),
    atMost(
      `longest block of lines that one prompt says twice, bytes (${worst.step})`,
      REPEAT_BYTES,
      Buffer.byteLength(worst.text),
    ),
    told('largest prompt', `${(Math.max(...totals) / KILOBYTE).toFixed(1)} KiB`),
  ]
}

const check = (measured: string, wrong: string[]): Row => ({
  measured,
  target: { text: 'all', met: wrong.length === 0 },
  result: wrong.length === 0 ? 'all' : `not ${[...new Set(wrong)].join(', ')}`,
})

type Parts = { name: string; bytes: number }[]

/** `renderPrompt` gives the sizes along with the texts. */
function partsOf(prompt: AgentRequest['prompt']): Parts {
  return 'parts' in prompt ? (prompt.parts as Parts) : []
}

function print(requests: AgentRequest[], { say }: BenchOptions): void {
  say('bytes of each prompt by part:')
  for (const { step, unit, prompt } of requests) {
    const parts = partsOf(prompt).map(({ name, bytes }) => `${name} ${bytes}`)
    const name = unit === '' ? step : `${step} ${unit}`
    say(`  ${name.padEnd(16)} ${parts.join(' · ')}`)
  }
}
