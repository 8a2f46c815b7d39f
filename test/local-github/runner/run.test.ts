import { describe, expect, test } from '@jest/globals'
import { useRunner } from './rig.ts'

const rig = useRunner({
  secrets: (_repository, environment): Record<string, string> =>
    environment === 'production' ? { KEY: 'deploy-key-123456' } : { PLAIN: 'plain-secret-98765' },
  vars: () => ({ REGION: 'north' }),
})

describe('a workflow', () => {
  test('runs steps in order, hands outputs on, and ends with a job that sees them', async () => {
    const repository = await rig.repository({
      'ci.yml': `
name: ci
run-name: Checking \${{ github.ref_name }} by \${{ github.actor }}
on: push
env:
  WHOLE: workflow
jobs:
  build:
    runs-on: ubuntu-24.04
    outputs:
      version: \${{ steps.version.outputs.version }}
    env:
      MINE: job-\${{ vars.REGION }}
    steps:
      - uses: actions/checkout@v5
      - id: version
        run: echo "version=1.2.3" >> "$GITHUB_OUTPUT"
      - run: |
          cat README.md
          echo "$WHOLE $MINE $OWN $GITHUB_JOB $GITHUB_REPOSITORY"
          echo "LATER=set" >> "$GITHUB_ENV"
        env:
          OWN: step
      - run: echo "later is $LATER"
  report:
    needs: build
    runs-on: ubuntu-24.04
    steps:
      - name: Say \${{ needs.build.outputs.version }}
        run: echo "built \${{ needs.build.outputs.version }} \${{ needs.build.result }}"
`,
    })
    await rig.push(repository)
    const run = rig.github.lastRun()
    expect(run).toMatchObject({ conclusion: 'success', displayTitle: 'Checking main by ann', event: 'push' })
    const build = rig.github.job('build')
    expect(build?.log).toContain('# Project')
    expect(build?.log).toContain(`workflow job-north step build ${repository}`)
    expect(build?.log).toContain('later is set')
    expect(rig.github.job('report')?.log).toContain('built 1.2.3 success')
    expect(rig.github.job('report')?.steps).toEqual([{ number: 1, name: 'Say 1.2.3', conclusion: 'success' }])
  })
})
