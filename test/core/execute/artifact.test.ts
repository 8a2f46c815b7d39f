import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { checkArtifact } from '../../../src/core/execute/artifact.ts'
import { artifactSchema, unreviewedKinds } from '../../../src/core/execute/schemas.ts'
import { AGENT_STEPS } from '../../../src/core/model/step.ts'

const now = { nonce: 'n-2', attempt: 2 }
const clean = { nonce: 'n-2', summary: 'Looked at all of it.', findings: [] }
const problems = (text: string | undefined) => {
  const checked = checkArtifact('review-code', text, now)
  return checked.ok ? [] : checked.error
}

describe('checkArtifact', () => {
  it('reads a review', () => {
    expect(checkArtifact('review-code', JSON.stringify(clean), now)).toEqual({ ok: true, value: clean })
  })

  it.each([
    ['a byte order mark and white space', `\uFEFF\n ${JSON.stringify(clean)} \n`],
    ['a json fence', '```json\n' + JSON.stringify(clean) + '\n```\n'],
    ['a fence with carriage returns', '```\r\n' + JSON.stringify(clean) + '\r\n```'],
    ['null for optional fields', JSON.stringify({ ...clean, criteria: null, reopened: null, usage: null })],
    ['fields it does not know', JSON.stringify({ ...clean, verdict: 'clean' })],
  ])('accepts %s', (_, text) => {
    expect(checkArtifact('review-code', text, now)).toEqual({ ok: true, value: clean })
  })

  it('says that nothing was written', () => {
    expect(problems(undefined)).toEqual([
      {
        reason: 'missing',
        message: 'The agent of review-code (attempt 2) ended without an artifact.',
        hint: 'It has to write its JSON to the file that ORCHESTRATE_ARTIFACT names, or answer by the schema. Retry the step, or look at its output for what stopped it.',
      },
    ])
    expect(problems('\uFEFF \n')[0]?.message).toBe(
      'The agent of review-code (attempt 2) ended without writing anything into its artifact.',
    )
  })

  it.each([
    [
      'No problems found.',
      'The artifact of review-code (attempt 2) is not JSON: "No problems found." was not expected at line 1, column 1.',
    ],
    [
      '{\n  "nonce": "n-2",\n  "findings": [],\n}',
      'The artifact of review-code (attempt 2) is not JSON: "}" was not expected at line 4, column 1.',
    ],
    [
      '{"nonce": "n-2", "findings": [',
      'The artifact of review-code (attempt 2) is not JSON: the end of the text was not expected at line 1, column 31.',
    ],
    [
      'Here it is:\n```json\n{}\n```',
      'The artifact of review-code (attempt 2) is not JSON: "Here it is:" was not expected at line 1, column 1.',
    ],
    [
      '{"a": 1} {"b": 2}',
      'The artifact of review-code (attempt 2) is not JSON: "{"b": 2}" was not expected at line 1, column 10.',
    ],
    [
      '{"a": "line\nbreak"}',
      'The artifact of review-code (attempt 2) is not JSON: ""line" was not expected at line 1, column 7.',
    ],
  ])('shows where %j stops being JSON', (text, message) => {
    expect(problems(text)).toMatchObject([
      { reason: 'not-json', message, hint: 'Write one JSON object and nothing before or after it.' },
    ])
  })

  it('names every place that does not fit the schema', () => {
    const text = JSON.stringify({
      nonce: 'n-2',
      findings: [{ severity: 'high', file: '', line: 0, title: 'x', detail: 'y' }],
    })
    expect(problems(text).map(({ message }) => message)).toEqual([
      'The artifact of review-code (attempt 2) does not fit its schema at summary: Invalid input: expected string, received undefined.',
      'The artifact of review-code (attempt 2) does not fit its schema at findings[0].severity: Invalid option: expected one of "P0"|"P1"|"P2"|"P3".',
      'The artifact of review-code (attempt 2) does not fit its schema at findings[0].file: Too small: expected string to have >=1 characters.',
      'The artifact of review-code (attempt 2) does not fit its schema at findings[0].line: Too small: expected number to be >=1.',
    ])
  })

  it('names the first twenty places of very many', () => {
    const text = JSON.stringify({
      nonce: 'n-2',
      summary: '',
      findings: Array.from({ length: 30 }, () => ({})),
    })
    const found = problems(text)
    expect(found).toHaveLength(21)
    expect(found.at(-1)?.message).toBe(
      'The artifact of review-code (attempt 2) does not fit its schema in 130 more places.',
    )
  })

  it('refuses an artifact that was written for another call', () => {
    expect(problems(JSON.stringify({ ...clean, nonce: 'n-1' }))).toEqual([
      {
        reason: 'stale-nonce',
        message:
          'The artifact of review-code carries the nonce "n-1", this call (attempt 2) has "n-2": it was not written for this call.',
        hint: 'Copy the nonce from the end of the prompt. A file of an earlier attempt does not count.',
        at: 'nonce',
      },
    ])
  })

  it('refuses a report as long as a book', () => {
    expect(problems(`"${'x'.repeat(4_000_000)}"`)).toEqual([
      {
        reason: 'too-large',
        message: 'The artifact of review-code (attempt 2) has 4000002 characters, more than 4000000.',
        hint: 'An artifact reports on the work, it does not carry it: leave file contents and logs out.',
      },
    ])
  })

  it('never takes garbage for a clean review', () => {
    const garbage = fc.oneof(
      fc.string(),
      fc.json(),
      fc.json().map((text) => `{"nonce":"n-2","summary":"","findings":${text}`),
      fc.constantFrom(
        '- **P0**: 1',
        '{"findings":[]}',
        '[]',
        'null',
        '"n-2"',
        '{"nonce":"n-2"}',
        '0 findings',
      ),
      fc.string().map((text) => `${JSON.stringify(clean)}${text.trim() === '' ? 'x' : text}`),
      fc.nat(200_000).map((depth) => '['.repeat(depth)),
      fc
        .nat(20_000)
        .map(
          (depth) =>
            `{"nonce":"n-2","summary":"","findings":[${'['.repeat(depth + 1)}${']'.repeat(depth + 2)}}`,
        ),
    )
    fc.assert(
      fc.property(garbage, (text) => {
        expect(problems(text).length).toBeGreaterThan(0)
      }),
      { numRuns: 500 },
    )
  })

  it('finds in every broken text the place where it breaks', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), (text, at) => {
        const broken = text.slice(0, at % (text.length + 1)) + '\u0001' + text.slice(at % (text.length + 1))
        const [problem] = problems(broken)
        expect(problem?.reason).toBe('not-json')
        const column = Number(problem?.at?.split(':')[1])
        expect(column).toBeLessThanOrEqual((at % (text.length + 1)) + 1)
      }),
    )
  })
})

describe('artifactSchema', () => {
  it('is the same object for every call of a step', () => {
    for (const step of AGENT_STEPS) expect(artifactSchema(step)).toBe(artifactSchema(step))
  })

  it('asks a reviewer for nonce, summary and findings', () => {
    expect(artifactSchema('review-perf')).toMatchObject({
      type: 'object',
      required: ['nonce', 'summary', 'findings'],
    })
  })

  it('takes one review of each kind from a whole-phase agent', () => {
    const review = { kind: 'code', summary: '', findings: [] }
    const text = JSON.stringify({ nonce: 'n-2', summary: '', reviews: [review, review] })
    expect(checkArtifact('phase', text, now)).toMatchObject({
      error: [
        {
          message:
            'The artifact of phase (attempt 2) does not fit its schema at reviews: one review of each kind.',
        },
      ],
    })
  })

  it('knows the reviews that a whole-phase agent left out', () => {
    const artifact = {
      nonce: 'n',
      summary: '',
      reviews: [{ kind: 'code' as const, summary: '', findings: [] }],
    }
    expect(unreviewedKinds(artifact)).toEqual(['test', 'perf'])
    expect(unreviewedKinds({ nonce: 'n', summary: '' })).toEqual(['test', 'code', 'perf'])
  })
})
