import { expect, test } from '@jest/globals'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import { BY_PROGRAMS, CAGED, CHECKOUT, GATED } from './attempts.ts'

const FILE = fileURLToPath(new URL('../../docs/security.md', import.meta.url))
const cell = (text: string): string => text.replaceAll('|', '\\|')

test('docs/security.md lists the attempts that are made', async () => {
  const rows = [
    ...CAGED.map((attempt) => ['agent, in the cage', attempt] as const),
    ...GATED.map((attempt) => ['agent, at the gates', attempt] as const),
    ...[...CHECKOUT, ...BY_PROGRAMS].map((attempt) => ['checkout', attempt] as const),
  ].map(([who, { what, stoppedBy }]) => `| ${who} | ${cell(what)} | ${cell(stoppedBy)} |`)
  const table = ['| Who | Tries to | Stopped by |', '| --- | --- | --- |', ...rows].join('\n')
  const text = readFileSync(FILE, 'utf8')
  const made = await format(
    text.replace(
      /(<!-- attempts -->)[^]*?(<!-- \/attempts -->)/,
      (_, from: string, to: string) => `${from}\n\n${table}\n\n${to}`,
    ),
    { ...(await resolveConfig(FILE)), filepath: FILE },
  )
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(FILE, made)
  expect(text).toBe(made)
})
