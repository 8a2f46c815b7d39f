import { expect, it } from '@jest/globals'
import { mkdirSync, readdirSync, readFileSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { fileTranscripts } from '../../src/adapters/transcripts/file-transcripts.ts'
import { transcriptsText } from '../../src/core/report/transcript.ts'
import { redactor, secretsIn } from '../../src/core/text/redact.ts'
import { PLAIN } from '../../src/core/text/style.ts'
import { tempDir } from '../support/git.ts'

const PLACE = { run: 'run-1', phase: '2', attempt: 1, step: 'implement', unit: 'data model', try: 1 } as const
const BEGAN = Date.parse('2026-03-01T14:00:00Z')

function clockFrom(start: number) {
  let at = start
  return { now: () => (at += 1_000) }
}

it('keeps what an agent did, for people to read again, without secrets', async () => {
  const secret = 'hunter2-"quoted"'
  const dir = tempDir()
  const redact = redactor(secretsIn({ SERVICE_PASSWORD: secret, PATH: '/usr/bin' }))
  const transcripts = fileTranscripts({ dir, clock: clockFrom(BEGAN), redact })
  const one = transcripts.open(PLACE)
  one.tell({ kind: 'text', text: `I read ${secret}\nand a key: sk-ant-${'a1'.repeat(12)}` })
  one.tell({ kind: 'tool', tool: 'Write', target: 'src/a.ts' })
  one.tell({ kind: 'output', text: `{"raw":"${Buffer.from(secret).toString('base64')}"}` })
  one.tell({ kind: 'retry', attempt: 1, delayMs: 2_000, status: 529 })
  one.tell({ kind: 'usage', usage: { costUsd: 0.25 } })
  one.tell({ kind: 'denied', tool: 'WebFetch' })
  one.tell({ kind: 'result', ok: true, message: '', durationMs: 9_000, usage: { costUsd: 0.25 } })
  await one.close()
  const [file = ''] = readdirSync(join(dir, 'run-1'))
  const kept = readFileSync(join(dir, 'run-1', file), 'utf8')
  expect(kept).not.toMatch(/hunter2|sk-ant|aHVudGVyMi/)
  expect(kept).toContain('"kind":"output"')
  expect(transcriptsText(await transcripts.read('run-1'), PLAIN)).toBe(
    `phase 2 · implement data model · 2026-03-01T14:00:01Z
   0:01  I read ***
         and a key: ***
   0:02  Write src/a.ts
   0:04  status 529: waits 2.0s (try 1)
   0:05  $0.25 so far
   0:06  was not allowed to use WebFetch
   0:07  done · 9.0s · $0.25
`,
  )
  expect(await transcripts.read('another')).toEqual([])
})

it('grows no larger than it may, and says how much is missing and how it ended', async () => {
  const transcripts = fileTranscripts({
    dir: tempDir(),
    clock: clockFrom(BEGAN),
    redact: (text) => text,
    maxBytes: 2_000,
  })
  const one = transcripts.open(PLACE)
  for (let i = 0; i < 100; i++) one.tell({ kind: 'output', text: 'x'.repeat(500) })
  one.tell({ kind: 'result', ok: false, message: 'timeout: too long', durationMs: 1, usage: {} })
  await one.close()
  const [read] = await transcripts.read('run-1')
  expect(read?.lines.filter(({ kind }) => kind === 'output')).toHaveLength(3)
  expect(read?.lines.slice(-2)).toMatchObject([
    { kind: 'result', ok: false },
    { kind: 'left-out', lines: 97 },
  ])
})

it('keeps the newest runs', async () => {
  const dir = tempDir()
  for (let i = 0; i < 25; i++) {
    mkdirSync(join(dir, `old-${i}`))
    utimesSync(join(dir, `old-${i}`), i, i)
  }
  const transcripts = fileTranscripts({ dir, clock: clockFrom(BEGAN), redact: (text) => text })
  await transcripts.open(PLACE).close()
  const left = readdirSync(dir)
  expect(left).toHaveLength(20)
  expect(left).toContain('run-1')
  expect(left).not.toContain('old-0')
})
