import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { readIn } from './memory-plan.ts'
import { writeBackFaults } from './write-back.ts'

const PLACES = {
  kiro: '.kiro/specs/x/tasks.md',
  openspec: 'openspec/changes/x/tasks.md',
  'spec-kit': 'specs/001-x/tasks.md',
  superpowers: 'docs/superpowers/plans/x.md',
} as const

const line = fc.oneof(
  fc.constantFrom(
    '',
    '   ',
    '---',
    '```',
    '~~~~',
    '<!-- note',
    '-->',
    '<details>',
    '| a | b |',
    '> - [ ] 1. quoted',
  ),
  fc
    .tuple(
      fc.constantFrom('', '  ', '\t', '      '),
      fc.constantFrom('- [ ]', '- [x]', '* [X]', '- [-]', '1. [ ]', '- []', '- [ ]*', '- [a](b)', '-'),
      fc.constantFrom(
        ' 1. One',
        ' 1.1 Sub',
        ' 2. Two ✅',
        ' T001 Do it',
        ' **Step 1: Go**',
        ' [P] x',
        ' ~~T002~~ gone',
        '',
      ),
    )
    .map((parts) => parts.join('')),
  fc
    .tuple(
      fc.constantFrom('#', '##', '###'),
      fc.constantFrom(
        ' Phase 1: A',
        ' 1. A',
        ' Task 1: A',
        ' Task 2: B ✅',
        ' Phase 2: B ✅',
        ' 2. B',
        ' Notes',
        ' Dependencies',
      ),
    )
    .map((parts) => parts.join('')),
  fc.constantFrom(
    'Phase 2 → Phase 1',
    '- Phase 2 depends on Phase 1',
    '**Status**: ✅ done',
    'Phase 1 ──┬──► Phase 2',
    '└──►',
  ),
)
const document = fc
  .tuple(fc.array(line, { maxLength: 30 }), fc.constantFrom('\n', '\r\n'), fc.constantFrom('', '\uFEFF'))
  .map(([lines, end, mark]) => mark + lines.join(end))
const bare = (text: string): string => text.replace(/\[[ xX\-~]?\]/gu, '[]').replace(/[ \t]*✅[ \t]*$/gmu, '')

describe.each(Object.entries(PLACES))('any text as a plan of %s', (mode, path) => {
  test('is read without a throw, and written back without touching anything but marks', async () => {
    await fc.assert(
      fc.asyncProperty(document, async (text) => {
        const files = { [path]: text }
        if ((await readIn(files, path)).mode !== mode) return
        expect(await writeBackFaults(files, path, bare)).toEqual([])
      }),
      { numRuns: 150 },
    )
  })
})
