import { describe, expect, it } from '@jest/globals'
import { decodeText } from '../../../src/adapters/files/plan-limits.ts'
import { ingest } from '../../../src/core/ingest/ingest.ts'
import type { PlanSource } from '../../../src/core/ports.ts'
import { memorySource } from './memory-source.ts'

const TEXT = '# Plan\n\n## Phase 1: A\n\n- [ ] Écrire src/a.ts\n'

function read(bytes: Buffer): ReturnType<typeof ingest> {
  const read = (path: string) => Promise.resolve(path === 'task_plan.md' ? decodeText(bytes) : undefined)
  const source: PlanSource = { ...memorySource({ 'task_plan.md': '' }), read }
  return ingest(source)
}

const le = Buffer.from(TEXT, 'utf16le')
const be = Buffer.from(le).swap16()

describe('a plan in another encoding', () => {
  it.each([
    ['UTF-16 with its mark', Buffer.concat([Buffer.from([0xff, 0xfe]), le]), 'iconv -f UTF-16 '],
    ['UTF-16 BE with its mark', Buffer.concat([Buffer.from([0xfe, 0xff]), be]), 'iconv -f UTF-16 '],
    ['UTF-16 LE', le, 'iconv -f UTF-16LE'],
    ['UTF-16 BE', be, 'iconv -f UTF-16BE'],
  ])('refuses %s and says how to convert it', async (_name, bytes, hint) => {
    const { mode, diagnostics } = await read(bytes)
    expect(mode).toBe('invalid')
    expect(diagnostics).toEqual([
      expect.objectContaining({ rule: 'not-utf-8', severity: 'error', hint: expect.stringContaining(hint) }),
    ])
  })

  it.each([
    ['Latin-1', Buffer.from(TEXT, 'latin1'), 'iconv'],
    ['Shift-JIS', Buffer.from(TEXT.replace('É', '\x83\x41'), 'latin1'), 'SHIFT_JIS'],
    ['NUL bytes', Buffer.from(TEXT.replace('É', '\0')), 'tr -d'],
  ])('reads %s and names the first line where it shows', async (_name, bytes, hint) => {
    const { plan, diagnostics } = await read(bytes)
    expect(plan?.phases.map(({ id }) => id)).toEqual(['1'])
    expect(diagnostics).toEqual([
      expect.objectContaining({
        rule: 'not-utf-8',
        severity: 'warning',
        line: 5,
        hint: expect.stringContaining(hint),
      }),
    ])
  })
})
