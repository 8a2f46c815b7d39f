/** A team in cages: the task list on disk is everybody's to read and nobody's to change for others. */
import { expect, test } from '@jest/globals'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { orchestrate, packageRoot } from '../support/cli.ts'
import { tempDir, tempRepo } from '../support/git.ts'
import { taskPlan, workflow } from '../support/plans.ts'

test('members of a team share what they tell, and reach nothing else of each other', async () => {
  const repo = tempRepo()
  const outside = tempDir()
  writeFileSync(join(outside, 'profile'), 'of a person\n')
  const tasks = ['store', 'routes', 'page'].map((name) => `Write the ${name} in \`${name}.txt\``)
  repo.commit({ 'plan/task_plan.md': taskPlan([{ id: '1', tasks }]), 'plan/workflow.md': workflow() }, 'Plan')
  const program = join(packageRoot, 'test', 'support', 'cage-member.mjs')
  const command = `VICTIM="${outside}" "${process.execPath}" "${program}"`
  const args = ['--agent', 'command', '--agent-command', command, '--sandbox', 'required', '--team', '--yes']
  const { code, stderr } = await orchestrate(repo.path, ['run', 'plan', ...args])
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })

  const results = JSON.parse(repo.git('show', 'main:store.txt')) as Record<string, string>
  expect(results).toEqual({
    'reads its list': 'string',
    "reads the other's list": 'ENOENT',
    "writes the other's list": 'ENOENT',
    "writes the other's notes": 'ENOENT',
    "reads the other's directory": 'ENOENT',
    "writes the other's directory": 'ENOENT',
    'sees files of others': 'none',
    'puts a link in place of its list': 'done',
  })
  // the other told what it found while it worked; it may have ended since
  const [other, own] = repo.git('show', 'main:routes.txt').split('\n')
  expect(other).toMatch(/^1\.1 (?:working|done)$/)
  expect(own).toBe('1.2 working')
  expect(readFileSync(join(outside, 'profile'), 'utf8')).toBe('of a person\n')
  const run = repo.git('for-each-ref', '--format=%(refname)', 'refs/orchestrate/*/phase/**')
  expect(repo.git('show', `${run.split('\n')[0] ?? ''}:artifacts/team-log.md`)).toContain(
    '1.1 found out, told to all: tried',
  )
}, 180_000)
