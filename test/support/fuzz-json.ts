/** A real tasks.json with its values damaged. */
import fc from 'fast-check'
import { bytesOf, REAL } from './fuzz-plans.ts'
import { part, share } from './fuzz-damage.ts'
import type { BytesOfPlan } from './plan-faults.ts'

const value = fc.oneof(
  fc.constantFrom<unknown>(
    ...[
      null,
      true,
      0,
      -1,
      1.5,
      1e21,
      '',
      '1',
      '1.1',
      'done',
      'pending',
      'in-progress',
      '\u202E',
      [],
      {},
      [[1]],
    ],
  ),
  fc.json().map((text): unknown => JSON.parse(text)),
)
const KEYS = [
  'id',
  'title',
  'status',
  'dependencies',
  'subtasks',
  'tasks',
  'master',
  'details',
  '__proto__',
  'metadata',
  'x',
]

interface Change {
  /** Which way down, as parts of 2³² of the entries there. */
  way: number[]
  kind: 'set' | 'remove' | 'rename' | 'repeat'
  key: string
  value: unknown
}
const change: fc.Arbitrary<Change> = fc.record({
  way: fc.array(part, { minLength: 1, maxLength: 7 }),
  kind: fc.constantFrom('set', 'remove', 'rename', 'repeat'),
  key: fc.constantFrom(...KEYS),
  value,
})

function changed(json: unknown, { way, kind, key, value: new_ }: Change): unknown {
  const [first, ...rest] = way
  if (first === undefined || typeof json !== 'object' || json === null) return new_
  const entries: [string, unknown][] = Object.entries(json)
  const at = share(first, entries.length)
  const entry = entries[at]
  if (entry === undefined) return new_
  const [name, inner] = entry
  if (rest.length > 0 && typeof inner === 'object' && inner !== null) {
    entries[at] = [name, changed(inner, { way: rest, kind, key, value: new_ })]
  } else if (kind === 'set') entries[at] = [name, new_]
  else if (kind === 'remove') entries.splice(at, 1)
  else if (kind === 'rename') entries[at] = [key, inner]
  else entries.splice(at, 0, [key, inner])
  return Array.isArray(json) ? entries.map(([, one]) => one) : Object.fromEntries(entries)
}

const WITH_JSON = REAL.filter(({ path }) => path === '.taskmaster')

/** A real tasks.json with values of other kinds, missing, renamed or repeated; written as people and programs write JSON. */
export const damagedJson: fc.Arbitrary<BytesOfPlan> = fc
  .tuple(
    fc.constantFrom(...WITH_JSON),
    fc.array(change, { minLength: 1, maxLength: 6 }),
    fc.constantFrom<string | number>(0, 2, '\t'),
    fc.constantFrom('\n', '\r\n'),
    fc.constantFrom('', '\uFEFF'),
  )
  .map(([{ files, path }, changes, indent, lineEnd, lead]) => {
    const now = Object.entries(files).map(([name, text]) => {
      if (!name.endsWith('tasks.json')) return [name, bytesOf(text)] as const
      const json = changes.reduce(changed, JSON.parse(text) as unknown)
      return [
        name,
        bytesOf(lead + JSON.stringify(json, undefined, indent).replaceAll('\n', lineEnd)),
      ] as const
    })
    return { files: Object.fromEntries(now), path }
  })
