import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { LineReader } from '../../../src/adapters/process/line-reader.ts'
import { RingTail } from '../../../src/adapters/process/ring-tail.ts'

const chunks = fc.array(fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)))

describe('the tail of an output', () => {
  it('is the last bytes of all that was written, however it was cut', () => {
    const ascii = fc.array(fc.string({ maxLength: 40 }).map((text) => text.replace(/[^ -~]/g, '.')))
    fc.assert(
      fc.property(ascii, fc.integer({ min: 1, max: 60 }), (texts, limit) => {
        const tail = new RingTail(limit)
        for (const text of texts) tail.write(Buffer.from(text))
        expect(tail.text()).toBe(texts.join('').slice(-limit))
      }),
    )
  })

  it('never begins in the middle of a character', () => {
    const tail = new RingTail(4)
    tail.write(Buffer.from('aéé'))
    expect(tail.text()).toBe('éé')
    tail.write(Buffer.from('b'))
    expect(tail.text()).toBe('éb')
  })
})

describe('lines of an output', () => {
  it('come as they were written, however they were cut', () => {
    fc.assert(
      fc.property(chunks, (parts) => {
        const lines: string[] = []
        const reader = new LineReader(10_000, (line) => lines.push(line))
        for (const part of parts) reader.write(part)
        reader.end()
        const expected = Buffer.concat(parts).toString('latin1').split('\n')
        expect(lines).toEqual(
          expected.filter((line) => line !== '').map((line) => Buffer.from(line, 'latin1').toString('utf8')),
        )
      }),
    )
  })

  it('are dropped and counted when too long, and the next ones come again', () => {
    const lines: string[] = []
    const reader = new LineReader(10, (line) => lines.push(line))
    for (const text of ['short\nmuch too', ' long for this', ' reader\nnext\n', 'end'])
      reader.write(Buffer.from(text))
    reader.end()
    expect(lines).toEqual(['short', 'next', 'end'])
    expect(reader.dropped).toBe(1)
  })
})
