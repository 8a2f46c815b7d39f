import { describe, expect, test } from '@jest/globals'
import { evaluate, holds, SUCCEEDING } from '../../../local-github/runner/expressions.ts'
import { readWorkflow } from '../../../local-github/runner/workflow-file.ts'
import { tempDir } from '../../support/git.ts'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const scope = (contexts: Record<string, unknown>, status = SUCCEEDING) => ({ contexts, status })

describe('an expression', () => {
  test.each<[string, unknown]>([
    ["github.event.label.name == 'ORCHESTRATE'", true],
    ['github.event.missing.deeper', null],
    ["fromJSON('[1,2]')[1]", 2],
    ['contains(fromJSON(\'["a","b"]\'), \'b\')', true],
    ["format('{0}-{1}', github.ref_name, inputs.count)", 'main-3'],
    ["inputs.missing || 'other'", 'other'],
    ["toJSON(github.event.label) != ''", true],
    ['GitHub.Ref_Name', 'main'],
    ["join(github.event.labels.*.name, '+')", 'a+b'],
    ["startsWith(github.ref_name, 'MA') && !cancelled()", true],
  ])('%s', (expression, value) => {
    const contexts = {
      github: {
        ref_name: 'main',
        event: { label: { name: 'orchestrate' }, labels: [{ name: 'a' }, { name: 'b' }] },
      },
      inputs: { count: 3 },
    }
    expect(evaluate(expression, scope(contexts))).toBe(value)
  })

  test('asks how the job stands', () => {
    const failed = scope({}, { success: false, failure: true, cancelled: false })
    expect(['success()', 'failure()', 'cancelled()', 'always()'].map((one) => holds(one, failed))).toEqual([
      false,
      true,
      false,
      true,
    ])
  })

  test('hashes files by their content, and nothing as nothing', () => {
    const workspace = tempDir()
    mkdirSync(join(workspace, 'sub'))
    writeFileSync(join(workspace, 'package-lock.json'), 'one')
    writeFileSync(join(workspace, 'sub', 'package-lock.json'), 'two')
    const hash = (patterns: string) => evaluate(`hashFiles(${patterns})`, { ...scope({}), workspace })
    const both = hash("'**/package-lock.json'")
    expect(both).toMatch(/^[0-9a-f]{64}$/)
    expect(hash("'**/package-lock.json', '!sub/**'")).not.toBe(both)
    expect(hash("'**/yarn.lock'")).toBe('')
    writeFileSync(join(workspace, 'package-lock.json'), 'changed')
    expect(hash("'**/package-lock.json'")).not.toBe(both)
  })

  test('that names an unknown context is refused', () => {
    expect(() => evaluate('secretz.KEY', scope({}))).toThrow(/Unrecognized named-value/)
  })
})

describe('a workflow file', () => {
  test('gives every condition a status, and keeps what the converted model drops', async () => {
    const file = await readWorkflow(
      '.github/workflows/a.yml',
      `
on: { workflow_dispatch: { inputs: { n: { type: number } } } }
jobs:
  a:
    runs-on: x
    if: github.actor == 'ann'
    permissions: { contents: read }
    timeout-minutes: 5
    steps:
      - if: \${{ failure() || 'success()' == '' }}
        uses: actions/checkout@v5
        with: { ref: main }
      - if: "contains('always()', 'x')"
        run: echo
        shell: bash
`,
    )
    expect(file.errors).toEqual([])
    const [job] = file.jobs
    expect(job?.if).toBe("success() && (github.actor == 'ann')")
    expect(job?.permissions).toBeDefined()
    expect(job?.timeout).toBeDefined()
    expect(job?.steps.map((step) => step.if)).toEqual([
      "failure() || 'success()' == ''",
      "success() && (contains('always()', 'x'))",
    ])
    expect(job?.steps[0]?.with).toBeDefined()
    expect(job?.steps[1]?.shell).toBeDefined()
  })

  test('tells what is wrong with it, with line and column', async () => {
    const file = await readWorkflow(
      'a.yml',
      'on: push\njobs:\n  a:\n    runs-on: x\n    needs: b\n    stepz: []\n    steps:\n      - run: echo ${{ nope.x }}\n',
    )
    expect(file.errors.join('\n')).toMatch(/Unexpected value 'stepz'/)
    expect(file.errors.join('\n')).toMatch(/Line: 8/)
    expect(Object.keys(file.on)).toEqual(['push'])
  })
})
