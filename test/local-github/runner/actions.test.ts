import { describe, expect, test } from '@jest/globals'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileDir, useRunner } from './rig.ts'

const rig = useRunner()
const job = (name: string) => rig.github.job(name)

const NODE_ACTION = {
  '.github/actions/tell/action.yml': `
name: tell
description: Tells what it sees
inputs:
  what: { description: x, default: nothing }
  with space: { description: x, default: "\${{ github.repository }}" }
  token: { description: x, default: "\${{ github.token }}" }
outputs:
  told: { description: x }
runs: { using: node20, main: main.cjs, post: post.cjs }
`,
  '.github/actions/tell/main.cjs': `
const fs = require('fs')
console.log('main', process.env.INPUT_WHAT, process.env['INPUT_WITH_SPACE'], process.env.INPUT_TOKEN.length > 5, process.env.EXTRA)
console.log('::group::inside')
console.log('::endgroup::')
fs.appendFileSync(process.env.GITHUB_OUTPUT, 'told=' + process.env.INPUT_WHAT + '\\n')
fs.appendFileSync(process.env.GITHUB_STATE, 'kept=' + process.env.INPUT_WHAT + '\\n')
`,
  '.github/actions/tell/post.cjs': "console.log('post', process.env.STATE_kept, process.env.INPUT_WHAT)\n",
  '.github/actions/both/action.yml': `
name: both
description: Two steps
inputs:
  word: { description: x, required: true }
outputs:
  first: { description: x, value: "\${{ steps.one.outputs.told }}" }
runs:
  using: composite
  steps:
    - id: one
      uses: ./.github/actions/tell
      with: { what: "inner-\${{ inputs.word }}" }
    - run: echo "script at $GITHUB_ACTION_PATH says \${{ inputs.word }} [\${{ steps.outer.outputs.told }}] $EXTRA"
      shell: bash
    - if: inputs.word == 'fail'
      run: exit 4
      shell: bash
    - run: echo "after"
      shell: bash
`,
}

describe('an action', () => {
  test('of this repository runs as a node process or as steps, and cleans up in the end', async () => {
    const repository = await rig.repository(
      {
        'ci.yml': `
name: own
on: push
jobs:
  own:
    runs-on: x
    env: { EXTRA: extra }
    steps:
      - uses: actions/checkout@v5
      - id: outer
        uses: ./.github/actions/tell
        with: { what: outer, unknown: 1 }
      - id: both
        uses: ./.github/actions/both
        with: { word: hello }
      - run: echo "got \${{ steps.outer.outputs.told }} \${{ steps.both.outputs.first }}"
      - id: failing
        continue-on-error: true
        uses: ./.github/actions/both
        with: { word: fail }
      - run: echo "ended \${{ steps.failing.outcome }}"
  missing:
    runs-on: x
    steps:
      - run: echo never
      - uses: nobody/nothing@v1
`,
      },
      NODE_ACTION,
    )
    await rig.push(repository)
    const log = job('own')?.log ?? ''
    expect(job('own')?.conclusion).toBe('success')
    expect(log).toContain(`main outer ${repository} true extra`)
    expect(log).toContain('main inner-hello')
    expect(log).toMatch(/script at \S+\/\.github\/actions\/both says hello \[\] extra/)
    expect(log).toContain('got outer inner-hello')
    expect(log).toContain('ended failure')
    expect(log.match(/^after$/gm)).toHaveLength(1)
    expect(log.match(/^post .*$/gm)).toEqual([
      'post inner-fail inner-fail',
      'post inner-hello inner-hello',
      'post outer outer',
    ])
    expect(job('own')?.annotations?.map((one) => one.message)).toContain(
      "Unexpected input(s) 'unknown', valid inputs are ['what', 'with space', 'token']",
    )
    expect(job('missing')?.conclusion).toBe('failure')
    expect(job('missing')?.steps).toEqual([])
    expect(job('missing')?.annotations?.[0]?.message).toContain(
      'Unable to resolve action `nobody/nothing@v1`',
    )
  })

  test('of GitHub is stood in for: cache, artifacts, Node', async () => {
    const repository = await rig.repository({
      'ci.yml': `
name: stand-ins
on: push
jobs:
  first:
    runs-on: x
    steps:
      - uses: actions/setup-node@v5
        with: { node-version: 20 }
      - id: cache
        uses: actions/cache@v4
        with: { path: "kept\\n~/deep/er", key: "k-\${{ github.sha }}", restore-keys: k- }
      - if: steps.cache.outputs.cache-hit != 'true'
        run: mkdir -p kept ~/deep/er out/sub && echo one > kept/a && echo two > ~/deep/er/b
      - run: mkdir -p out/sub && echo x > out/x.txt && echo y > out/sub/y.log && echo z > out/.hidden
      - uses: actions/upload-artifact@v4
        with: { name: results, path: "out\\n!out/**/*.log" }
      - uses: actions/upload-artifact@v4
        with: { name: none, path: nothing-here }
  second:
    needs: first
    runs-on: x
    steps:
      - id: cache
        uses: actions/cache/restore@v4
        with: { path: "kept\\n~/deep/er", key: k-other, restore-keys: "z-\\nk-" }
      - run: cat kept/a ~/deep/er/b; echo "hit [\${{ steps.cache.outputs.cache-hit }}] \${{ steps.cache.outputs.cache-matched-key }}"
      - uses: actions/download-artifact@v4
        with: { name: results, path: got }
      - run: ls -A got
`,
    })
    await rig.push(repository)
    const { id, headSha, conclusion } = rig.github.lastRun()
    expect(conclusion).toBe('success')
    expect(job('first')?.log).toContain(`Cache k-${headSha} saved.`)
    expect(job('first')?.annotations?.map((one) => one.message)).toEqual([
      'No files were found with the provided path: nothing-here. No artifacts will be uploaded.',
    ])
    expect(job('second')?.log).toContain(`one\ntwo\nhit [false] k-${headSha}`)
    expect(job('second')?.log).toContain('x.txt\n')
    expect(job('second')?.log).not.toMatch(/hidden|y\.log/)
    expect(readFileSync(join(rig.runner.artifactsDir(id), 'results', 'x.txt'), 'utf8')).toBe('x\n')
  })

  test('is checked out at any ref: branch, tag, commit, another repository', async () => {
    const other = await rig.repository({}, { 'other.txt': 'of another repository\n' })
    const repository = await rig.repository({
      'ci.yml': `
name: refs
on: workflow_dispatch
jobs:
  refs:
    runs-on: x
    steps:
      - uses: actions/checkout@v5
        with: { ref: topic, fetch-depth: 0 }
      - run: cat topic.txt; git rev-list --count HEAD; git symbolic-ref --short HEAD; git for-each-ref refs/remotes --format='%(refname)'
      - uses: actions/checkout@v5
        with: { ref: v1, path: tag }
      - run: ls tag; git -C tag rev-list --count HEAD
      - id: sha
        uses: actions/checkout@v5
        with: { ref: "\${{ github.sha }}", path: sha }
      - run: echo "\${{ steps.sha.outputs.commit }}"
      - uses: actions/checkout@v5
        with: { repository: ${other}, path: other }
      - run: cat other/other.txt
      - uses: actions/checkout@v5
        with: { ref: missing, path: missing }
`,
    })
    const base = await rig.github.git(repository, 'rev-parse', 'main')
    await rig.github.git(repository, 'tag', 'v1', 'main')
    await rig.github.commit(repository, { 'topic.txt': 'on topic\n' }, { branch: 'topic', from: 'main' })
    await rig.dispatch(repository, 'ci.yml')
    const log = job('refs')?.log ?? ''
    expect(log).toContain('on topic\n2\ntopic\nrefs/remotes/origin/main\nrefs/remotes/origin/topic')
    expect(log).toContain('README.md\n1\n')
    expect(log).toContain(base)
    expect(log).toContain('of another repository')
    expect(job('refs')?.conclusion).toBe('failure')
    expect(job('refs')?.annotations?.[0]?.message).toBe(
      "A branch or tag with the name 'missing' could not be found",
    )
  })
})

const marked = fileDir()
const pre = useRunner({ actions: { 'us/pre': marked } })

describe('an action of another repository', () => {
  test('runs its pre before any step, and shares its state with main and post', async () => {
    const write = (name: string, text: string) => writeFileSync(join(marked, name), text)
    write(
      'action.yml',
      'name: p\ndescription: p\nruns: { using: node24, pre: p.cjs, main: m.cjs, post: q.cjs, post-if: failure() }\n',
    )
    write(
      'p.cjs',
      "require('fs').appendFileSync(process.env.GITHUB_STATE, 'by=pre\\n'); console.log('pre runs')\n",
    )
    write('m.cjs', "console.log('main after', process.env.STATE_by, process.env.GITHUB_ACTION_REPOSITORY)\n")
    write('q.cjs', "console.log('post runs')\n")
    const repository = await pre.repository({
      'ci.yml':
        'on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: echo first\n      - uses: us/pre@v1\n',
    })
    await pre.push(repository)
    const log = pre.github.job('a')?.log ?? ''
    expect(log.indexOf('pre runs')).toBeLessThan(log.indexOf('first'))
    expect(log).toContain('main after pre us/pre')
    expect(log).not.toContain('post runs')
  })
})
