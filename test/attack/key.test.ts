import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { claudeAdapter } from '../../src/adapters/agents/claude.ts'
import { modelEndpoints } from '../../src/adapters/agents/endpoints.ts'
import { openAgent } from '../../src/adapters/agents/run-agent.ts'
import type { Gateway } from '../../src/adapters/gateway/gateway.ts'
import { startGateway } from '../../src/adapters/gateway/start-gateway.ts'
import { type CageDoor, cageDoor } from '../../src/adapters/sandbox/door.ts'
import { cageProblems } from '../../src/adapters/sandbox/problems.ts'
import { loadRuntime } from '../../src/adapters/sandbox/runtime.ts'
import { agentRequest } from '../support/agent-request.ts'

const there = (await cageProblems(await loadRuntime(undefined), process.env)).length === 0
const caged = there ? describe : describe.skip

/** Made up here: it is nobody's. */
const KEY = `sk-ant-api03-${'Zx9'.repeat(30)}-AA`

/**
 * What stands in the agent's place: calls its model, as it has to, and puts all that it can find into its worktree: the environment
 * and the arguments of every process, and every file of this world's that it can read.
 */
const PRINTS_ALL = `#!/bin/sh
exec > "$PWD/said" 2>&1
echo "own-key=$ANTHROPIC_API_KEY"
"$NODE_PROGRAM" -e 'const to=new URL(process.env.ANTHROPIC_BASE_URL+"/v1/messages"),by=process.env.HTTP_PROXY?new URL(process.env.HTTP_PROXY):to,auth=by===to?{}:{"proxy-authorization":"Basic "+Buffer.from(decodeURIComponent(by.username)+":"+decodeURIComponent(by.password)).toString("base64")};require("http").request({host:by.hostname,port:by.port,method:"POST",path:by===to?to.pathname:to.href,headers:{...auth,host:to.host,"x-api-key":process.env.ANTHROPIC_API_KEY,"content-type":"application/json"}},(r)=>{let t="";r.on("data",(d)=>t+=d).on("end",()=>console.log("model",r.statusCode,JSON.stringify(r.headers),t))}).on("error",(e)=>console.log("no model",String(e))).end(JSON.stringify({model:"claude-haiku-4-5",max_tokens:1,messages:[{role:"user",content:"x"}]}))'
env
set
cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline | tr '\\0' '\\n'
find WORLD "$HOME" "$TMPDIR" /run /dev/shm -xdev -type f -size -2048k ! -name said -exec cat {} + 2> /dev/null
echo "all of it"
`

let root: string
let provider: Server
let seen: IncomingHttpHeaders[]
let gateway: Gateway
let door: CageDoor
beforeAll(async () => {
  if (!there) return
  root = realpathSync(mkdtempSync(join(tmpdir(), 'key-')))
  for (const [path, text] of Object.entries({
    'home/.bashrc': `export ANTHROPIC_API_KEY=${KEY}\n`,
    'home/.claude.json': JSON.stringify({ primaryApiKey: KEY }),
    'home/notes.txt': 'to be read\n',
    'worktree/file': 'x\n',
    'bin/claude': PRINTS_ALL.replaceAll('WORLD', `'${root}'`).replaceAll('$NODE_PROGRAM', process.execPath),
  })) {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), text, { mode: 0o755 })
  }
  seen = []
  provider = createServer((request, answer) => {
    seen.push(request.headers)
    request.resume().on('end', () => {
      answer.setHeader('content-type', 'application/json')
      answer.end(
        '{"type":"message","role":"assistant","content":[],"usage":{"input_tokens":1,"output_tokens":1}}',
      )
    })
  }).listen(0, '127.0.0.1')
  await once(provider, 'listening')
  gateway = await startGateway({
    endpoints: { ...modelEndpoints({}), anthropic: endpoint() },
    now: () => Date.now(),
    random: Math.random,
  })
  door = cageDoor({ mode: 'required', env: { ...process.env, HOME: join(root, 'home') }, hide: [] })
})
afterAll(async () => {
  if (!there) return
  await door.close()
  await gateway.close()
  provider.closeAllConnections()
  provider.close()
  rmSync(root, { recursive: true, force: true })
})

const endpoint = () => ({
  apiKey: KEY,
  baseUrl: `http://127.0.0.1:${(provider.address() as AddressInfo).port}`,
})

/** What the program printed; as it is run in a job, or with nothing around it. */
async function said(isHeld: boolean): Promise<string> {
  const { cage, tmpDir } = await door.open()
  const env = { PATH: process.env['PATH'] ?? '', HOME: join(root, 'home'), ANTHROPIC_API_KEY: KEY }
  const around = { env, tmpDir, ...(isHeld ? { cage, gateway } : {}) }
  const adapter = claudeAdapter({ ...around, ...endpoint(), binary: join(root, 'bin/claude') })
  const agent = openAgent(adapter, around, endpoint())
  const outcome = await agent.run(
    agentRequest(join(root, 'worktree')),
    new AbortController().signal,
    () => undefined,
  )
  const printed = readFileSync(join(root, 'worktree/said'), 'utf8')
  return `${printed}\n${JSON.stringify(outcome)}`
}

caged("the provider's key", () => {
  it('is nowhere in the environment and on the disk of an agent that prints all of it', async () => {
    const printed = await said(true)
    // It was made well: it had its model answer, and read what may be read.
    expect(printed).toMatch(/^own-key=\S{16,}$/m)
    expect(printed).toMatch(/^model 200 /m)
    expect(printed).toContain('to be read')
    expect(printed).toContain('all of it')
    expect(seen.map((headers) => headers['x-api-key'])).toEqual([KEY])
    for (const form of [KEY, Buffer.from(KEY).toString('base64').slice(0, -4), encodeURIComponent(KEY)])
      expect(printed.includes(form)).toBe(false)
  })

  it('would be, with neither cage nor gateway', async () => {
    const printed = await said(false)
    expect(printed).toContain(`own-key=${KEY}`)
    expect(printed).toContain(`export ANTHROPIC_API_KEY=${KEY}`)
  })
})
