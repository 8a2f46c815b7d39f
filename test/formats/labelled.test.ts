import { describe, expect, test } from '@jest/globals'
import type { Phase } from '../../src/core/model/plan.ts'
import { FORMAT_PLANS, formatPlan } from './fixtures.ts'
import { bareOf } from './marks.ts'
import { readIn } from './memory-plan.ts'
import { writeBackFaults } from './write-back.ts'

const STATUS: Record<string, string> = { completed: 'done', in_progress: 'in-progress', skipped: 'cancelled' }

const seen = (phase: Phase) => ({
  id: phase.id,
  title: phase.title,
  status: STATUS[phase.status] ?? phase.status,
  tasks: phase.tasks.length,
  dependsOn: [...phase.dependsOn],
  optional: phase.tasks.filter(({ optional }) => optional).length,
})

describe.each(FORMAT_PLANS)('%s', (name) => {
  const { files, path, labels } = formatPlan(name)

  test('reads as people read it', async () => {
    const { mode, plan, failures } = await readIn(files, path)
    expect([mode, failures]).toEqual([labels.format, []])
    expect(plan?.phases.map(seen)).toEqual(
      labels.phases.map(({ id, title, status, taskCount, dependsOn, optionalTasks = 0 }) => ({
        id,
        title,
        status,
        tasks: taskCount,
        dependsOn,
        optional: optionalTasks,
      })),
    )
  })

  test('each phase is written back in its own way, and nothing else changes', async () => {
    expect(await writeBackFaults(files, path, bareOf(labels.format))).toEqual([])
  })
})
