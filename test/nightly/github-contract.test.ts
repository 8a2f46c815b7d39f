/**
 * The same walk as in test/local-github/contract, judged by all that GitHub publishes and not by the part that is kept with the
 * tests: taking that part out has lost nothing. Whether it is current
 * is for `scripts/extract-github-schemas.mjs --check`, in .ci/nightly.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Description } from '../local-github/contract/judge.ts'
import { Listener } from '../local-github/contract/published.ts'
import { walk } from '../local-github/contract/walk.ts'
import { stage, type Stage } from '../local-github/support.ts'

const script = (name: string): string => fileURLToPath(new URL(`../../scripts/${name}`, import.meta.url))

function everything(): Description {
  const installed = spawnSync(process.execPath, [script('install-github-schemas.mjs')], { encoding: 'utf8' })
  if (installed.status !== 0) throw new Error(`GitHub's descriptions are not installed: ${installed.stderr}`)
  const read = (file: string): unknown =>
    JSON.parse(readFileSync(path.join(installed.stdout.trim(), 'node_modules', '@octokit', file), 'utf8'))
  return {
    api: read('openapi/generated/api.github.com.json'),
    hooks: read('webhooks-schemas/schema.json'),
  }
}

let it: Stage
let listener: Listener
beforeAll(async () => {
  listener = new Listener(everything())
  it = await stage({ onAnswer: (answer) => listener.hear(answer) })
})
afterAll(() => it.close())

test('a walk through everything that the product uses', async () => {
  await walk(it)
  listener.hearWebhooks(it.github.deliveries)
  expect(listener.differences).toEqual([])
  expect(listener.gone).toEqual([])
  expect(listener.answers).toBeGreaterThan(90)
})
