import { afterAll, describe, expect, test } from '@jest/globals'
import { access, readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { COMMANDS } from '../src/cli/catalogue.ts'
import { PLAN_FILES } from './cli/plan.ts'
import { binary, orchestrate, packageRoot, repository, run, TempDirs } from './support/cli.ts'
import { expectGolden } from './support/golden.ts'

const dirs = new TempDirs()
afterAll(dirs.remove)
const read = (path: string) => readFile(join(packageRoot, path), 'utf8')
const README = await read('README.md')

/** The lines of the README's `sh` blocks. */
const shellLines = [...README.matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, block = '']) =>
  block.trim().split('\n'),
)

/** What a command says in a small project with this plan; what differs from machine to machine and from run to run is as in the text. */
async function printed(command: string, plan: string): Promise<string> {
  const root = await repository(await dirs.make(), {
    'plan/task_plan.md': plan,
    'plan/scripted.json': '{ "steps": [{ "step": "implement" }] }',
    'package.json':
      '{ "type": "module", "scripts": { "build": "node --check src/cli.mjs", "test": "node --test" } }',
  })
  const ran = await orchestrate(root, command.split(' '))
  return `${(ran.stdout + ran.stderr).trimEnd()}\n`
    .replace(/\bplan-[0-9a-f]{4}\b/g, 'plan-7db6')
    .replace(/^( {2}agent .* · ).*$/m, '$1caged')
}

describe('the README', () => {
  test('first says what it is, then how to see it and how to test it', () => {
    expect(shellLines.slice(0, 2)).toEqual(['npm start', 'npm test'])
  })

  test('commands of its sh blocks work as written', async () => {
    const commands = shellLines.filter((line) => line.startsWith('orchestrate '))
    expect(commands.length).toBeGreaterThan(2)
    const root = await repository(await dirs.make(), { 'README.md': 'x' })
    for (const command of commands) {
      const ran = await orchestrate(root, command.split(' ').slice(1))
      // `doctor` sees the files that `init` wrote and nobody has committed yet; nothing else is wrong.
      if (command.startsWith('orchestrate doctor'))
        expect(ran.stderr).toMatch(/✖ repository[\s\S]*1 problem to solve|Ready to run/)
      else expect({ command, ...ran }).toMatchObject({ code: 0 })
    }
  })

  test('orchestrate works anywhere after the alias, and by npm in a checkout', async () => {
    const alias = shellLines.find((line) => line.startsWith('alias '))
    const elsewhere = await dirs.make()
    const env = { HOME: elsewhere }
    const called = await run('sh', ['-c', `${alias ?? ''}\ncd "$HOME"\norchestrate --help`], {
      cwd: packageRoot,
      env,
    })
    expect(called).toMatchObject({ code: 0, stderr: '' })
    expect(README).toContain('`npm run -s orchestrate -- --help`')
    const ran = await run('npm', ['run', '-s', 'orchestrate', '--', '--help'], { cwd: packageRoot, env })
    expect(ran).toMatchObject({ code: 0, stderr: '' })
    expect(ran.stdout).toContain('Usage: orchestrate <command>')
    expect(called.stdout).toContain('Usage: orchestrate <command>')
    expect(binary).toBe(join(packageRoot, 'build', 'orchestrate.js'))
  })

  test('shows what commands really print of the plans above them', async () => {
    let plan = ''
    let text = ''
    for (const [block, language, body = ''] of README.matchAll(/```(\w*)\n([\s\S]*?)^```\n|[^`]+|`+/gm)) {
      const command = language === 'console' ? /^\$ orchestrate (.*)\n/.exec(body)?.[1] : undefined
      if (language === 'markdown') plan = body
      text +=
        command === undefined
          ? block
          : `\`\`\`console\n$ orchestrate ${command}\n${await printed(command, plan)}\`\`\`\n`
    }
    expectGolden(text, join(packageRoot, 'README.md'))
  })

  test('names every command and every flag of run', () => {
    for (const { name } of COMMANDS.filter(({ hidden }) => hidden !== true)) {
      expect(README).toMatch(new RegExp(`\`(orchestrate )?${name}\\b`))
    }
    for (const { flag } of COMMANDS.find(({ name }) => name === 'run')?.flags ?? []) {
      expect(README).toContain(flag.split(' ')[0])
    }
  })
})

describe('documents', () => {
  test('the smallest agent of your own gets a plan through', async () => {
    const [, agent = ''] = /^```sh\n([\s\S]*?)^```/m.exec(await read('docs/command-agent.md')) ?? []
    const root = await repository(await dirs.make(), { ...PLAN_FILES, 'agent.sh': agent })
    const ran = await orchestrate(root, ['run', 'plan', '--agent-command', 'sh agent.sh', '--yes'])
    expect(ran.stderr).toMatch(/\nRun plan-[0-9a-f]{4}: landed\n/)
    expect(ran.code).toBe(0)
  })

  test('links lead to files that are there', async () => {
    const documents = (await readdir(join(packageRoot, 'docs'))).filter((name) => name.endsWith('.md'))
    for (const file of ['README.md', 'CONTRIBUTING.md', ...documents.map((name) => `docs/${name}`)]) {
      const links = [...(await read(file)).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(
        ([, link = '']) => link,
      )
      for (const link of links) await access(join(packageRoot, dirname(file), link))
      if (!file.startsWith('docs/')) expect(links.length).toBeGreaterThan(0)
    }
  })

  test('every package that the sources import is a dependency with its reason', async () => {
    const { dependencies } = JSON.parse(await read('package.json')) as {
      dependencies: Record<string, string>
    }
    const reasons = await read('docs/dependencies.md')
    const files = (await readdir(join(packageRoot, 'src'), { recursive: true })).filter((file) =>
      file.endsWith('.ts'),
    )
    const imported = new Set<string>()
    for (const file of files) {
      for (const [, from, later] of (await read(`src/${file}`)).matchAll(
        /^(?:import .*|export .*|\} )from '([^'.][^']*)'$|(?<=import\()'([^'.][^']*)'/gm,
      )) {
        const name = from ?? later ?? ''
        if (!name.startsWith('node:'))
          imported.add(
            name
              .split('/')
              .slice(0, name.startsWith('@') ? 2 : 1)
              .join('/'),
          )
      }
    }
    for (const name of imported) {
      // Types that only describe what another package gives.
      if (name === 'mdast') continue
      expect(Object.keys(dependencies)).toContain(name)
      expect(reasons).toContain(`\`${name}\``)
    }
    // And the other way round: what nothing imports is not installed for everybody.
    expect(Object.keys(dependencies).filter((name) => !imported.has(name))).toEqual([])
  })
})
