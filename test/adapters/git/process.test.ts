import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { tempRepo } from '../../support/git.ts'
import { startProgram } from '../../support/program.ts'

const source = (cwd: string, end: string) => `
  import { openRepository } from './src/adapters/git/repository.ts'
  const opened = await openRepository({ cwd: ${JSON.stringify(cwd)}, env: process.env, clock: { now: Date.now } })
  if (!opened.ok) throw new Error(opened.error[0].message)
  const result = await opened.value.ledger.append({
    ref: 'refs/orchestrate/r/run', expected: undefined, subject: 's', event: {}, files: new Map([['f', 'x']]), at: 1,
  })
  console.log(JSON.stringify(result))
  ${end}
`

/** Git processes that work for a repository: by where they are, since they belong to a session of their own. */
function gitProcesses(path: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return (
          readlinkSync(`/proc/${pid}/cwd`).startsWith(path) &&
          /git/.test(readFileSync(`/proc/${pid}/comm`, 'utf8'))
        )
      } catch {
        return false
      }
    })
}

const onLinux = process.platform === 'linux' ? it : it.skip

describe('processes that stay', () => {
  it('do not keep ours alive', async () => {
    const repo = tempRepo()
    const program = startProgram(source(repo.path, ''))
    expect(JSON.parse(await program.line())).toMatchObject({ ok: true })
    expect(await program.ended).toBe(0)
  })

  onLinux('end when ours is killed', async () => {
    const repo = tempRepo()
    const program = startProgram(source(repo.path, 'setInterval(() => {}, 1000)'))
    await program.line()
    expect(gitProcesses(repo.path).length).toBeGreaterThan(2)
    program.kill('SIGKILL')
    await program.ended
    const until = Date.now() + 10_000
    while (gitProcesses(repo.path).length > 0 && Date.now() < until)
      await new Promise((done) => setTimeout(done, 10))
    expect(gitProcesses(repo.path)).toEqual([])
  })
})
