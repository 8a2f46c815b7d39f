import { expect, test } from '@jest/globals'
import { parseTaskFile } from '../../../src/core/ingest/formats/task-master-json.ts'
import { ingest } from '../../../src/core/ingest/ingest.ts'
import { memorySource } from './memory-source.ts'

test.each([
  ['arrays', '\n\n['.repeat(100_000)],
  ['objects', `\n\n${'{"a":\n'.repeat(100_000)}1`],
])('JSON of %s nested without end is told with its line, and crashes nobody', (_name, json) => {
  const { tags, broken } = parseTaskFile(json)
  expect(tags).toEqual([])
  expect(broken?.line).toBeGreaterThan(100)
})

test('phases that all wait for all before them are read as far as an order can be kept, and the rest is told', async () => {
  const phases = Array.from(
    { length: 1_100 },
    (_, n) => `## Phase ${n + 1}: A\nDepends on: all previous phases\n`,
  )
  const { plan, diagnostics } = await ingest(memorySource({ 'task_plan.md': phases.join('') }))
  expect(plan?.phases[10]?.dependsOn).toHaveLength(10)
  expect(diagnostics.filter(({ rule }) => rule === 'too-many-dependencies')).toMatchObject([
    { severity: 'error' },
  ])
})
