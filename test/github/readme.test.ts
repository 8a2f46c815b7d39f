import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { spawn, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { chmod, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { parse } from 'yaml'
import { standIns } from '../../local-github/runner/stand-ins.ts'
import { startRunner, type Runner } from '../../local-github/runner/start.ts'
import { toolCache } from '../../local-github/runner/tool-cache.ts'
import { startLocalGitHub } from '../../local-github/start.ts'
import type { LocalApp, LocalGitHub, TokenPermissions } from '../../local-github/types.ts'
import { ROLE_OF } from '../../src/core/gate/authorize.ts'
import { parseCommand } from '../../src/core/gate/command.ts'
import { COMMAND_NAMES } from '../../src/core/model/gate-command.ts'
import { run } from '../support/cli.ts'
import { ROOT } from './support.ts'

const README = await readFile(path.join(ROOT, 'README.md'), 'utf8')
const KEY = 'sk-canary-0123456789'

/** The blocks of one language below a heading, up to the next heading. "" is the language of what people write. */
function blocks(heading: string, language: string): string[] {
  const [, text = ''] = new RegExp(`^###? ${heading}\\n([\\s\\S]*?)^##`, 'm').exec(README) ?? []
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```/gm)].flatMap(([, of, block = '']) =>
    of === language ? [block] : [],
  )
}
const ALONE = blocks('With the Action alone', 'sh')
const WITH_APP = blocks('With the App as well', 'sh')
const [APPROVAL = ''] = blocks('With the Action alone', '')

/** What an agent would do for the example plan: each unit writes its file. */
const SCRIPT = {
  steps: (
    [
      ['1', '1.1', 'src/greet.mjs', 'export const greet = (name) => `Hello, ${name}!`\n'],
      ['1', '1.2', 'test/greet.test.mjs', "import '../src/greet.mjs'\n"],
      ['2', '2.1', 'src/cli.mjs', "import { greet } from './greet.mjs'\nconsole.log(greet('Kim'))\n"],
      ['2', '2.2', 'test/cli.test.mjs', "import '../src/cli.mjs'\n"],
    ] as const
  ).map(([phase, unit, write, content]) => ({
    ...{ step: 'implement', phase, unit, summary: `Wrote ${write}.` },
    edits: [{ write, content }],
  })),
}

/** A repository of one's own on the local GitHub, a clone of it, and a shell in which the README's commands are at hand. */
class Place {
  readonly dir: string
  readonly github: LocalGitHub
  readonly runner: Runner
  readonly tokens: Readonly<Record<string, string>>
  readonly logs: string[]
  readonly repository: string
  readonly gitDir: string
  app: { process: ChildProcess; url: string } | undefined

  private constructor(
    made: Pick<Place, 'dir' | 'github' | 'runner' | 'tokens' | 'logs' | 'repository' | 'gitDir'>,
  ) {
    this.dir = made.dir
    this.github = made.github
    this.runner = made.runner
    this.tokens = made.tokens
    this.logs = made.logs
    this.repository = made.repository
    this.gitDir = made.gitDir
  }

  static async make(): Promise<Place> {
    const dir = await mkdtemp(path.join(os.tmpdir(), 'readme-'))
    const github = await startLocalGitHub()
    const tokens: Record<string, string> = {}
    for (const login of ['kim', 'maintainer']) tokens[login] = (await github.addUser(login)).token
    const { fullName, gitDir } = await github.createRepository({
      owner: 'acme',
      name: 'shop',
      files: { 'package.json': '{ "type": "module", "scripts": { "test": "node --test" } }\n' },
    })
    github.setRole(fullName, 'kim', 'admin')
    github.setRole(fullName, 'maintainer', 'maintain')

    const settings = path.join(dir, 'settings.json')
    await writeFile(settings, '{ "environments": {}, "variables": {} }')
    const set = (): Settings => JSON.parse(readFileSync(settings, 'utf8')) as Settings
    const logs: string[] = []
    const runner = await startRunner({
      github,
      // The place that the README's `sed` writes into the workflow.
      actions: { ...standIns(), 'your-org/orchestrate': ROOT },
      // Agents are held where this machine can hold them.
      vars: () => ({ ORCHESTRATE_UNCAGED: 'accept', ...set().variables }),
      env: { RUNNER_TOOL_CACHE: await toolCache(ROOT) },
      secrets: (_, environment = '') => set().environments[environment]?.secrets ?? {},
      log: (line) => void logs.push(line),
    })
    const bin = path.join(dir, 'bin')
    await run('mkdir', [bin], { cwd: dir })
    const program = path.join(ROOT, 'build', 'orchestrate.js')
    await writeFile(path.join(bin, 'orchestrate'), `#!/bin/sh\nexec node ${program} "$@"\n`)
    await chmod(path.join(bin, 'orchestrate'), 0o755)
    await symlink(path.join(ROOT, 'test', 'github', 'gh.mjs'), path.join(bin, 'gh'))
    await run('git', ['clone', '--quiet', github.cloneUrl(fullName, tokens['kim']), 'shop'], { cwd: dir })
    await writeFile(path.join(dir, 'scripted.json'), JSON.stringify(SCRIPT))
    return new Place({ dir, github, runner, tokens, logs, repository: fullName, gitDir })
  }

  get settings(): Settings {
    return JSON.parse(readFileSync(path.join(this.dir, 'settings.json'), 'utf8')) as Settings
  }

  /** Runs a block of the README in the clone, as it stands. */
  async shell(block: string): Promise<void> {
    const ran = await run('sh', ['-e', '-c', `printf ${KEY} | {\n${block}\n}`], {
      cwd: path.join(this.dir, 'shop'),
      env: {
        PATH: `${path.join(this.dir, 'bin')}${path.delimiter}${process.env['PATH'] ?? ''}`,
        GH_API: `${this.github.url}/repos/${this.repository}`,
        GH_TOKEN: this.tokens['kim'] ?? '',
        GH_SETTINGS: path.join(this.dir, 'settings.json'),
        ...{ GIT_AUTHOR_NAME: 'kim', GIT_AUTHOR_EMAIL: 'kim@users.noreply.github.com' },
        ...{ GIT_COMMITTER_NAME: 'kim', GIT_COMMITTER_EMAIL: 'kim@users.noreply.github.com' },
      },
    })
    expect({ block, ...ran }).toMatchObject({ code: 0 })
  }

  /** All steps up to the one that opens the pull request. The agent is a scripted one: nothing else is changed. */
  async setUp(): Promise<string> {
    const [init = '', ...more] = ALONE
    await this.shell(init)
    const config = path.join(this.dir, 'shop', '.github', 'orchestrate.yml')
    const agent = `ORCHESTRATE_SCRIPT=${this.dir}/scripted.json node ${ROOT}/build/scripted-agent.js`
    await writeFile(config, `${await readFile(config, 'utf8')}agent: command\nagent_command: ${agent}\n`)
    const last = more.pop() ?? ''
    for (const block of more) await this.shell(block)
    return last
  }

  async api(as: string, method: string, route: string, body?: object): Promise<unknown> {
    const answer = await fetch(`${this.github.url}/repos/${this.repository}${route}`, {
      method,
      headers: { authorization: `Bearer ${this.tokens[as] ?? ''}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`${method} ${route}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as unknown
  }

  async say(as: string, body: string): Promise<void> {
    await this.api(as, 'POST', '/issues/1/comments', { body })
    await this.settled()
  }

  /** The gate's check on the pull request's head, and our comment. */
  async seen(): Promise<{ check: Check; comment: string; author: string }> {
    const pull = (await this.api('kim', 'GET', '/pulls/1')) as { head: { sha: string } }
    const checks = (await this.api('kim', 'GET', `/commits/${pull.head.sha}/check-runs`)) as {
      check_runs: Check[]
    }
    const comments = (await this.api('kim', 'GET', '/issues/1/comments')) as Comment[]
    const check = checks.check_runs.find(({ name }) => name === 'Orchestrate')
    const ours = comments.filter(({ user }) => user.type === 'Bot')
    const [comment] = ours
    if (check === undefined || comment === undefined || ours.length > 1)
      throw new Error(`check ${String(check !== undefined)}, ${ours.length} comments of ours`)
    return { check, comment: comment.body, author: comment.user.login }
  }

  git(...args: string[]): Promise<string> {
    return run('git', args, { cwd: this.gitDir }).then(({ stdout }) => stdout.trim())
  }

  async settled(): Promise<void> {
    for (;;) {
      const before = this.github.requests.length + this.github.deliveries.length
      await this.github.idle()
      while (this.app !== undefined && (await health(this.app.url)) > 0)
        await new Promise((resolve) => setTimeout(resolve, 20))
      await this.runner.idle()
      if (this.github.requests.length + this.github.deliveries.length === before) return
    }
  }

  /** What docs/hosting.md has people do on the web: register the App from its manifest, install it. */
  async register(): Promise<LocalApp> {
    const { name, default_permissions, default_events } = parse(
      await readFile(path.join(ROOT, 'app.yml'), 'utf8'),
    ) as { name: string; default_permissions: TokenPermissions; default_events: string[] }
    const app = await this.github.createApp({
      name,
      permissions: default_permissions,
      events: default_events,
    })
    await this.github.installApp(app.id, this.repository)
    return app
  }

  /** The README's block in a checkout of ours. The App's number is its own; its address is told to GitHub. */
  async startApp(block: string, app: LocalApp): Promise<void> {
    const checkout = await mkdtemp(path.join(this.dir, 'checkout-'))
    for (const name of ['package.json', 'build', 'node_modules'])
      await symlink(path.join(ROOT, name), path.join(checkout, name))
    await writeFile(path.join(checkout, 'app.pem'), app.privateKey)
    await writeFile(path.join(checkout, 'webhook-secret'), app.webhookSecret)
    const env = { GITHUB_API_URL: this.github.url, HOST: '127.0.0.1', PORT: '0', SWEEP_SECONDS: '0' }
    const started = spawn('sh', ['-e', '-c', block.replace('APP_ID=12345', `APP_ID=${app.id}`)], {
      cwd: checkout,
      env: { PATH: process.env['PATH'] ?? '', HOME: this.dir, LOG_LEVEL: 'info', ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    })
    const url = await new Promise<string>((resolve, reject) => {
      let said = ''
      started.stdout.on('data', (data: Buffer) => {
        said += data.toString('utf8')
        const found = /"url":"(http:[^"]+)"/.exec(said)?.[1]
        if (found !== undefined) resolve(found)
      })
      started.once('exit', (code) => reject(new Error(`the App ended with ${code}: ${said}`)))
    })
    this.app = { process: started, url }
    this.github.setWebhookUrl(app.id, `${url}/api/github/webhooks`)
    await this.settled()
  }

  async close(): Promise<void> {
    if (this.app?.process.pid !== undefined) {
      const { process: app } = this.app
      const ended = new Promise((resolve) => app.once('exit', resolve))
      process.kill(-this.app.process.pid, 'SIGTERM')
      await ended
    }
    await this.runner.close()
    await this.github.close()
    await rm(this.dir, { recursive: true, force: true })
  }
}

interface Settings {
  environments: Record<
    string,
    { secrets: Record<string, string>; branches: string[]; fields: string[] } | undefined
  >
  variables: Record<string, string>
}
interface Check {
  id: number
  name: string
  conclusion: string | null
  app: { slug: string }
  output: { title: string }
}
interface Comment {
  body: string
  user: { login: string; type: string }
}

const health = async (url: string): Promise<number> =>
  ((await (await fetch(`${url}/health`)).json()) as { waiting: number }).waiting

/** What the README says people see at the end, and what reviewers find. */
async function expectLanded(place: Place): Promise<void> {
  const { check, comment } = await place.seen()
  expect(comment).toContain('Landed: 2 of 2 phases done')
  expect(check).toMatchObject({ conclusion: 'success', output: { title: 'Landed: 2 of 2 phases done' } })
  const merges = await place.git('log', '--merges', '--format=%s', 'main..plan/example')
  expect(merges.split('\n')).toHaveLength(2)
  const files = await place.git('ls-tree', '-r', '--name-only', 'plan/example')
  expect(files.split('\n')).toEqual(expect.arrayContaining(['src/cli.mjs', 'test/greet.test.mjs']))
  expect(place.logs.join('\n')).not.toContain(KEY)
}

describe('the README, with the Action alone', () => {
  let place: Place
  beforeAll(async () => {
    place = await Place.make()
  })
  afterAll(() => place.close())

  test('leads from nothing to a gated plan, and from its approval to the landing', async () => {
    const openAndLabel = await place.setUp()
    expect(place.settings.environments['orchestrate']).toEqual({
      secrets: { ANTHROPIC_API_KEY: KEY },
      branches: ['main'],
      fields: [
        'deployment_branch_policy[protected_branches]=false',
        'deployment_branch_policy[custom_branch_policies]=true',
      ],
    })
    await place.shell(openAndLabel)
    await place.settled()
    const { check, comment, author } = await place.seen()
    expect(check).toMatchObject({
      conclusion: 'action_required',
      output: { title: 'Needs approval: 2 phases' },
    })
    expect(author).toBe('github-actions[bot]')
    expect(comment).toContain('/approve')

    await place.say('maintainer', APPROVAL)
    await expectLanded(place)
  }, 240_000)
})

describe('the README, with the App as well', () => {
  let place: Place
  beforeAll(async () => {
    place = await Place.make()
  })
  afterAll(() => place.close())

  test('leads to a gate with buttons that the App alone writes', async () => {
    const openAndLabel = await place.setUp()
    const [start = '', variable = ''] = WITH_APP
    const app = await place.register()
    await place.startApp(start, app)
    await place.shell(variable.replace('12345', String(app.id)))
    expect(place.settings.variables).toEqual({
      ORCHESTRATE_APP: 'true',
      ORCHESTRATE_APP_ID: String(app.id),
    })

    await place.shell(openAndLabel)
    await place.settled()
    const { check, author } = await place.seen()
    expect(check).toMatchObject({ conclusion: 'action_required', app: { slug: app.slug } })
    expect(author).toBe(app.bot)

    await place.say('maintainer', '/orchestrate plans/example')
    await place.say('maintainer', '/status')
    expect((await place.seen()).comment).toContain('The plan is reviewed, waiting for an approval.')
    await place.say('kim', '/why-not')
    expect((await place.seen()).comment).toContain('kim opened this pull request, and another person has to')
    const { head } = (await place.api('kim', 'GET', '/pulls/1')) as { head: { sha: string } }
    const approve = `approve:${head.sha.slice(0, 12)}`
    await place.github.pressButton(place.repository, check.id, approve, 'maintainer')
    await place.settled()
    await expectLanded(place)
    expect(place.runner.jobs()).toEqual([])
    expect((await place.seen()).check.app.slug).toBe(app.slug)
  }, 240_000)
})

describe('the commands of the README', () => {
  const [, table = ''] = /^### Commands in comments\n([\s\S]*?)^## /m.exec(README) ?? []
  const rows = [...table.matchAll(/^\| `([^`]+)` +\| (.*?) \| (.*?) +\|$/gm)].map(
    ([, command = '', does = '', who = '']) => ({ command, does, who }),
  )

  test('are all that there are, and each is taken as it stands', () => {
    const read = rows.map(({ command }) => parseCommand(command))
    expect(read.filter(({ ok }) => !ok)).toEqual([])
    const names = read.flatMap((each) => (each.ok ? [each.value.name] : []))
    expect([...new Set(names)].sort()).toEqual([...COMMAND_NAMES].sort())
    for (const [at, name] of names.entries()) {
      const role = ROLE_OF[name]
      expect({ name, who: rows[at]?.who }).toEqual({ name, who: role === 'policy' ? 'approvers' : role })
    }
  })

  test('and those in the text of this and of docs/github.md are taken as well', async () => {
    const texts = [README, await readFile(path.join(ROOT, 'docs', 'github.md'), 'utf8')]
    const more = texts.flatMap((text) =>
      [...text.matchAll(/`(\/[a-z-]+(?: [^`]*)?)`/g)].map(([, command = '']) => command.replace(' N', ' 2')),
    )
    expect(more.length).toBeGreaterThan(20)
    // `/fix` alone is its name; as a command it needs a phase and a text.
    const bare = /^\/(?:retry|skip|fix)$/
    const read = more
      .filter((command) => !bare.test(command))
      .map((command) => [command, parseCommand(command)] as const)
    expect(read.filter(([, { ok }]) => !ok)).toEqual([])
  })
})
