import { describe, expect, it } from '@jest/globals'
import { Patience, roomIn } from '../../../src/adapters/gateway/patience.ts'

const NOW = Date.parse('2026-03-01T14:00:00Z')
const room = (headers: Record<string, string>): number | undefined => roomIn(new Headers(headers), NOW)

describe('when there is room again', () => {
  it('is what the provider asks for, in seconds, milliseconds or as a date', () => {
    expect(room({ 'retry-after': '90' })).toBe(90_000)
    expect(room({ 'retry-after-ms': '120', 'retry-after': '90' })).toBe(120)
    expect(room({ 'retry-after': 'Sun, 01 Mar 2026 14:05:00 GMT' })).toBe(300_000)
  })

  it('is else the reset of the limit that is used up', () => {
    const limits = {
      'anthropic-ratelimit-requests-remaining': '40',
      'anthropic-ratelimit-requests-reset': '2026-03-01T14:00:01Z',
      'anthropic-ratelimit-input-tokens-remaining': '0',
      'anthropic-ratelimit-input-tokens-reset': '2026-03-01T14:00:45Z',
    }
    expect(room(limits)).toBe(45_000)
    expect(room({ ...limits, 'retry-after': '7' })).toBe(7_000)
    // A subscription's: seconds since the epoch.
    expect(
      room({
        'anthropic-ratelimit-unified-5h-status': 'rejected',
        'anthropic-ratelimit-unified-5h-reset': String(NOW / 1_000 + 7_200),
      }),
    ).toBe(7_200_000)
    expect(room({ 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '6m0.5s' })).toBe(360_500)
    expect(room({ 'x-ratelimit-reset-requests': '120ms' })).toBe(120)
  })

  it('is not guessed from what cannot be read, or lies too far off', () => {
    expect(room({})).toBeUndefined()
    expect(room({ 'retry-after': 'soon', 'x-ratelimit-reset-tokens': '6 minutes' })).toBeUndefined()
    expect(room({ 'anthropic-ratelimit-tokens-reset': '2027-03-01T14:00:00Z' })).toBeUndefined()
  })

  it('is tried later each time where nobody says anything, and at once after an answer', () => {
    let now = NOW
    const patience = new Patience(
      'Anthropic',
      () => now,
      () => 0,
    )
    const overload = { status: 529, headers: new Headers() }
    expect([1, 2, 3].map(() => patience.refused(overload))).toEqual([1_000, 2_000, 4_000])
    expect(patience.limit).toBe('overload of Anthropic')
    now += 4_000
    expect(patience.waitMs).toBe(0)
    patience.answered()
    expect(patience.refused({ ...overload, status: 429 })).toBe(1_000)
    expect(patience.limit).toBe('rate limit of Anthropic')
  })
})
