import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Cage } from '../../src/adapters/sandbox/cage.ts'
import { gitSecrets } from '../../src/adapters/sandbox/hidden.ts'
import { openCage } from '../../src/adapters/sandbox/open-cage.ts'
import type { Runtime } from '../../src/adapters/sandbox/runtime.ts'
import { testEnv } from '../support/git.ts'
import { LOOT, type Place } from './attempts.ts'

export interface World {
  root: string
  /** Where the hostile agent works. */
  worktree: string
  place: Place
  cage: Cage
  victim: ChildProcess
  close(): Promise<void>
}

/** A machine with everything on it that an agent should not get at. */
export async function attackedWorld(runtime: Runtime): Promise<World> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'attacked-')))
  const at = (...parts: string[]): string => join(root, ...parts)
  const files = {
    'home/.ssh/id_ed25519': LOOT,
    'home/.npmrc': `//registry.npmjs.org/:_authToken=${LOOT}`,
    'home/.netrc': LOOT,
    'home/.aws/credentials': LOOT,
    'home/.bashrc': '',
    'state/theirs/secret': LOOT,
    'step/system.md': LOOT,
    'outside/file': '',
    'checkout/file': 'x',
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(at(path), '..'), { recursive: true })
    writeFileSync(at(path), text)
  }
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: at('checkout'), env: testEnv(), encoding: 'utf8' })
  git('init', '-q')
  git('add', '-A')
  git('-c', 'user.name=A', '-c', 'user.email=a@example.com', 'commit', '-qm', 'x')
  git('remote', 'add', 'origin', `https://x-access-token:${LOOT}@example.com/a/b.git`)
  git('worktree', 'add', '-q', '--detach', at('state/mine'))

  const listen = async (server: Server, where: number | string): Promise<Server> => {
    server.listen(where)
    await once(server, 'listening')
    return server
  }
  const tell = (): Server =>
    createServer((socket) => void socket.on('error', () => {}).end(`HTTP/1.0 200 OK\r\n\r\n${LOOT}`))
  const [port, socket] = await Promise.all([listen(tell(), 0), listen(tell(), at('socket'))])
  const victim = spawn('sleep', ['600'], { env: { PATH: process.env['PATH'] ?? '', SECRET: LOOT } })
  await once(victim, 'spawn')
  const cage = openCage({
    runtime,
    env: { HOME: at('home') },
    hide: [at('state'), at('step'), ...(await gitSecrets(at('checkout/.git')))],
  })
  return {
    root,
    worktree: at('state/mine'),
    place: {
      HOME: at('home'),
      CHECKOUT: at('checkout'),
      OTHER: at('state/theirs'),
      STEP: at('step'),
      OUTSIDE: at('outside'),
      PORT: String((port.address() as AddressInfo).port),
      SOCKET: at('socket'),
      VICTIM: String(victim.pid),
    },
    cage,
    victim,
    async close() {
      victim.kill('SIGKILL')
      port.close()
      socket.close()
      await cage.close()
      rmSync(root, { recursive: true, force: true })
    },
  }
}
