import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { GateWorld } from '../../local-github/world.ts'
import { isOptional } from '../../src/core/model/optional-tasks.ts'
import { pathFromRoot } from '../../src/core/model/plan-path.ts'
import { RUN_PLANS, runPlan } from '../formats/fixtures.ts'
import { bare, planOf } from '../formats/read-plan.ts'
import { eventsOf, onlyRun, openPlan, ourComment, say, thingWorld, verifyInClone } from '../github/support.ts'

/** An agent that writes a file for each step that edits, named after what it works on. */
const AGENT = `node -e "
const { appendFileSync, writeFileSync } = require('node:fs');
const { ORCHESTRATE_STEP: step, ORCHESTRATE_PHASE: phase, ORCHESTRATE_UNIT: unit, ORCHESTRATE_NONCE: nonce } = process.env;
const edits = step === 'implement' || step.startsWith('fix-');
if (edits) appendFileSync('done-' + phase + '-' + unit + '.txt', step);
const answer = edits ? { nonce, summary: 'Done.' } : { nonce, summary: 'Looked.', findings: [] };
writeFileSync(process.env.ORCHESTRATE_ARTIFACT, JSON.stringify(answer));
"`

describe.each(RUN_PLANS)('a pull request with a plan of %s', (format) => {
  let world: GateWorld
  beforeAll(async () => {
    world = await thingWorld({ app: false, command: JSON.stringify(AGENT.replaceAll('\n', ' ')) })
  })
  afterAll(() => world.close())

  test('is gated by its label, run by its approval, and landed with its statuses', async () => {
    const { files, path } = runPlan(format)
    const plan = await planOf(files, path)
    const { pull, head } = await openPlan(world, { ...files })
    const shown = (await ourComment(world, pull)).body
    for (const { title } of plan.phases) expect(shown).toContain(title.split(/[^\p{L}\p{N} ]/u)[0])
    expect(shown).not.toContain('.md/')

    await say(world, 'maintainer', pull, `/approve ${head}`)

    const run = await onlyRun(world)
    const merged = (await eventsOf(world, run)).filter((event) => event.startsWith('phase-merged'))
    const wanted = plan.phases.filter((phase) => !isOptional(phase))
    expect(merged).toEqual(wanted.map(({ id }) => `phase-merged ${id}`))
    const index = pathFromRoot(plan.dir, plan.index)
    const text = await world.git('show', `refs/heads/plan:${index}`)
    const before = String(files[index])
    expect(bare(text).trim()).toBe(bare(before).trim())
    const after = await planOf({ ...files, [index]: `${text}\n` }, path)
    expect(after.phases.map(({ status }) => status)).toEqual(
      plan.phases.map((phase) => (isOptional(phase) ? phase.status : 'completed')),
    )
    expect(after.digest).toBe(plan.digest)
    expect((await ourComment(world, pull)).body).toContain('Landed')
    expect(await verifyInClone(world, run)).toMatchObject({ code: 0 })
  }, 240_000)
})
