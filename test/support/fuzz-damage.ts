/** Real plans of every format with their bytes damaged. */
import fc from 'fast-check'
import { line } from './fuzz-markdown.ts'
import { bytesOf, each, REAL } from './fuzz-plans.ts'
import type { BytesOfPlan } from './plan-faults.ts'

interface Damage {
  kind: 'delete' | 'repeat' | 'swap' | 'insert' | 'truncate' | 'splice' | 'turn'
  /** Which file, and where in it, as parts of 2³² of what there is. */
  file: number
  at: number
  to: number
  length: number
  bytes: Uint8Array
  /** Whether it happens at the ends of lines. */
  lines: boolean
}

/** A part of 2³² of what there is. */
export const part = fc.nat({ max: 0xffffffff })
export const share = (drawn: number, whole: number): number => Math.floor((drawn / 0x100000000) * whole)

const damage: fc.Arbitrary<Damage> = fc.record({
  kind: fc.constantFrom('delete', 'repeat', 'swap', 'insert', 'truncate', 'splice', 'turn'),
  file: part,
  at: part,
  to: part,
  length: fc.oneof(fc.nat({ max: 8 }), fc.nat({ max: 400 })),
  bytes: fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 12 }),
    line.map(bytesOf),
    fc.constantFrom(...'`*_[]<>|#-\r\n\0{}":,'.split('')).map(bytesOf),
  ),
  lines: fc.boolean(),
})

const spliced = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts))

function damaged(
  bytes: Uint8Array,
  { kind, at, to, length, bytes: new_, lines }: Damage,
  other: Uint8Array,
): Uint8Array {
  const place = (drawn: number): number => {
    const found = share(drawn, bytes.length + 1)
    return lines ? bytes.lastIndexOf(10, found) + 1 : found
  }
  const [from, until] = [place(at), Math.min(bytes.length, place(at) + length)]
  const [before, piece, after] = [bytes.subarray(0, from), bytes.subarray(from, until), bytes.subarray(until)]
  switch (kind) {
    case 'delete':
      return spliced(before, after)
    case 'repeat':
      return spliced(before, piece, piece, after)
    case 'swap': {
      const rest = spliced(before, after)
      const there = Math.min(rest.length, place(to))
      return spliced(rest.subarray(0, there), piece, rest.subarray(there))
    }
    case 'insert':
      return spliced(before, new_, piece, after)
    case 'truncate':
      return spliced(before)
    case 'splice':
      return spliced(before, other.subarray(share(to, other.length + 1)))
    case 'turn':
      return spliced(
        before,
        piece.map((byte) => byte ^ (to & 255)),
        after,
      )
  }
}

/** A real plan of any format, with one to six damages in its bytes. */
export const damagedPlans: fc.Arbitrary<BytesOfPlan> = fc
  .tuple(fc.nat({ max: REAL.length - 1 }), part, fc.array(damage, { minLength: 1, maxLength: 6 }))
  .map(([nth, another, damages]) => {
    const { files, path } = REAL[nth] ?? { files: {}, path: '' }
    const now = each(files)
    const names = Object.keys(now).sort()
    const others = Object.values(REAL[share(another, REAL.length)]?.files ?? {})
    for (const one of damages) {
      const name = names[share(one.file, names.length)] ?? ''
      const other = bytesOf(others[share(one.to, others.length)] ?? '')
      now[name] = damaged(now[name] ?? new Uint8Array(), one, other)
    }
    return { files: now, path }
  })
