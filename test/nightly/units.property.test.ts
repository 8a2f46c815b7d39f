/** Units that run beside each other, in every shape: real directories, real git, agents that write what they like. */
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { answerWell, type FakeCall } from '../support/fake-agent.ts'
import { specPlan } from '../support/plans.ts'
import { type RunRig, runRig } from '../support/run-rig.ts'

const POOL = ['a.txt', 'b.txt', 'c.txt', 'd.txt', 'e.txt']
const some = fc.uniqueArray(fc.constantFrom(...POOL), { minLength: 1, maxLength: 2 })

/** What the plan says of a unit, and what its agent writes whatever the plan says. */
const units = fc
  .array(fc.record({ files: some, writes: some, after: fc.nat({ max: 3 }), waits: fc.boolean() }), {
    minLength: 2,
    maxLength: 5,
  })
  .map((drawn) =>
    drawn.map((unit, i) => ({
      ...{ name: `u${i}`, files: unit.files, writes: unit.writes },
      after: unit.waits && i > 0 ? [`u${unit.after % i}`] : [],
    })),
  )

test('one file is never written by two at one time as the plan has it, order is kept, and no line is lost', async () => {
  await fc.assert(
    fc.asyncProperty(units, async (drawn) => {
      const of = (name: string) => drawn.find((unit) => unit.name === name)
      const working = new Set<string>()
      const problems: string[] = []
      const committed = new Set<string>()
      const rig: RunRig = await runRig({
        plan: specPlan(
          drawn.map(({ name, files, after }) => ({
            ...{ name, phase: 1, sprint: 1, files },
            dependsOn: after,
          })),
        ),
        config: { maxParallel: 3, dispatch: 'classic' },
        answer: async (call: FakeCall) => {
          if (call.step !== 'implement') return await answerWell(call)
          const unit = of(call.unit)
          for (const event of rig.events)
            if (event.type === 'commit') committed.add(/: (u\d)/.exec(event.subject)?.[1] ?? '')
          for (const before of unit?.after ?? [])
            if (!committed.has(before)) problems.push(`${call.unit} begins before ${before} is done`)
          for (const other of working) {
            const both = of(other)?.files.filter((file) => unit?.files.includes(file)) ?? []
            if (both.length > 0) problems.push(`${call.unit} and ${other} both have ${both.join()}`)
          }
          working.add(call.unit)
          for (const file of unit?.writes ?? []) {
            const path = join(call.cwd, file)
            const there = existsSync(path) ? readFileSync(path, 'utf8') : ''
            await call.write({ [file]: `${there}${call.unit}\n` })
          }
          // Whoever runs beside it has begun by then, if anybody does.
          await new Promise((go) => setTimeout(go, 20))
          working.delete(call.unit)
          await call.finish()
        },
      })
      const ended = await rig.run()
      expect(ended.failures).toEqual([])
      expect(problems).toEqual([])
      for (const file of POOL) {
        const wrote = drawn.filter(({ writes }) => writes.includes(file)).map(({ name }) => name)
        const lines = wrote.length === 0 ? [] : rig.repo.git('show', `main:${file}`).split('\n')
        expect([file, ...lines.toSorted()]).toEqual([file, ...wrote])
      }
      const subjects = rig.repo.git('log', '--no-merges', '--format=%s', 'main^1..main^2').split('\n')
      expect(subjects.map((subject) => /: (u\d)/.exec(subject)?.[1]).toSorted()).toEqual(
        drawn.map(({ name }) => name),
      )
      expect(rig.repo.git('worktree', 'list').split('\n')).toHaveLength(1)
      await rig.verify()
    }),
    { numRuns: 25 },
  )
}, 300_000)
