import { expect, test } from '@jest/globals'
import { generateKeyPairSync } from 'node:crypto'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { readSettings } from '../../src/app/settings.ts'

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
})
const GOOD = { APP_ID: '12', PRIVATE_KEY: privateKey, WEBHOOK_SECRET: 's3cret' }

test('everything that is wrong with the environment is said at once, and no secret is repeated', () => {
  const read = readSettings({
    APP_ID: 'twelve',
    PRIVATE_KEY: 'hunter2',
    PORT: '99999',
    LOG_LEVEL: 'loud',
    GHE_HOST: 'https://x/',
  })
  expect(read.ok).toBe(false)
  const said = read.ok ? [] : read.error.map(({ message }) => message)
  expect(said).toEqual([
    'APP_ID is "twelve".',
    'PRIVATE_KEY holds no private key that can be read.',
    'WEBHOOK_SECRET is not set.',
    'LOG_LEVEL is "loud".',
    'GHE_HOST is "https://x/".',
    'PORT is "99999".',
  ])
  expect(JSON.stringify(read)).not.toContain('hunter2')
})

test('a key is taken as PEM, with its line ends written out, and in base64', () => {
  for (const key of [
    privateKey,
    privateKey.replaceAll('\n', '\\n'),
    Buffer.from(privateKey).toString('base64'),
  ]) {
    const read = readSettings({ ...GOOD, PRIVATE_KEY: key })
    expect(read.ok && read.value.privateKey.trim()).toBe(privateKey.trim())
  }
})

test('an Enterprise Server is found by its host, any server by the root of its API', () => {
  const apiUrl = (env: Record<string, string>) => {
    const read = readSettings({ ...GOOD, ...env })
    return read.ok ? read.value.apiUrl : read.error
  }
  expect(apiUrl({})).toBeUndefined()
  expect(apiUrl({ GHE_HOST: 'github.example.com' })).toBe('https://github.example.com/api/v3')
  expect(apiUrl({ GITHUB_API_URL: 'https://host/api/v3/' })).toBe('https://host/api/v3')
})

test('the program listens, logs JSON, and ends in peace when it is asked to', async () => {
  // A GitHub that has no installations.
  const github = createServer((_, response) =>
    response.setHeader('content-type', 'application/json').end('[]'),
  )
  await once(github.listen(0, '127.0.0.1'), 'listening')
  const address = github.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const app = spawn(process.execPath, [join('build', 'app.js')], {
    env: { ...GOOD, GITHUB_API_URL: `http://127.0.0.1:${port}`, PORT: '0', HOST: '127.0.0.1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let log = ''
  app.stdout.setEncoding('utf8').on('data', (text: string) => (log += text))
  while (!log.includes('listening')) await once(app.stdout, 'data')
  const first: unknown = JSON.parse(log.split('\n')[0] ?? '')
  expect(first).toMatchObject({ msg: 'listening' })
  app.kill('SIGTERM')
  const [code] = await once(app, 'exit')
  expect(code).toBe(0)
  github.close()
})
