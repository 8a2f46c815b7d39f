import { describe, expect, test } from '@jest/globals'
import { ingest } from '../../src/core/ingest/ingest.ts'
import { proposeRevision } from '../../src/core/pipeline/revise.ts'
import { memorySource } from '../core/ingest/memory-source.ts'

async function propose(text: string) {
  const source = memorySource({ 'task_plan.md': text })
  const { plan } = await ingest(source)
  if (plan === undefined) throw new Error('no plan')
  return await proposeRevision(source, plan)
}
const tasks = (lines: string[]): string => lines.map((line) => `${line}\n`).join('')

describe('a revision of a plan', () => {
  test('is offered where it reads back as the same tasks', async () => {
    const proposed = await propose(
      `# Plan\n\n## Phase 1: Core\n\n${tasks([1, 2, 3, 4, 5, 6].map((n) => `- [ ] Write number ${n}`))}`,
    )
    expect(proposed.ok && proposed.value.changes).toHaveLength(1)
  })

  test('is refused where what waits for the phase names it in a range', async () => {
    const six = tasks([1, 2, 3, 4, 5, 6].map((n) => `- [ ] Write number ${n}`))
    const proposed = await propose(
      `# Plan\n\n## Phase 1: Core\n- [ ] Start\n\n## Phase 2: Rest\n\n${six}\n## Phase 3: End\n**Depends on:** Phase 1-2\n- [ ] End\n`,
    )
    expect(proposed).toEqual({
      ok: false,
      error: [expect.objectContaining({ reason: 'refused', hint: expect.stringContaining('by hand') })],
    })
  })
})
