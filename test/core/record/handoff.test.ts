import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { handoffText } from '../../../src/core/record/handoff.ts'
import { appendProgressLog } from '../../../src/core/record/progress-file.ts'
import { resultOf } from './result.ts'

const many = (name: string, length: number): string[] => Array.from({ length }, (_, i) => `${name}${i}`)

describe('the hand-off file', () => {
  it('tells what was done, decided and changed, what is open and what comes next', () => {
    const text = handoffText(
      {
        result: resultOf('1'),
        files: ['src/a.ts'],
        next: [{ id: '2', title: 'Use it' }],
        date: '2026-01-02',
      },
      150,
    )
    expect(text).toBe(`# Hand-off: phase 1, Build

completed on 2026-01-02 after 90 s.

## Done

- aaaaaaaaaa orchestrate(phase-1): Build

## Decisions

- Keep it small

## Files changed

- \`src/a.ts\`

## Open items

- P2 src/a.ts:3 Name it
- Not judged: AC-2

## Next

- Phase 2: Use it
`)
  })

  it('never has more lines than the contract allows', () => {
    fc.assert(
      fc.property(
        fc.nat(300),
        fc.nat(300),
        fc.nat(60),
        fc.integer({ min: 10, max: 200 }),
        (files, decisions, next, max) => {
          const text = handoffText(
            {
              result: { ...resultOf('1'), decisions: many('d', decisions) },
              files: many('f', files),
              next: many('p', next).map((id) => ({ id, title: 'x' })),
              date: '2026-01-02',
            },
            max,
          )
          expect(text.split('\n').length - 1).toBeLessThanOrEqual(max)
        },
      ),
    )
  })

  it('lets files give way before decisions and says how many are missing', () => {
    const text = handoffText(
      {
        result: { ...resultOf('1'), decisions: many('d', 20) },
        files: many('f', 100),
        next: [],
        date: '2026-01-02',
      },
      60,
    )
    expect(text).toContain('- d19')
    expect(text).toMatch(/- `f2`\n(?:- `f\d+`\n)*- … and \d+ more/u)
  })
})

describe('the progress log', () => {
  it('only ever grows', () => {
    fc.assert(
      fc.property(fc.string(), (existing) => {
        const text = appendProgressLog(existing, { result: resultOf('1'), specs: [], date: '2026-01-02' })
        expect(text.startsWith(existing)).toBe(true)
        expect(text.slice(existing.length)).toContain('## Phase 1: Build — completed (2026-01-02)')
      }),
    )
  })

  it('keeps the line ends of the file', () => {
    const text = appendProgressLog('# Log\r\n\r\nold\r\n', {
      result: resultOf('1'),
      specs: [],
      date: '2026-01-02',
    })
    expect(text.replaceAll('\r\n', '')).not.toContain('\n')
  })
})
