import { describe, expect, it } from '@jest/globals'
import { readContract } from '../../../src/core/ingest/contract.ts'
import { DEFAULT_CONTRACT } from '../../../src/core/model/contract.ts'
import { ingest } from '../../../src/core/ingest/ingest.ts'
import { planFilesOf } from './fixtures.ts'
import { memorySource } from './memory-source.ts'

describe('the contract', () => {
  it('is read with its commands, gates and templates', async () => {
    const { plan, failures } = await ingest(memorySource(planFilesOf('with-contract')))
    expect(failures).toEqual([])
    expect(plan?.contract).toEqual({
      project: { name: 'greeter', type: 'greenfield', buildCmd: 'npm run build', testCmd: 'npm test' },
      execution: {
        phaseRunner: 'subprocess',
        maxPhaseRetries: 1,
        continuationPrompt: true,
        progressEnforcement: 'strict',
        gates: { betweenPhases: 'manual', onFailure: 'stop' },
      },
      handoff: { file: '.claude/handoff.md', maxLines: 80 },
      progress: { file: '.claude/progress-log.md', mode: 'append_only' },
      stated: true,
      phasePrompt:
        'Work on {{ phase.title }}.\n\n{% for task in phase.tasks %}\n- {{ task.title }}\n{% endfor %}',
      continuationTemplate: 'Go on with {{ phase.title }} from {{ handoff }}.',
    })
  })

  it('takes defaults where workflow.md says nothing', () => {
    expect(readContract('Just notes.\n')).toEqual({
      contract: { ...DEFAULT_CONTRACT, stated: true },
      failures: [],
      diagnostics: [],
    })
  })

  it('names every bad value with its line, what was found and what is allowed', () => {
    const text =
      '---\nproject:\n  type: legacy\nexecution:\n  max_phase_retries: 99\n  gates:\n    between_phases: sometimes\nhandoff: { file: ../x.md }\nprogress:\n  mode: 3\n---\n'
    expect(readContract(text).failures.map((f) => [f.line, f.message])).toEqual([
      [3, 'workflow.md:3: project.type is "legacy"; allowed: greenfield, brownfield, prototype.'],
      [5, 'workflow.md:5: execution.max_phase_retries is 99; allowed: at most 10.'],
      [7, 'workflow.md:7: execution.gates.between_phases is "sometimes"; allowed: auto, manual, review.'],
      [
        8,
        'workflow.md:8: handoff.file is "../x.md"; allowed: a path inside the repository, with forward slashes.',
      ],
      [10, 'workflow.md:10: progress.mode is 3; allowed: append_only.'],
    ])
  })

  it('names the line of a YAML error', () => {
    expect(readContract('---\nproject:\n  name: "x\n---\n').failures.map((f) => f.reason)).toEqual([
      'invalid-contract',
    ])
  })

  it('tells of settings that it does not know', () => {
    const { failures, diagnostics } = readContract('---\nexecution:\n  max_retries: 3\n---\n')
    expect(failures).toEqual([])
    expect(diagnostics.map((d) => [d.line, d.message])).toEqual([
      [3, 'execution.max_retries is no setting of the contract; it has no effect.'],
    ])
  })

  it('survives a document of aliases', () => {
    const text = `---\na: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
      .split('')
      .map(
        (k, i) =>
          `${k}: &${k} [${Array(9)
            .fill(`*${'abcdefgh'.charAt(i)}`)
            .join(',')}]`,
      )
      .join('\n')}\n---\n`
    expect(readContract(text).contract.stated).toBe(true)
  })
})
