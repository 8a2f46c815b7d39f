import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { agentEnvironment, straightToLoopback } from '../../../src/adapters/process/environment.ts'

describe('the environment of agents and builds', () => {
  it('takes what programs need to run', () => {
    const needed = {
      PATH: '/usr/bin:/bin',
      HOME: '/home/user',
      LANG: 'C.UTF-8',
      LC_ALL: 'C',
      TERM: 'xterm',
      TZ: 'UTC',
    }
    expect(agentEnvironment(needed)).toEqual(needed)
  })

  it('leaves every key, token and setting of CI outside', () => {
    const secrets = {
      GITHUB_TOKEN: 'x',
      GH_TOKEN: 'x',
      ACTIONS_RUNTIME_TOKEN: 'x',
      ACTIONS_ID_TOKEN_REQUEST_URL: 'x',
      INPUT_TOKEN: 'x',
      ANTHROPIC_API_KEY: 'x',
      ANTHROPIC_BASE_URL: 'x',
      OPENAI_API_KEY: 'x',
      AWS_SECRET_ACCESS_KEY: 'x',
      AWS_PROFILE: 'x',
      NPM_TOKEN: 'x',
      LC_SECRET: 'x',
      SSH_AUTH_SOCK: 'x',
      GIT_DIR: 'x',
      NODE_OPTIONS: '--require ./x.js',
      CLAUDE_CODE_OAUTH_TOKEN: 'x',
    }
    expect(agentEnvironment(secrets)).toEqual({})
  })

  it('lets no name pass that looks like a secret, whatever it is', () => {
    const word = fc.stringMatching(/^[A-Z]{0,8}$/)
    const looksSecret = fc
      .tuple(word, fc.constantFrom('TOKEN', 'KEY', 'SECRET', 'PASSWORD', 'CREDENTIALS'), word)
      .map(([before, what, after]) => [before, what, after].filter((part) => part !== '').join('_'))
    fc.assert(fc.property(looksSecret, (name) => Object.keys(agentEnvironment({ [name]: 'x' })).length === 0))
  })

  it('passes a proxy on, but not one with a password in its address', () => {
    const open = { HTTPS_PROXY: 'http://proxy.test:3128', no_proxy: 'localhost' }
    expect(agentEnvironment({ ...open, http_proxy: 'http://me:secret@proxy.test:3128' })).toEqual(open)
  })

  it('drops entries of PATH that depend on the working directory', () => {
    expect(agentEnvironment({ PATH: '.:/usr/bin::node_modules/.bin:/bin' })).toEqual({
      PATH: '/usr/bin:/bin',
    })
  })

  it('adds what is asked for', () => {
    expect(agentEnvironment({ HOME: '/home/user' }, { HOME: '/else', ORCHESTRATE_RUN: 'r' })).toEqual({
      HOME: '/else',
      ORCHESTRATE_RUN: 'r',
    })
  })
})

it('lets a program behind a proxy reach us past it', () => {
  expect(straightToLoopback({ PATH: '/bin' })).toEqual({})
  expect(straightToLoopback({ https_proxy: 'http://p:1', NO_PROXY: 'corp' })).toEqual({
    NO_PROXY: 'corp,127.0.0.1',
    no_proxy: 'corp,127.0.0.1',
  })
})
