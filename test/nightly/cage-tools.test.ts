import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { openRepository } from '../../src/adapters/git/repository.ts'
import { boundsOf } from '../../src/adapters/process/bounds.ts'
import { createCommandRunner } from '../../src/adapters/process/command-runner.ts'
import { hostsOf } from '../../src/adapters/sandbox/build-profile.ts'
import { type CageDoor, cageDoor } from '../../src/adapters/sandbox/door.ts'
import { holdBehind } from '../../src/adapters/sandbox/hold.ts'
import { cageProblems } from '../../src/adapters/sandbox/problems.ts'
import { loadRuntime } from '../../src/adapters/sandbox/runtime.ts'
import { tempRepo, type TempRepo, testEnv } from '../support/git.ts'

/**
 * The real package managers and hook managers in the cage, against the real registries. What is not there is told and passed over:
 * nothing of ours installs compilers.
 */
const [problem] = await cageProblems(await loadRuntime(undefined), process.env)
const reached = async (url: string): Promise<boolean> =>
  await fetch(url, { signal: AbortSignal.timeout(10_000) }).then(
    ({ ok }) => ok,
    () => false,
  )
const has = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0

/** Why a scenario is passed over. */
async function missing(
  programs: readonly string[],
  registry: Registry | undefined,
): Promise<string | undefined> {
  if (problem !== undefined) return problem.message
  const absent = programs.filter((program) => !has(program))
  if (absent.length > 0) return `${absent.join(', ')} is not installed.`
  return registry === undefined || (await registry()) ? undefined : 'Its registry is not reached from here.'
}

/** A test, or a word about why there is none. */
async function scenario(
  title: string,
  needs: { programs: readonly string[]; registry?: Registry },
  body: () => Promise<void>,
): Promise<void> {
  const why = await missing(needs.programs, needs.registry)
  if (why !== undefined) process.stderr.write(`Skipped: ${title}: ${why}\n`)
  ;(why === undefined ? test : test.skip)(title, body, 300_000)
}

type Registry = () => Promise<boolean>
const NPM: Registry = () => reached('https://registry.npmjs.org/-/ping')
/** Wheels of a package and of what it needs, from where this machine has them. */
const wheels = (name: string, into: string): boolean =>
  spawnSync('python3', ['-m', 'pip', 'download', '-q', '--retries', '0', '--timeout', '5', '-d', into, name])
    .status === 0
const pip =
  (name: string): Registry =>
  () => {
    const into = mkdtempSync(join(tmpdir(), 'wheels-'))
    const there = wheels(name, into)
    rmSync(into, { recursive: true })
    return Promise.resolve(there)
  }

let root: string
let door: CageDoor
const hosts = hostsOf({ sandboxNetwork: [] })
const home = (): string => join(root, 'home')
beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'tools-')))
  door = cageDoor({ mode: 'required', env: process.env, hide: [] })
})
afterAll(async () => {
  await door.close()
  // Go keeps what it fetched read-only.
  spawnSync('chmod', ['-R', 'u+w', root])
  rmSync(root, { recursive: true, force: true })
})

function project(name: string, files: Record<string, string>): string {
  const cwd = join(root, name)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, path)), { recursive: true })
    writeFileSync(join(cwd, path), text)
  }
  owner(cwd, 'git init -q && git add -A && git -c user.name=A -c user.email=a@example.com commit -qm Begin')
  return cwd
}

async function run(cwd: string, command: string): Promise<string> {
  const runner = createCommandRunner(process.env, {
    ...{ door, home: home(), hosts, bounds: boundsOf(), uncaged: [] },
  })
  const { outcome, tail } = await runner.run(command, {
    ...{ cwd, wallMs: 280_000, signal: new AbortController().signal, kind: 'setup' },
  })
  if (outcome.kind !== 'exit' || outcome.code !== 0)
    throw new Error(JSON.stringify(outcome) + '\n' + tail.slice(-6000))
  return tail
}

const PACKAGE = {
  name: 'project',
  version: '1.0.0',
  private: true,
  dependencies: { 'is-odd': '3.0.1' },
  devDependencies: { esbuild: '0.25.0' },
  scripts: { postinstall: "node -e \"require('fs').writeFileSync('after','x')\"" },
}

await scenario(
  'npm install, with the scripts of packages, and npm ci',
  { programs: ['npm'], registry: NPM },
  async () => {
    const cwd = project('npm', { 'package.json': JSON.stringify(PACKAGE) })
    await run(cwd, 'npm install')
    expect(existsSync(join(cwd, 'after'))).toBe(true)
    expect(await run(cwd, 'npx esbuild --version')).toContain('0.25.0')
    rmSync(join(cwd, 'node_modules'), { recursive: true })
    await run(cwd, 'npm ci && node -e "console.log(require(\'is-odd\')(3))"')
  },
)

await scenario(
  'npm install from a server that a test starts in the cage',
  { programs: ['npm'], registry: NPM },
  async () => {
    const server = `const {createServer}=require('http'),{execFileSync}=require('child_process'),fs=require('fs');fs.mkdirSync('p',{recursive:true});fs.writeFileSync('p/package.json','{"name":"ours","version":"1.0.0"}');execFileSync('npm',['pack','./p']);const s=createServer((q,r)=>{if(q.url.endsWith('.tgz'))return r.end(fs.readFileSync('ours-1.0.0.tgz'));r.setHeader('content-type','application/json');r.end(JSON.stringify({name:'ours','dist-tags':{latest:'1.0.0'},versions:{'1.0.0':{name:'ours',version:'1.0.0',dist:{tarball:'http://127.0.0.1:'+s.address().port+'/ours.tgz'}}}}))}).listen(0,'127.0.0.1',()=>{require('child_process').execFile('npm',['install','ours','--no-audit','--registry','http://127.0.0.1:'+s.address().port],(e,o,r)=>{console.log(e?r:'installed');process.exit(e?1:0)})})`
    const cwd = project('loopback', {
      'package.json': '{"name":"user","private":true}',
      'server.cjs': server,
    })
    expect(await run(cwd, 'node server.cjs')).toContain('installed')
    expect(existsSync(join(cwd, 'node_modules/ours/package.json'))).toBe(true)
  },
)

await scenario(
  'pip install into a virtual environment',
  { programs: ['python3'], registry: pip('idna') },
  async () => {
    const cwd = project('pip', { 'requirements.txt': 'idna\n' })
    // The user's own index is not told to the cage: where PyPI is not reached, what it gave lies in the project.
    const isThere = await reached('https://pypi.org/simple/idna/')
    const from = isThere ? '' : '--no-index --find-links wheels'
    if (!isThere) wheels('idna', join(cwd, 'wheels'))
    await run(cwd, `python3 -m venv .venv && .venv/bin/pip install ${from} -r requirements.txt`)
    expect(await run(cwd, '.venv/bin/python -c "import idna; print(idna.encode(\'ä.example\'))"')).toContain(
      'xn--4ca',
    )
  },
)

const CRATE = 'https://index.crates.io/it/oa/itoa'
const isCrateThere = problem === undefined && has('cargo') && (await reached(CRATE))
await scenario('cargo run', { programs: ['cargo', 'cc'] }, async () => {
  if (!isCrateThere) process.stderr.write(`cargo run: without a crate: ${CRATE} is not reached from here.\n`)
  const [crate, shown] = isCrateThere ? ['itoa = "1"\n', 'itoa::Buffer::new().format(42)'] : ['', '42']
  const cwd = project('cargo', {
    'Cargo.toml': `[package]\nname = "p"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\n${crate}`,
    'src/main.rs': `fn main() { println!("it says {}", ${shown}); }\n`,
  })
  expect(await run(cwd, 'cargo run')).toContain('it says 42')
})

const MODULE = 'https://proxy.golang.org/rsc.io/quote/@v/list'
const isModuleThere = problem === undefined && has('go') && (await reached(MODULE))
await scenario('go build', { programs: ['go'] }, async () => {
  if (!isModuleThere)
    process.stderr.write(`go build: without a module: ${MODULE} is not reached from here.\n`)
  const [need, imported, said] = isModuleThere
    ? ['require rsc.io/quote v1.5.2\n', '"rsc.io/quote"', 'quote.Go()']
    : ['', '"strings"', 'strings.ToLower("communicating")']
  const cwd = project('go', {
    'go.mod': `module example.com/p\n\ngo 1.19\n\n${need}`,
    'main.go': `package main\n\nimport (\n\t"fmt"\n\n\t${imported}\n)\n\nfunc main() { fmt.Println(${said}) }\n`,
  })
  expect(await run(cwd, 'go mod tidy && go build -o p . && ./p')).toContain('communicating')
})

/** A machine may have an authority of its own. */
const CERTIFICATES = { NODE_EXTRA_CA_CERTS: process.env['NODE_EXTRA_CA_CERTS'] }

type Ran = { ok: boolean; ran?: boolean; output?: string }

/** What the hooks of a checkout that its owner has set up say of what an agent wrote in a worktree: fine, then `bad`. */
async function hook(
  repo: TempRepo,
  setUp: string,
  bad: { path: string; text: string },
): Promise<{ good: Ran; refused: Ran }> {
  const opened = await openRepository({
    ...{ cwd: repo.path, env: { ...testEnv(), ...CERTIFICATES }, clock: { now: () => Date.now() } },
    workspacesRoot: join(root, 'state'),
  })
  if (!opened.ok) throw new Error(JSON.stringify(opened.error))
  const repository = opened.value
  try {
    repository.holdHooks(holdBehind(door, hosts, boundsOf(), home()))
    const head = await repository.resolve('HEAD')
    if (head === undefined) throw new Error('no commit')
    const workspace = await repository.workspaces.open('tools', 'p', head)
    await run(workspace.path, setUp)
    writeFileSync(join(workspace.path, 'good.txt'), 'fine\n')
    const good = await repository.runHook('pre-commit', workspace)
    writeFileSync(join(workspace.path, bad.path), bad.text)
    return { good, refused: await repository.runHook('pre-commit', workspace) }
  } finally {
    await repository.close()
  }
}

/** As the owner of a checkout does it, outside. */
const owner = (cwd: string, command: string): void => {
  const { status, stdout, stderr } = spawnSync('sh', ['-c', command], {
    ...{ cwd, encoding: 'utf8', env: { ...testEnv(), ...process.env } },
  })
  expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: expect.any(String) })
}

await scenario(
  'pre-commit, with hooks in Node and of the system',
  { programs: ['python3', 'npm'], registry: pip('pre-commit') },
  async () => {
    const repo = tempRepo()
    repo.commit(
      {
        '.pre-commit-config.yaml': [
          'repos:',
          '  - repo: local',
          '    hooks:',
          '      - {id: odd, name: odd, language: node, entry: node -e "require(\'is-odd\')", additional_dependencies: [is-odd@3.0.1], pass_filenames: false}',
          '      - {id: words, name: words, language: pygrep, entry: forbidden, types: [text]}',
          '',
        ].join('\n'),
      },
      'Begin',
    )
    const venv = join(root, 'pre-commit')
    owner(
      repo.path,
      `python3 -m venv '${venv}' && '${venv}/bin/pip' install -q pre-commit && '${venv}/bin/pre-commit' install`,
    )
    const { good, refused } = await hook(repo, 'true', { path: 'bad.txt', text: 'forbidden\n' })
    expect(good).toEqual({ ok: true, ran: true })
    expect(refused).toMatchObject({ ok: false, output: expect.stringContaining('bad.txt:1:forbidden') })
  },
)

await scenario('husky', { programs: ['npm'], registry: NPM }, async () => {
  const repo = tempRepo()
  repo.commit(
    {
      'package.json': JSON.stringify({
        name: 'p',
        private: true,
        scripts: { prepare: 'husky' },
        devDependencies: { husky: '9.1.7' },
      }),
      '.husky/pre-commit': '! git grep --cached -n forbidden -- "*.txt"\n',
      '.gitignore': 'node_modules\n',
    },
    'Begin',
  )
  owner(repo.path, 'npm install')
  expect(repo.git('config', 'core.hooksPath').trim()).toBe('.husky/_')
  repo.git('add', '-A')
  repo.git('commit', '--no-verify', '-qm', 'Lock')
  const { good, refused } = await hook(repo, 'npm ci', { path: 'bad.txt', text: 'forbidden\n' })
  expect(good).toEqual({ ok: true, ran: true })
  expect(refused).toMatchObject({ ok: false, output: expect.stringContaining('bad.txt') })
})
