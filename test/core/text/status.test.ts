import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { splitMarks } from '../../../src/core/text/heading-status.ts'
import { listsChoices, readStatus, rewriteStatus } from '../../../src/core/text/status.ts'
import { STATUSES } from '../../../src/core/model/plan.ts'

describe('a status as people write it', () => {
  it.each([
    ['✅ completed (2026-07-10)', 'completed'],
    ['`pending`', 'pending'],
    ['**In Progress** / בתהליך', 'in_progress'],
    ['not started', 'pending'],
    ['NOT_STARTED', 'pending'],
    ['blocked by A', 'blocked'],
    ['部分完成', 'in_progress'],
    ['未完成', 'pending'],
    ['已完成', 'completed'],
    ['[x] done', 'completed'],
    ['dropped', 'skipped'],
    ['Concluída', 'completed'],
    ['⏸️', 'pending'],
  ])('%s is %s', (text, status) => {
    expect(readStatus(text)?.status).toBe(status)
  })

  it.each(['purple', 'doneness', 'D.1 in progress', '', 'completely new'])('%j is none', (text) => {
    expect(readStatus(text)).toBeUndefined()
  })

  it('knows a legend from a status', () => {
    expect(listsChoices('pending | in_progress | completed')).toBe(true)
    expect(listsChoices('In Progress / בתהליך')).toBe(false)
  })

  it('reads back whatever it writes in place of any other status', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(
          '✅ done',
          'pending',
          '`In Progress`',
          '进行中',
          '⏳',
          'BLOCKED',
          '[ ] todo',
          '🔄 在',
        ),
        fc.constantFrom(...STATUSES),
        (text, status) => {
          const token = readStatus(text)
          if (token === undefined) throw new Error('no status')
          const written =
            text.slice(0, token.start) + rewriteStatus(text, token, status, new Map()) + text.slice(token.end)
          // a box knows only done and not done
          if (token.sign !== undefined && text.startsWith('[') && token.word === undefined) return
          // no sign says draft: it is written as one for pending
          expect(readStatus(written)?.status).toBe(
            status === 'draft' && token.word === undefined ? 'pending' : status,
          )
        },
      ),
    )
  })
})

describe('marks of a heading', () => {
  it.each([
    ['Set up ✅', 'Set up', 'completed'],
    ['Set up (in progress)', 'Set up', 'in_progress'],
    ['Set up `[complete]`', 'Set up', 'completed'],
    ['Set up ⏸️ pending', 'Set up', 'pending'],
    ['**MVP (Foundation)** - COMPLETE (40/40)', '**MVP (Foundation)**', 'completed'],
    ['Memory (🔄 Wave 3 — Atual)', 'Memory', 'in_progress'],
    ['紧急修复 (P0) ✅ 已完成', '紧急修复 (P0)', 'completed'],
    ['Review (open questions)', 'Review (open questions)', undefined],
    ['Review complete', 'Review complete', undefined],
    ['Core (no functional change)', 'Core (no functional change)', undefined],
    ['Ready the ground', 'Ready the ground', undefined],
    ['📋 Planning', '📋 Planning', undefined],
    ['Launch 🎉', 'Launch 🎉', undefined],
  ])('%s', (source, text, status) => {
    const marked = splitMarks(source)
    expect([marked.text, marked.status]).toEqual([text, status])
  })
})
