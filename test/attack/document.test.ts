import { expect, test } from '@jest/globals'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import { HEAVY } from './heavy.ts'
import { BY_PROGRAMS, CAGED, CHECKOUT, GATED } from './attempts.ts'

const FILE = fileURLToPath(new URL('../../docs/security.md', import.meta.url))
const cell = (text: string): string => text.replaceAll('|', '\\|')

test('docs/security.md lists the attempts that are made', async () => {
  const WITHOUT = {
    uncaged: 'without the cage',
    listed: 'with a list that names the address',
  }
  const rows = [
    ...CAGED.map((one) => ['agent, in the cage', one, WITHOUT[one.control]] as const),
    ...HEAVY.map((one) => ['agent, in the cage', one, 'in the cage without limits'] as const),
    ...GATED.map((one) => ['agent, at the gates', one, 'what is allowed and nearly the same'] as const),
    ...CHECKOUT.map((one) => ['checkout', one, 'with plain git'] as const),
    ...BY_PROGRAMS.map((one) => ['checkout', one, one.control] as const),
  ].map(
    ([who, { what, stoppedBy }, control]) => `| ${who} | ${cell(what)} | ${cell(stoppedBy)} | ${control} |`,
  )
  const table = ['| Who | Tries to | Stopped by | Succeeds |', '| --- | --- | --- | --- |', ...rows].join(
    '\n',
  )
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
