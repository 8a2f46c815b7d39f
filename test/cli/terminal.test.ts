import { afterAll, afterEach, describe, expect, test } from '@jest/globals'
import { git, repository, TempDirs } from '../support/cli.ts'
import { CTRL_C, DOWN, ENTER, Terminal } from '../support/terminal.ts'
import { PLAN_FILES } from './plan.ts'

const dirs = new TempDirs()
afterAll(dirs.remove)

const project = async (files: Record<string, string> = {}) =>
  repository(await dirs.make(), { ...PLAN_FILES, ...files })
const RUN = ['run', 'plan', '--agent', 'scripted']
/** An agent that does nothing at its first step. */
const NOTHING = JSON.stringify({ steps: [{ phase: '1', step: 'verify' }] })
const opened: Terminal[] = []
const open = (cwd: string, args: string[]): Terminal => {
  const terminal = new Terminal(args, { cwd })
  opened.push(terminal)
  return terminal
}
afterEach(() => opened.splice(0).forEach((terminal) => terminal.close()))
const refs = (root: string) => git(root, 'for-each-ref', '--format=%(refname)')

describe('the gate in a terminal', () => {
  test('shows the plan, asks, and Enter runs what stands there, watched live, to the summary', async () => {
    const cwd = await project()
    const terminal = open(cwd, RUN)
    await terminal.until(/Run it\?[\s\S]*Stop here/)
    expect(terminal.text).toMatch(
      /(^|\n)Execution plan · Two files\n[\s\S]*\n1 {2}First file .*\n2 {2}Second file /,
    )
    expect(terminal.text).toContain('❯ Run what stands here')
    expect(await refs(cwd)).toBe('refs/heads/main')
    terminal.type(ENTER)
    // A frame of the live view: phases with their states, redrawn in place.
    await terminal.until(/○ 2 +Second file +after 1/)
    await terminal.until(/✔ 1 +First file .*merged/)
    expect(await terminal.ended()).toBe(0)
    expect(terminal.text).toMatch(
      /✔ 2 +Second file .*merged[\s\S]*\nRun (plan-[0-9a-f]{4}): landed\n#[\s\S]*\nNext\n/,
    )
    expect(terminal.raw).toContain('\u001b[?25l')
    expect(terminal.cursor).toBe(true)
    expect(await git(cwd, 'ls-tree', '--name-only', 'main')).toMatch(/^\.claude\na\.txt\nb\.txt\nplan$/)
  })

  test('stops where it is told to, and nothing was done', async () => {
    const cwd = await project()
    const terminal = open(cwd, RUN)
    await terminal.until(/Run it\?[\s\S]*Stop here/)
    terminal.type(DOWN + DOWN + DOWN)
    await terminal.until(/❯ Stop here/)
    terminal.type(ENTER)
    expect(await terminal.ended()).toBe(3)
    expect(terminal.text).toMatch(/stopped: Stopped at the gate\.\n {2}hint: Nothing was run\.\n$/)
    expect(terminal.cursor).toBe(true)
    expect(await refs(cwd)).toBe('refs/heads/main')
  })

  test('Ctrl-C at the question leaves it, with the cursor back', async () => {
    const cwd = await project()
    const terminal = open(cwd, RUN)
    await terminal.until(/Run it\?[\s\S]*Stop here/)
    terminal.type(CTRL_C)
    expect(await terminal.ended()).toBe(1)
    expect(terminal.text).toMatch(/error: Stopped at the gate\.\n {2}hint: Nothing was run\.\n$/)
    expect(terminal.cursor).toBe(true)
    expect(await refs(cwd)).toBe('refs/heads/main')
  })
})

describe('a run in a terminal', () => {
  test('Ctrl-C ends the agents, says how to go on, and gives the cursor back', async () => {
    const cwd = await project({
      'agent.mjs': 'process.stdout.write("at work\\n")\nsetInterval(() => {}, 60_000)\n',
    })
    const agent = `${process.execPath} agent.mjs`
    const terminal = open(cwd, ['run', 'plan', '--agent-command', agent, '--yes'])
    await terminal.until(/implement 1\.1 .*at work/)
    expect(terminal.cursor).toBe(false)
    terminal.type(CTRL_C)
    expect(await terminal.ended()).toBe(1)
    expect(terminal.text).toContain(
      'Stopping: agents are ended, nothing recorded is lost. Once more to stop at once.',
    )
    expect(terminal.text).toMatch(
      /\n1 {2}First file +paused[\s\S]*error: Run (plan-[0-9a-f]{4}) was interrupted\.\n {2}hint: `orchestrate resume \1` goes on from the last recorded step\.\n$/,
    )
    expect(terminal.cursor).toBe(true)
  })

  test('a phase that stopped asks what to do, and skipping it goes on', async () => {
    const cwd = await project({ 'plan/scripted.json': NOTHING })
    const terminal = open(cwd, [...RUN, '--yes'])
    await terminal.until(/Phase 1 needs you\. What now\?[\s\S]*Leave it for now/)
    expect(terminal.text).toContain(
      'The agent of implement failed: the scripted agent ended with exit code 1.\n',
    )
    terminal.type(DOWN + DOWN + DOWN)
    await terminal.until(/❯ Skip the phase/)
    terminal.type(ENTER)
    await terminal.until(/Phase 2 needs you\. What now\?[\s\S]*Leave it for now/)
    terminal.type(DOWN + DOWN + DOWN + DOWN + DOWN)
    await terminal.until(/❯ Leave it for now/)
    terminal.type(ENTER)
    expect(await terminal.ended()).toBe(3)
    expect(terminal.text).toMatch(/\n1 {2}First file +skipped[\s\S]*\n2 {2}Second file +needs-input/)
    expect(terminal.cursor).toBe(true)
  })
})
