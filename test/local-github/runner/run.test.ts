import { describe, expect, test } from '@jest/globals'
import { useRunner } from './rig.ts'

const rig = useRunner({ vars: () => ({ REGION: 'north' }) })
const job = (name: string) => rig.github.job(name)

describe('a workflow', () => {
  test('runs steps in order, hands outputs on, and ends with a job that sees them', async () => {
    const repository = await rig.repository(
      {
        'ci.yml': `
name: ci
run-name: Checking \${{ github.ref_name }} by \${{ github.actor }}
on: push
env:
  WHOLE: workflow
defaults:
  run: { shell: bash }
jobs:
  build:
    runs-on: ubuntu-24.04
    defaults:
      run: { working-directory: sub }
    outputs:
      version: \${{ steps.version.outputs.version }}
      text: \${{ steps.version.outputs.text }}
    env:
      MINE: job-\${{ vars.REGION }}
    steps:
      - uses: actions/checkout@v5
      - id: version
        run: |
          echo "version=1.2.3" >> "$GITHUB_OUTPUT"
          printf 'text<<END\\na\\nb\\nEND\\n' >> "$GITHUB_OUTPUT"
      - run: |
          cat file.txt
          echo "$WHOLE $MINE $OWN $GITHUB_JOB $GITHUB_REPOSITORY"
          echo "LATER=set" >> "$GITHUB_ENV"
          mkdir -p "$RUNNER_TEMP/bin" && printf '#!/bin/sh\\necho from the path\\n' > "$RUNNER_TEMP/bin/tool"
          chmod +x "$RUNNER_TEMP/bin/tool" && echo "$RUNNER_TEMP/bin" >> "$GITHUB_PATH"
        env:
          OWN: step
      - run: |
          echo "later is $LATER"
          tool
          echo "token: [$GITHUB_TOKEN]"
          node -p 'JSON.parse(require("fs").readFileSync(process.env.GITHUB_EVENT_PATH)).after'
  report:
    name: Report \${{ needs.build.outputs.version }}
    needs: build
    runs-on: ubuntu-24.04
    steps:
      - name: Say \${{ needs.build.outputs.version }}
        run: echo "built $TEXT \${{ needs.build.result }}"
        env:
          TEXT: \${{ needs.build.outputs.text }}
`,
      },
      { 'sub/file.txt': 'content of a file\n' },
    )
    await rig.push(repository)
    const run = rig.github.lastRun()
    expect(run).toMatchObject({ conclusion: 'success', displayTitle: 'Checking main by ann', event: 'push' })
    const log = job('build')?.log
    expect(log).toContain('content of a file')
    expect(log).toContain(`workflow job-north step build ${repository}`)
    expect(log).toContain('later is set\nfrom the path\ntoken: []')
    expect(log).toContain(run.headSha)
    expect(job('Report 1.2.3')?.log).toContain('built a\nb success')
    expect(job('Report 1.2.3')?.steps).toEqual([{ number: 1, name: 'Say 1.2.3', conclusion: 'success' }])
    expect(rig.github.tokens.every((token) => token.revoked)).toBe(true)
  })

  test('goes on after a failure only where a condition says so', async () => {
    const step = (name: string, more: string) => `      - name: ${name}\n        ${more}\n`
    const repository = await rig.repository({
      'ci.yml': `
name: failing
on: push
jobs:
  first:
    runs-on: x
    steps:
${step('forgiven', 'id: forgiven\n        continue-on-error: true\n        run: exit 3')}
${step('after forgiven', 'run: echo "${{ steps.forgiven.outcome }} ${{ steps.forgiven.conclusion }}"')}
${step('pipe', 'run: echo "::error file=src/a.ts,line=4,title=Bad::not good" && false | true && exit 7')}
${step('implied', 'run: echo never')}
${step('if failure', 'if: failure()\n        run: echo "failed on ${{ job.status }}"')}
${step('if always', 'if: always()\n        run: echo always >> "$GITHUB_STEP_SUMMARY"')}
  skipped:
    needs: first
    runs-on: x
    steps: [{ run: echo never }]
  after-skipped:
    needs: skipped
    if: always() && needs.skipped.result == 'skipped'
    runs-on: x
    steps: [{ run: echo tail }]
  on-failure:
    needs: [first]
    if: failure()
    runs-on: x
    steps: [{ run: echo cleaning }]
  far:
    needs: [after-skipped]
    runs-on: x
    steps: [{ run: echo never }]
  allowed:
    runs-on: x
    continue-on-error: true
    steps: [{ run: exit 1 }]
  after-allowed:
    needs: allowed
    runs-on: x
    steps: [{ run: 'echo "\${{ needs.allowed.result }}"' }]
`,
    })
    await rig.push(repository)
    const { id, conclusion } = rig.github.lastRun()
    const results = rig.github.actions.jobs(id).map((one) => [one.name, one.conclusion])
    expect(conclusion).toBe('failure')
    expect(Object.fromEntries(results)).toEqual({
      first: 'failure',
      skipped: 'skipped',
      'after-skipped': 'success',
      'on-failure': 'success',
      far: 'skipped',
      allowed: 'failure',
      'after-allowed': 'success',
    })
    const first = job('first')
    expect(first?.steps?.map((one) => one.conclusion)).toEqual([
      ...['success', 'success', 'failure', 'skipped', 'success', 'success'],
    ])
    expect(first?.log).toContain('failure success')
    expect(first?.log).toContain('failed on failure')
    expect(first?.summary).toBe('always\n')
    expect(first?.annotations).toContainEqual({
      level: 'failure',
      path: 'src/a.ts',
      startLine: 4,
      endLine: 4,
      title: 'Bad',
      message: 'not good',
    })
    expect(first?.annotations?.map((one) => one.message)).toContain('Process completed with exit code 7.')
  })

  test('makes a matrix of what an earlier job found, and lets the others end where fail-fast is off', async () => {
    const repository = await rig.repository({
      'ci.yml': `
name: phases
on: push
jobs:
  plan:
    runs-on: x
    outputs:
      phases: \${{ steps.plan.outputs.phases }}
    steps:
      - id: plan
        run: echo 'phases=[{"id":"1","title":"Base","after":[]},{"id":"2a","title":"API","after":["1"]},{"id":"3","title":"UI","after":[]}]' >> "$GITHUB_OUTPUT"
  phase:
    needs: plan
    runs-on: x
    if: needs.plan.outputs.phases != '[]'
    strategy:
      fail-fast: false
      max-parallel: 2
      matrix:
        include: \${{ fromJSON(needs.plan.outputs.phases) }}
    concurrency: phase-\${{ matrix.id }}
    steps:
      - run: echo "phase $ID of \${{ strategy.job-total }}"; [ "$ID" != 2a ]
        env: { ID: "\${{ matrix.id }}" }
  empty:
    needs: plan
    runs-on: x
    strategy:
      matrix:
        one: \${{ fromJSON('[]') }}
    steps: [{ run: echo never }]
  tail:
    needs: [phase, empty]
    if: always()
    runs-on: x
    steps: [{ run: 'echo "phases ended as \${{ needs.phase.result }}"' }]
`,
    })
    await rig.push(repository)
    expect(job('phase (1, Base)')?.conclusion).toBe('success')
    expect(job('phase (2a, API, 1)')?.conclusion).toBe('failure')
    expect(job('phase (3, UI)')?.log).toContain('phase 3 of 3')
    expect(job('empty')).toMatchObject({
      conclusion: 'failure',
      annotations: [{ message: "Matrix vector 'one' does not contain any values" }],
    })
    expect(job('tail')?.log).toContain('phases ended as failure')
  })

  test('that cannot be read fails at once, and says where', async () => {
    const repository = await rig.repository({
      'bad.yml':
        'name: bad\non: push\njobs:\n  a:\n    runs-on: x\n    needs: nobody\n    steps:\n      - run: echo\n',
    })
    await rig.push(repository)
    expect(rig.github.lastRun()).toMatchObject({ workflow: { name: 'bad' }, conclusion: 'startup_failure' })
    expect(rig.said.join('\n')).toMatch(/The workflow must contain at least one job with no dependencies/)
  })

  test('runs as many jobs at once as there is room for, and drops what must not be an output', async () => {
    const repository = await rig.repository({
      'ci.yml': `
name: outputs
on: push
jobs:
  many:
    runs-on: x
    outputs:
      secret: \${{ steps.a.outputs.secret }}
      fine: \${{ steps.a.outputs.fine }}
    steps:
      - id: a
        run: |
          echo "::add-mask::very-$(printf hidden)-word"
          echo "secret=it is very-$(printf hidden)-word" | tee -a "$GITHUB_OUTPUT"
          echo "fine=yes" >> "$GITHUB_OUTPUT"
  large:
    runs-on: x
    outputs:
      big: \${{ steps.a.outputs.big }}
    steps:
      - id: a
        run: echo "big=$(head -c 600000 /dev/zero | tr '\\0' x)" >> "$GITHUB_OUTPUT"
  see:
    needs: many
    runs-on: x
    steps: [{ run: 'echo "[\${{ needs.many.outputs.secret }}] [\${{ needs.many.outputs.fine }}]"' }]
`,
    })
    await rig.push(repository)
    expect(job('see')?.log).toContain('[] [yes]')
    expect(job('many')?.annotations?.map((one) => one.message)).toEqual([
      "Skip output 'secret' since it may contain secret.",
    ])
    expect(job('many')?.log).not.toContain('very-hidden-word')
    expect(job('large')?.conclusion).toBe('failure')
  })
})
