import { describe, expect, it } from '@jest/globals'
import { asGitError, GitError, gitFailure, kindOf } from '../../../src/adapters/git/git-error.ts'
import { Git } from '../../../src/adapters/git/git.ts'
import { gitEnv, hookEnv, networkEnv } from '../../../src/adapters/git/environment.ts'
import { tempRepo, testEnv } from '../../support/git.ts'

describe('what git says on stderr', () => {
  it.each([
    [
      'error: file write error: No space left on device\nfatal: unable to write loose object file',
      'disk-full',
    ],
    ['fatal: write error: Disk quota exceeded', 'disk-full'],
    ["fatal: sha1 file '/r/.git/index.lock' write error. Out of diskspace", 'disk-full'],
    ["fatal: Unable to create '/r/.git/index.lock': File exists.", 'locked'],
    ["fatal: cannot lock ref 'refs/a/b': 'refs/a' exists; cannot create 'refs/a/b'", 'ref-conflict'],
    ["fatal: cannot lock ref 'refs/a': is at 1 but expected 2", 'failed'],
    ['', 'failed'],
  ])('%j is %s', (stderr, kind) => {
    expect(kindOf(stderr)).toBe(kind)
  })

  it('reaches people as a failure with the end of it', () => {
    const full = gitFailure(
      asGitError(Object.assign(new Error('ENOSPC: write'), { code: 'ENOSPC' }), 'hash-object'),
    )
    expect(full).toMatchObject({
      reason: 'disk-full',
      message: 'The disk is full: git hash-object: ENOSPC: write',
    })
    const failed = gitFailure(new GitError('failed', 'status', `${'x'.repeat(10_000)}fatal: the end`))
    expect(failed.reason).toBe('git-failed')
    expect(failed.message).toMatch(/the end$/)
    expect(failed.message.length).toBeLessThan(4_100)
  })
})

describe('a git command', () => {
  it('is an error with its stderr when it fails, and ends at its time limit', async () => {
    const git = new Git(tempRepo().path, gitEnv(testEnv()))
    await expect(git.run(['rev-parse', '--verify', 'nope'])).rejects.toMatchObject({
      kind: 'failed',
      stderr: 'fatal: Needed a single revision',
    })
    const slow = git.run(['-c', 'alias.slow=!sleep 60', 'slow'], { timeoutMs: 200 })
    await expect(slow).rejects.toMatchObject({ kind: 'timeout' })
  })

  it('gets nothing of the environment but what it needs', () => {
    const env = {
      PATH: '/bin',
      HOME: '/h',
      GITHUB_TOKEN: 's',
      GIT_DIR: '/evil',
      SSH_AUTH_SOCK: '/s',
      LANG: 'de_DE',
    }
    expect(Object.keys(gitEnv(env)).filter((name) => name in env)).toEqual(['PATH', 'HOME'])
    expect(networkEnv(env, false)).toEqual({ SSH_AUTH_SOCK: '/s', GIT_SSH_COMMAND: 'ssh -oBatchMode=yes' })
    expect(networkEnv(env, true)).toEqual({ SSH_AUTH_SOCK: '/s' })
    expect(hookEnv(env)).toEqual({ PATH: '/bin', HOME: '/h', LANG: 'de_DE', GIT_TERMINAL_PROMPT: '0' })
  })
})
