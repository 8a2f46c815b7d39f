/**
 * npm run bench:prompts
 *
 * Runs the real Claude Code against a scripted model through the gateway, twice for each kind of step with another phase, directory and
 * nonce, and reads the gateway's raw request log: whether tools and system prompt are the same bytes in every request of a role, so that the
 * provider's cache keeps them, and how large a request is before the task's own text. Exit code 1 where either is not as it should be.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { claudeAdapter } from '../src/adapters/agents/claude.ts'
import { modelEndpoints } from '../src/adapters/agents/endpoints.ts'
import { openAgent } from '../src/adapters/agents/run-agent.ts'
import type { CallRecord } from '../src/adapters/gateway/handle.ts'
import { startGateway } from '../src/adapters/gateway/start-gateway.ts'
import type { PromptStep } from '../src/core/execute/prompts/context.ts'
import { renderPrompt } from '../src/core/execute/prompts/render.ts'
import { WORKER_AGENTS } from '../src/core/execute/prompts/team.ts'
import { artifactSchema } from '../src/core/execute/schemas.ts'
import { READ_ONLY_STEPS } from '../src/core/model/step.ts'
import { startScriptedModel } from '../test/support/scripted-model.ts'
import { prefixOf, sizeBefore } from './support/raw-requests.ts'

/** Bytes of a request before the task's own text: what every call pays for. */
const MOST_BYTES = 15_000
/** A lead that starts workers by itself carries the program's own account of how that is done: 6 kB that are not ours. */
const MOST_BYTES_OF_LEAD = 21_000

/** Steps by the role whose prompt they have. */
const ROLES: Record<string, PromptStep[]> = {
  implement: ['implement'],
  'fix-build': ['fix-build'],
  'fix-test': ['fix-test'],
  'review-test': ['review-test'],
  'review-code': ['review-code'],
  'review-perf': ['review-perf'],
  fix: ['fix-p0p1', 'fix-p2', 'fix-p3'],
  verify: ['verify'],
  docs: ['resolve-docs'],
  phase: ['phase'],
  lead: ['lead'],
}

const binary = process.env['BENCH_CLAUDE']
if (binary === undefined) throw new Error('BENCH_CLAUDE names no program')
const root = mkdtempSync(join(tmpdir(), 'bench-prompts-'))
const records: CallRecord[] = []
// Whatever it is asked, the model has nothing to say: the first request of a call is what is measured.
const model = await startScriptedModel(() => ({ text: 'Nothing.' }))
const gateway = await startGateway({
  endpoints: modelEndpoints({ ANTHROPIC_BASE_URL: model.url, ANTHROPIC_API_KEY: 'no-key' }),
  now: () => Date.now(),
  random: () => 0,
  log: (record) => records.push(record),
})
const agent = openAgent(
  claudeAdapter({ env: process.env, tmpDir: root, apiKey: 'no-key', binary, maxRetries: 0 }),
  { env: process.env, tmpDir: root, gateway },
  { baseUrl: undefined, apiKey: undefined },
)

async function call(
  step: PromptStep,
  nth: number,
): Promise<{ prefix: string; before: number; whole: number }> {
  const cwd = join(root, `${step}-${nth}`)
  mkdirSync(cwd)
  const nonce = String(nth).repeat(32)
  const at = { run: `run-${nth}`, attempt: nth, nonce }
  const phase = { id: String(nth), title: `Part ${nth}`, text: `Write part ${nth}.\n`.repeat(20 * nth) }
  const prompt = await renderPrompt({ step, ...at, phase })
  if (!prompt.ok) throw new Error(`no prompt for ${step}`)
  const access: 'read-only' | 'edit' = READ_ONLY_STEPS.includes(step) ? 'read-only' : 'edit'
  const from = records.length
  const request = {
    ...{ ...at, phase: phase.id, step, unit: '', cwd, model: 'sonnet', access, schema: artifactSchema(step) },
    prompt: { system: prompt.value.system, user: prompt.value.user },
    ...(step === 'lead' ? { workers: WORKER_AGENTS } : {}),
    limits: { wallMs: 120_000, extraMs: 0, idleMs: 120_000 },
  } as const
  await agent.run(request, new AbortController().signal, () => {})
  const first = records.slice(from).find(({ path }) => path === '/v1/messages')
  if (first === undefined) throw new Error(`${step} asked nothing of its model`)
  return {
    prefix: prefixOf(first.body),
    before: sizeBefore(first.body, prompt.value.user),
    whole: first.body.length,
  }
}

let failed = 0
try {
  process.stdout.write('role         steps                     prefix     before the task   request\n')
  for (const [role, steps] of Object.entries(ROLES)) {
    const calls = []
    for (const step of steps) for (const nth of [1, 2]) calls.push(await call(step, nth))
    const same = new Set(calls.map(({ prefix }) => prefix)).size === 1
    const before = Math.max(...calls.map((one) => one.before))
    const whole = Math.max(...calls.map((one) => one.whole))
    const isSmall = before <= (role === 'lead' ? MOST_BYTES_OF_LEAD : MOST_BYTES)
    failed += same && isSmall ? 0 : 1
    process.stdout.write(
      `${role.padEnd(12)} ${steps.join(', ').padEnd(25)} ${same ? 'identical ' : 'DIFFERENT '} ${String(before).padStart(8)} bytes${isSmall ? '   ' : ' !!'} ${String(whole).padStart(8)} bytes\n`,
    )
  }
} finally {
  await gateway.close()
  await model.close()
  rmSync(root, { recursive: true, force: true })
}
process.stdout.write(
  failed === 0
    ? `Every role has one prefix, and at most ${MOST_BYTES} bytes before the task (a lead with workers of its own: ${MOST_BYTES_OF_LEAD}).\n`
    : `${failed} roles are not as they should be.\n`,
)
process.exitCode = failed === 0 ? 0 : 1
