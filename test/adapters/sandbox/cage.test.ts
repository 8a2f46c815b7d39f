import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Cage, CageRules } from '../../../src/adapters/sandbox/cage.ts'
import { openCage } from '../../../src/adapters/sandbox/open-cage.ts'
import { cageProblems } from '../../../src/adapters/sandbox/problems.ts'
import { loadRuntime, type Runtime } from '../../../src/adapters/sandbox/runtime.ts'
import { runProcess, type ProcessEnd } from '../../../src/adapters/process/run-process.ts'

const runtime = await loadRuntime(undefined)
// Needs bubblewrap, socat and ripgrep, which .ci/run installs; without them these tests say that they were skipped.
const there = (await cageProblems(runtime, process.env)).length === 0
const caged = there ? describe : describe.skip

let root: string
let cage: Cage
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'cage-'))
  for (const dir of ['home/.ssh', 'work', 'tmp', 'other', 'hidden/mine', 'hidden/theirs']) {
    mkdirSync(join(root, dir), { recursive: true })
  }
  writeFileSync(join(root, 'home/.ssh/id'), 'the private key')
  writeFileSync(join(root, 'hidden/theirs/secret'), 'theirs')
  writeFileSync(join(root, 'hidden/mine/file'), 'mine')
  if (there) {
    cage = openCage({
      runtime: runtime as Runtime,
      env: { HOME: join(root, 'home') },
      hide: [join(root, 'hidden')],
    })
  }
})
afterAll(async () => {
  if (there) await cage.close()
  rmSync(root, { recursive: true, force: true })
})

async function run(
  script: string,
  more: Partial<CageRules> = {},
  cwd = join(root, 'work'),
): Promise<ProcessEnd & { stopped: string[] }> {
  const { spec, end } = await cage.wrap(
    {
      file: 'sh',
      args: ['-c', script, 'sh', "a word with 'quotes' and $dollars"],
      cwd,
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: join(root, 'home'),
        TMPDIR: join(root, 'tmp'),
        GIVEN: 'x y',
      },
      limits: { wallMs: 30_000 },
      signal: new AbortController().signal,
    },
    { write: [join(root, 'work'), join(root, 'tmp')], reach: { hosts: [], loopback: [] }, ...more },
  )
  const ended = await runProcess(spec)
  return { ...ended, stopped: await end() }
}

caged('what a caged process may do', () => {
  it('runs with its arguments, environment and directory as they were', async () => {
    const { outcome, tail } = await run('echo "$1|$GIVEN|$TMPDIR|$(pwd)"; exit 3')
    expect(tail.trim()).toBe(`a word with 'quotes' and $dollars|x y|${root}/tmp|${root}/work`)
    expect(outcome).toEqual({ kind: 'exit', code: 3 })
  })

  it('writes where it is told, and nowhere else', async () => {
    const { tail } = await run(
      `echo in > here; echo tmp > $TMPDIR/t; echo out > ${root}/other/x; echo home > $HOME/x; ln -s ${root}/other link && echo via > link/x`,
    )
    expect(readFileSync(join(root, 'work/here'), 'utf8')).toBe('in\n')
    expect(existsSync(join(root, 'tmp/t'))).toBe(true)
    expect(existsSync(join(root, 'other/x')) || existsSync(join(root, 'home/x'))).toBe(false)
    expect(tail).toMatch(/read-only file system/i)
  })

  it('as a reader writes nothing in its directory', async () => {
    await run('echo x > reader', { write: [join(root, 'tmp')] })
    expect(existsSync(join(root, 'work/reader'))).toBe(false)
  })

  it('sees no keys, no other run, and no other process', async () => {
    const { tail } = await run(
      `cat $HOME/.ssh/id; cat ${root}/hidden/theirs/secret; cat file; for p in /proc/[0-9]*; do tr '\\0' '\\n' < $p/environ; done; kill -0 ${process.pid} && echo alive`,
      {},
      join(root, 'hidden/mine'),
    )
    expect(tail).toContain('mine')
    expect(tail).not.toContain('the private key')
    expect(tail).not.toContain('theirs\n')
    expect(tail).not.toContain('alive')
    expect(tail).not.toContain('JEST_WORKER_ID')
  })

  it('leaves nothing behind when it is ended', async () => {
    const begun = Date.now()
    const { spec, end } = await cage.wrap(
      {
        file: 'sh',
        args: ['-c', 'setsid sleep 4242 & sleep 4242'],
        cwd: join(root, 'work'),
        env: { PATH: process.env['PATH'] ?? '' },
        limits: { wallMs: 1_000 },
        signal: new AbortController().signal,
      },
      { write: [], reach: { hosts: [], loopback: [] } },
    )
    expect((await runProcess(spec)).outcome.kind).toBe('timeout')
    await end()
    expect(Date.now() - begun).toBeLessThan(20_000)
    const { stdout } = await import('execa').then(({ execa }) => execa('ps', ['axww', '-o', 'command=']))
    expect(stdout.split('\n').filter((line) => line.trim() === 'sleep 4242')).toEqual([])
  })
})

caged('whom it may reach', () => {
  let server: Server
  let port: number
  let hits: string[]
  beforeEach(async () => {
    hits = []
    server = createServer((request, answer) => {
      hits.push(request.url ?? '')
      answer.end('from the host')
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  })
  afterEach(() => void server.close())

  const asks = (address: string): string =>
    `${JSON.stringify(process.execPath)} -e 'const p=new URL(process.env.HTTP_PROXY);require("http").get({host:p.hostname,port:p.port,path:"${address}",headers:{"proxy-authorization":"Basic "+Buffer.from(decodeURIComponent(p.username)+":"+decodeURIComponent(p.password)).toString("base64")}},(r)=>{r.pipe(process.stdout);console.log(r.statusCode)})'`

  it('is the port of ours that it is told, through the proxy', async () => {
    const { tail } = await run(asks(`http://127.0.0.1:${port}/model`), {
      reach: { hosts: [], loopback: [port] },
    })
    expect(tail).toContain('from the host')
    expect(hits).toEqual(['/model'])
  })

  it('is nobody else, and that is told afterwards', async () => {
    const { tail, stopped } = await run(
      `${asks(`http://127.0.0.1:${port}/other`)}; ${JSON.stringify(process.execPath)} -e 'require("net").connect(${port},"127.0.0.1").on("error",(e)=>console.log(e.code)).on("connect",()=>console.log("direct"))'`,
      { reach: { hosts: ['example.com'], loopback: [port + 1] } },
    )
    expect(tail).toContain('403')
    expect(tail).toContain('ECONNREFUSED')
    expect(tail).not.toContain('direct')
    expect(hits).toEqual([])
    expect(stopped.join('\n')).toContain(`127.0.0.1:${port}`)
  })
})

it('says what is missing where no cage can be made', async () => {
  expect(await cageProblems(undefined, process.env)).toMatchObject([
    {
      reason: 'sandbox-not-available',
      hint: expect.stringContaining('apt-get install bubblewrap') as unknown,
    },
  ])
})
