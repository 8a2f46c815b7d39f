import { afterAll, describe, expect, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, readdir, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { binary, git, orchestrate, repository, run, TempDirs, writeFiles } from '../support/cli.ts'
import { MANIFEST, PLAN_FILES, SCRIPT, TASK_PLAN } from './plan.ts'

const dirs = new TempDirs()
afterAll(dirs.remove)

const project = async (files: Record<string, string> = PLAN_FILES) => repository(await dirs.make(), files)
const RUN = ['run', 'plan', '--agent', 'scripted', '--yes']
const scripted = { 'plan/scripted.json': SCRIPT }

/** Everything that a run could leave behind: branches and other refs, HEAD, worktrees, changed files, files of its own in .git. */
async function traces(root: string): Promise<Record<string, unknown>> {
  const bare = (await git(root, 'rev-parse', '--is-bare-repository')) === 'true'
  const inGit = await readdir(await git(root, 'rev-parse', '--absolute-git-dir'), { recursive: true })
  return {
    refs: await git(root, 'for-each-ref'),
    head: await readFile(join(await git(root, 'rev-parse', '--absolute-git-dir'), 'HEAD'), 'utf8'),
    worktrees: await git(root, 'worktree', 'list'),
    status: bare ? '' : await git(root, 'status', '--porcelain', '--ignored'),
    inGit: inGit.sort(),
    files: (await readdir(root)).sort(),
  }
}

/** Where a program lies. */
const which = async (name: string): Promise<string> =>
  name === 'node'
    ? process.execPath
    : (await run('sh', ['-c', 'command -v "$1"', 'sh', name], { cwd: '/' })).stdout.trim()

/** The command is refused with exit code 2 and this text, and nothing was done. */
async function refused(
  root: string,
  args: readonly string[],
  stderr: string,
  options: Parameters<typeof orchestrate>[2] = {},
): Promise<void> {
  const before = await traces(root)
  expect(await orchestrate(root, args, options)).toEqual({ code: 2, stdout: '', stderr })
  expect(await traces(root)).toEqual(before)
}

describe('a plan that cannot be run', () => {
  test('no such directory', async () => {
    const root = await project()
    await refused(
      root,
      ['run', 'nowhere', '--agent', 'scripted', '--yes'],
      `error: ${root}/nowhere does not exist.\n  hint: Name the directory or the file of the plan.\n`,
    )
  })

  test('neither index file', async () => {
    const root = await project({ ...scripted, 'plan/notes.md': 'x' })
    await refused(
      root,
      RUN,
      `error: ${root}/plan holds neither manifest.md nor task_plan.md, nor a plan of another planner.\n` +
        '  hint: Name the plan\'s directory or file, or write a task_plan.md with sections such as "## Phase 1: Title".\n',
    )
  })

  test('both index files', async () => {
    const root = await project({ ...PLAN_FILES, 'plan/manifest.md': MANIFEST })
    await refused(
      root,
      RUN,
      `error: ${root}/plan holds two plans: manifest.md with 1 phase and task_plan.md with 2 phases.\n` +
        '  at task_plan.md:3\n  hint: Move or remove one of them; manifest.md is what would run.\n',
    )
  })

  test('an empty plan', async () => {
    const root = await project({ ...scripted, 'plan/task_plan.md': '# Later\n' })
    await refused(
      root,
      RUN,
      `error: ${root}/plan/task_plan.md names no phase.\n  at task_plan.md:1\n` +
        '  hint: Put the tasks below headings such as "## Phase 1: Title".\n',
    )
  })

  test('a phase that does not exist', async () => {
    await refused(
      await project(),
      [...RUN, '--phase', '9'],
      'error: The plan has no phase 9.\n  hint: Its phases: 1, 2.\n',
    )
  })

  test('an invalid workflow.md, everything at once', async () => {
    const workflow = '---\nexecution:\n  max_phase_retries: many\n  gates:\n    on_failure: never\n---\n'
    await refused(
      await project({ ...PLAN_FILES, 'plan/workflow.md': workflow }),
      RUN,
      'error: workflow.md:3: execution.max_phase_retries is "many"; allowed: a number.\n  at workflow.md:3\n' +
        '  hint: Set execution.max_phase_retries in the front matter of workflow.md to an allowed value, or remove it.\n' +
        'error: workflow.md:5: execution.gates.on_failure is "never"; allowed: retry, stop, ask.\n  at workflow.md:5\n' +
        '  hint: Set execution.gates.on_failure in the front matter of workflow.md to an allowed value, or remove it.\n',
    )
  })

  test('an invalid configuration file', async () => {
    await refused(
      await project({ ...PLAN_FILES, '.github/orchestrate.yml': 'max_paralel: 3\n' }),
      RUN,
      'error: max_paralel is no setting of Orchestrate.\n  at .github/orchestrate.yml:1\n  hint: Did you mean max_parallel?\n',
    )
  })

  test('a cycle, printed', async () => {
    const cyclic = TASK_PLAN.replace(
      '## Phase 1: First file\n',
      '## Phase 1: First file\n\nDepends on: Phase 2\n',
    )
    const root = await project({ ...PLAN_FILES, 'plan/task_plan.md': cyclic })
    await refused(
      root,
      RUN,
      'error: Circular dependency: 1 → 2 → 1.\n  at task_plan.md:3\n' +
        '  hint: Remove one of these dependencies, or move what both need into a phase before them.\n',
    )
  })
})

describe('flags that cannot be meant', () => {
  test('an unknown flag, with what may have been meant', async () => {
    await refused(
      await project(),
      [...RUN, '--max-paralel', '2'],
      'error: `run` has no flag --max-paralel.\n' +
        '  hint: Did you mean --max-parallel? `orchestrate run --help` lists all flags.\n',
    )
  })

  test('flags that contradict each other', async () => {
    await refused(
      await project(),
      [...RUN, '--dry-run', '--team', '--no-team'],
      'error: --team and --no-team contradict each other.\n' +
        '  hint: Give one of them, or neither: then it is decided per phase.\n' +
        'error: --yes and --dry-run contradict each other.\n' +
        '  hint: --yes passes the gate, --dry-run stops at it. Give one of them.\n',
    )
  })

  test('a step that a phase does not have', async () => {
    await refused(
      await project(),
      ['phase', '--phase', '1', '--plan-dir', 'plan', '--agent', 'scripted', '--step', 'deploy'],
      'error: --step is "deploy"; it takes one of implement, build, test, review, fix, commit and merge.\n' +
        '  hint: Correct the value and try again.\n',
    )
  })
})

describe('a repository that cannot take a run', () => {
  test('a plan outside git', async () => {
    const root = await dirs.make()
    await writeFiles(root, PLAN_FILES)
    expect(await orchestrate(root, RUN)).toEqual({
      code: 2,
      stdout: '',
      stderr:
        `error: ${root}/plan is not in a git repository.\n` +
        '  hint: Run `git init` there and commit, or go to the project that the plan is for.\n',
    })
  })

  test('a dirty checkout, and nothing in it is touched', async () => {
    const root = await project({ ...PLAN_FILES, 'a.txt': 'mine\n' })
    await writeFiles(root, { 'a.txt': 'changed\n' })
    await refused(
      root,
      RUN,
      'error: The checkout has changes that are not committed: a.txt.\n' +
        '  hint: A run starts from the last commit and would not see them. Commit or stash them.\n',
    )
    expect(await readFile(join(root, 'a.txt'), 'utf8')).toBe('changed\n')
  })

  test('a plan that is not committed', async () => {
    const root = await project({ 'README.md': 'x' })
    await writeFiles(root, PLAN_FILES)
    await refused(
      root,
      RUN,
      'error: Files of the plan are not committed: plan/scripted.json, plan/task_plan.md, plan/workflow.md.\n' +
        '  hint: Run `git add plan && git commit`, then try again.\n',
    )
  })

  test('a detached HEAD', async () => {
    const root = await project()
    await git(root, 'checkout', '--quiet', '--detach')
    await refused(
      root,
      RUN,
      'error: HEAD is detached: there is no branch to land on.\n' +
        '  hint: Run `git switch -c NAME`, or run the plan with --land none.\n',
    )
  })

  test('a bare repository', async () => {
    const root = await project()
    const bare = join(await dirs.make(), 'bare.git')
    await git(root, 'clone', '--quiet', '--bare', '.', bare)
    await writeFiles(bare, PLAN_FILES)
    await refused(
      bare,
      RUN,
      `error: ${bare} is a bare repository: it has no working tree.\n  hint: Clone it and run in the clone.\n`,
    )
  })

  test('a shallow clone', async () => {
    const root = await project()
    await git(root, 'commit', '--quiet', '--allow-empty', '--message', 'second')
    const shallow = join(await dirs.make(), 'shallow')
    await git(root, 'clone', '--quiet', '--depth', '1', `file://${root}`, shallow)
    await refused(
      shallow,
      RUN,
      'error: This clone is shallow: phases cannot be merged without their common history.\n' +
        '  hint: Run `git fetch --unshallow`, then try again.\n',
    )
  })

  test('a repository without a commit', async () => {
    const root = await project({})
    await writeFiles(root, PLAN_FILES)
    await refused(
      root,
      RUN,
      'error: The repository has no commit yet.\n  hint: Commit the plan first: `git add`, `git commit`.\n' +
        'error: Files of the plan are not committed: plan/scripted.json, plan/task_plan.md, plan/workflow.md.\n' +
        '  hint: Run `git add plan && git commit`, then try again.\n',
    )
  })

  test('no write permission', async () => {
    const root = await project()
    // Root may write everything: then somebody else does what this test's user may not.
    const isRoot = process.getuid?.() === 0
    await chmod(root, 0o755)
    if (!isRoot) await run('chmod', ['-R', 'a-w', '.git'], { cwd: root })
    const config = join(await dirs.make(), 'gitconfig')
    await chmod(join(config, '..'), 0o755)
    await git(root, 'config', '--file', config, 'safe.directory', '*')
    await refused(
      root,
      RUN,
      `error: The repository at ${root} cannot be written to.\n` +
        '  hint: Branches and the ledger live in it: check the owner and permissions of its .git directory.\n',
      { env: { GIT_CONFIG_GLOBAL: config }, ...(isRoot ? { uid: 65_534 } : {}) },
    )
    if (!isRoot) await run('chmod', ['-R', 'u+w', '.git'], { cwd: root })
  })

  test('two runs of one plan at once: the second is refused, the first goes on', async () => {
    const root = await project()
    const agent = `${process.execPath} -e "setTimeout(() => {}, 60000)"`
    const args = ['run', 'plan', '--agent', 'command', '--agent-command', agent, '--yes']
    const first = spawn(process.execPath, [binary, ...args], {
      cwd: root,
      env: { PATH: process.env['PATH'], HOME: root, GIT_CONFIG_NOSYSTEM: '1' },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let said = ''
    await new Promise<void>((resolve) => {
      first.stderr.setEncoding('utf8').on('data', (text: string) => {
        said += text
        if (/phase 1 · started/.test(said)) resolve()
      })
    })
    const second = await orchestrate(root, RUN)
    expect(second).toEqual({
      code: 2,
      stdout: '',
      stderr:
        `error: A run of plan is going on already, in process ${first.pid}.\n` +
        '  hint: Wait for it, or end it and go on with `orchestrate resume`.\n',
    })
    expect(first.exitCode).toBeNull()
    first.kill('SIGINT')
    await once(first, 'exit')
    expect(said).toContain('Stopping: agents are ended, nothing recorded is lost.')
  })
})

describe('an agent or a command that is missing', () => {
  test('build and test commands', async () => {
    await refused(
      await project(),
      [...RUN, '--build-cmd', 'frobnicate --all', '--test-cmd', 'nothing'],
      'error: There is no program "frobnicate", which the build command starts with: `frobnicate --all` (from --build-cmd or configuration).\n' +
        '  hint: Install frobnicate, or say another command with --build-cmd.\n' +
        'error: There is no program "nothing", which the test command starts with: `nothing` (from --test-cmd or configuration).\n' +
        '  hint: Install nothing, or say another command with --test-cmd.\n',
    )
  })

  test("claude's binary and key", async () => {
    const empty = await dirs.make()
    const root = await project()
    const bin = await dirs.make()
    await run('ln', ['-s', (await run('which', ['git'], { cwd: empty })).stdout.trim(), join(bin, 'git')], {
      cwd: empty,
    })
    await run('ln', ['-s', (await run('which', ['sh'], { cwd: empty })).stdout.trim(), join(bin, 'sh')], {
      cwd: empty,
    })
    await refused(
      root,
      ['run', 'plan', '--yes'],
      'error: Claude Code could not be started: no such program: claude.\n' +
        '  hint: Install it with "npm install -g @anthropic-ai/claude-code", or choose another agent with --agent.\n' +
        'error: ANTHROPIC_API_KEY is not set, and claude needs it.\n' +
        '  hint: Set it. With a subscription: run "claude setup-token" and set CLAUDE_CODE_OAUTH_TOKEN to what it prints; what a login left in ~/.claude is not used, since every step runs with an empty home directory.\n',
      { env: { PATH: bin } },
    )
  })

  test('the program of the command agent', async () => {
    await refused(
      await project(),
      ['run', 'plan', '--agent-command', 'nosuchprogram --fast', '--yes'],
      'error: There is no program "nosuchprogram", which the agent command starts with: nosuchprogram --fast\n' +
        '  hint: Check --agent-command (or agent_command in .github/orchestrate.yml): a program on PATH, or a path from the root of the repository.\n',
    )
  })

  test('the command agent without a program', async () => {
    await refused(
      await project(),
      ['run', 'plan', '--agent', 'command', '--yes'],
      'error: --agent command needs the program to start.\n' +
        '  hint: Give it: --agent-command "node my-agent.mjs".\n',
    )
  })

  test('a machine that cannot make the cage that is required, with whatever else is missing', async () => {
    const bin = await dirs.make()
    for (const name of ['node', 'git', 'sh', 'env']) await symlink(await which(name), join(bin, name))
    const { code, stderr } = await orchestrate(
      await project(),
      ['run', 'plan', '--agent-command', 'nosuchprogram', '--sandbox', 'required', '--yes'],
      { env: { PATH: bin } },
    )
    expect(code).toBe(2)
    expect(stderr).toMatch(/error: No cage can be made here: .*bubblewrap \(bwrap\) not installed/)
    expect(stderr).toContain('apt-get install bubblewrap socat ripgrep')
    expect(stderr).toContain('There is no program "nosuchprogram"')
  })
})

describe('a git that cannot do it', () => {
  test.each([
    [
      'too old',
      '#!/bin/sh\necho git version 2.30.2\n',
      'error: git 2.30.2 was found; 2.38 or newer is needed.\n  hint: Update git: https://git-scm.com/downloads\n',
    ],
    [
      'missing',
      undefined,
      'error: No `git` was found on PATH.\n  hint: Install git 2.38 or newer and make sure that it is on PATH.\n',
    ],
  ])('%s', async (_, git, stderr) => {
    const bin = await dirs.make()
    if (git !== undefined) {
      await writeFiles(bin, { git })
      await chmod(join(bin, 'git'), 0o755)
    }
    await refused(await project(), RUN, stderr, { env: { PATH: bin } })
  })
})

describe('a run that is not there', () => {
  test.each([
    ['status', 'error: There is no run in this repository.\n  hint: `orchestrate run DIR` starts one.\n'],
    ['resume', 'error: There is no run in this repository.\n  hint: `orchestrate run DIR` starts one.\n'],
    ['land', 'error: There is no run in this repository.\n  hint: `orchestrate run DIR` starts one.\n'],
    ['verify nope', 'error: There is no run nope.\n  hint: `orchestrate run DIR` starts one.\n'],
    ['abort nope', 'error: There is no run nope.\n  hint: `orchestrate run DIR` starts one.\n'],
  ])('%s', async (line, stderr) => {
    await refused(await project(), line.split(' '), stderr)
  })
})
