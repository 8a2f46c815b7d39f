import { createPrivateKey } from 'node:crypto'
import { type Failure, failure } from '../core/model/failure.ts'
import { err, ok, type Result } from '../core/model/result.ts'
import { oneLine } from '../core/text/clean.ts'
import { list } from '../core/text/display.ts'

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** What the App is started with. */
export interface Settings {
  appId: number
  /** PEM. */
  privateKey: string
  webhookSecret: string
  /** Root of the REST API; undefined is github.com. */
  apiUrl: string | undefined
  host: string
  port: number
  logLevel: LogLevel
  /** Between two sweeps, milliseconds; 0 sweeps at the start only. */
  sweepEveryMs: number
}

const DEFAULT_PORT = 3000
/** A webhook that was lost is noticed after so long. Each sweep costs one request a repository and one a labelled pull request. */
const DEFAULT_SWEEP_SECONDS = 300

/** The App's environment, checked. All problems in one pass; values of secrets are never repeated. */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Result<Settings> {
  const failures: Failure[] = []
  const get = (name: string): string => env[name]?.trim() ?? ''
  const needed = (name: string, what: string): string => {
    const value = get(name)
    if (value === '') failures.push(failure('missing-argument', `${name} is not set.`, what))
    return value
  }
  const number = (name: string, initial: number, max: number): number => {
    const value = get(name)
    if (value === '') return initial
    const given = /^\d{1,9}$/.test(value) ? Number(value) : undefined
    if (given !== undefined && given <= max) return given
    failures.push(bad(name, value, `a whole number from 0 to ${max}`))
    return initial
  }

  const appId = needed('APP_ID', 'It is the number on the App’s settings page.')
  if (appId !== '' && !/^[1-9]\d{0,14}$/.test(appId)) failures.push(bad('APP_ID', appId, 'a number'))
  const privateKey = keyOf(
    needed('PRIVATE_KEY', 'Generate one on the App’s settings page; PEM, or PEM in base64.'),
    failures,
  )
  const webhookSecret = needed(
    'WEBHOOK_SECRET',
    'Make one with `openssl rand -hex 32` and write it into the App’s settings too.',
  )
  const level = get('LOG_LEVEL') || 'info'
  const logLevel = LOG_LEVELS.find((one) => one === level)
  if (logLevel === undefined) failures.push(bad('LOG_LEVEL', level, `one of ${list([...LOG_LEVELS])}`))
  const apiUrl = apiUrlOf(get('GITHUB_API_URL'), get('GHE_HOST'), failures)
  const port = number('PORT', DEFAULT_PORT, 65_535)
  const sweepSeconds = number('SWEEP_SECONDS', DEFAULT_SWEEP_SECONDS, 86_400)
  if (failures.length > 0) return err(failures)
  return ok({
    appId: Number(appId),
    privateKey,
    webhookSecret,
    apiUrl,
    host: get('HOST') || '0.0.0.0',
    port,
    logLevel: logLevel ?? 'info',
    sweepEveryMs: sweepSeconds * 1_000,
  })
}

/** PEM as it is, with `\n` written out (as many panels store it), or in base64. */
function keyOf(given: string, failures: Failure[]): string {
  if (given === '') return ''
  const key = given.includes('-----BEGIN')
    ? given.replaceAll('\\n', '\n')
    : Buffer.from(given, 'base64').toString('utf8')
  try {
    createPrivateKey(key)
    return key
  } catch {
    failures.push(
      failure(
        'bad-value',
        'PRIVATE_KEY holds no private key that can be read.',
        'Give the whole .pem file, from -----BEGIN to -----END.',
      ),
    )
    return ''
  }
}

/** GitHub Enterprise Server by its host, or any server by the root of its API. */
function apiUrlOf(url: string, host: string, failures: Failure[]): string | undefined {
  if (url !== '') {
    if (isWebAddress(url)) return url.replace(/\/+$/, '')
    failures.push(bad('GITHUB_API_URL', url, 'an address, e.g. https://github.example.com/api/v3'))
  } else if (host !== '') {
    if (/^[\w.-]+(:\d+)?$/.test(host)) return `https://${host}/api/v3`
    failures.push(bad('GHE_HOST', host, 'a host name, e.g. github.example.com'))
  }
  return undefined
}

const isWebAddress = (text: string): boolean =>
  URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol)

const bad = (name: string, value: string, wanted: string): Failure =>
  failure('bad-value', `${name} is "${oneLine(value).slice(0, 80)}".`, `It takes ${wanted}.`)
