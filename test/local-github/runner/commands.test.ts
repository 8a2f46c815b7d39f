import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parseCommand, parseEnvFile } from '../../../local-github/runner/commands.ts'
import { createJobLog } from '../../../local-github/runner/job-log.ts'
import { createMasks } from '../../../local-github/runner/masks.ts'
import { tokenPermissions } from '../../../local-github/runner/permissions.ts'

describe('a workflow command', () => {
  test('is read with its properties and escapes', () => {
    expect(
      parseCommand('::error file=src/a b.ts,line=3,title=Bad%3A one%2C two::first%0Asecond: %25'),
    ).toEqual({
      name: 'error',
      properties: { file: 'src/a b.ts', line: '3', title: 'Bad: one, two' },
      value: 'first\nsecond: %',
    })
    expect(parseCommand('::endgroup::')?.name).toBe('endgroup')
    expect(parseCommand('text ::error::no')).toBeUndefined()
    expect(parseCommand(':: error ::no')).toBeUndefined()
  })

  test('survives what @actions/core escapes', () => {
    const escape = (text: string) =>
      text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
    const property = (text: string) => escape(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string(), (title, message) => {
        const command = parseCommand(`::notice title=${property(title)}::${escape(message)}`)
        return command?.properties['title'] === title && command.value === message
      }),
    )
  })
})

describe('a file of a step', () => {
  test('has lines and blocks', () => {
    expect(parseEnvFile('a=1\n\nb<<EOF\nx=y\n\nz\nEOF\nc==<<\n')).toEqual([
      ['a', '1'],
      ['b', 'x=y\n\nz'],
      ['c', '=<<'],
    ])
  })

  test.each([
    ['nothing', "Invalid format 'nothing'"],
    ['=x', "Invalid format '=x'"],
    ['a<<EOF\nnever closed', "Invalid value. Matching delimiter not found 'EOF'"],
  ])('%j is refused', (content, message) => {
    expect(() => parseEnvFile(content)).toThrow(message)
  })
})

describe('a log', () => {
  const secret = 'hunter2-is-secret'
  const open = () => createJobLog(createMasks([secret, 'line one\nline two']))

  test('hides secrets in every form', () => {
    const log = open()
    log.line(`plain ${secret}`)
    log.line(`base64 ${Buffer.from(`user:${secret}`).toString('base64')}`)
    log.line(`url ${encodeURIComponent('a b/c')} line two`)
    log.line('::add-mask::later-secret')
    log.line('later-secret')
    log.line(`::warning title=${secret}::${secret}`)
    log.addSummary(`# ${secret}`)
    const shown = [log.text, JSON.stringify(log.annotations), log.summary].join('\n')
    expect(shown).not.toMatch(/hunter2|is-secret|line two|later-secret/)
    const encoded = /base64 (\S+)/.exec(log.text)?.[1] ?? ''
    expect(Buffer.from(encoded, 'base64').toString()).not.toContain('is-secret')
    expect(log.text).toContain('plain ***')
  })

  test('keeps ten annotations of a level and step, fifty of a job', () => {
    const log = open()
    for (let step = 0; step < 4; step += 1) {
      log.beginStep()
      for (let index = 0; index < 15; index += 1) {
        log.line(`::error file=a.ts,line=${index + 1}::e${index}`)
        log.line(`::notice::n${index}`)
      }
    }
    expect(log.annotations.filter((one) => one.level === 'failure').length).toBeLessThanOrEqual(40)
    expect(log.annotations).toHaveLength(50)
    expect(log.annotations[0]).toEqual({
      level: 'failure',
      path: 'a.ts',
      startLine: 1,
      endLine: 1,
      title: '',
      message: 'e0',
    })
  })

  test('stops commands until the word is said', () => {
    const log = open()
    for (const line of ['::stop-commands::WORD', '::error::ignored', '::WORD::', '::error::heard'])
      log.line(line)
    expect(log.annotations.map((one) => one.message)).toEqual(['heard'])
    expect(log.text).toContain('::error::ignored')
  })

  test('refuses a summary above 1 MiB, and sets no output by command', () => {
    const log = open()
    log.addSummary('x'.repeat(1024 * 1024 + 1))
    log.line('::set-output name=a::1')
    expect(log.summary).toBe('')
    expect(log.annotations[0]?.message).toBe(
      '$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of 1024k, got 1025k.',
    )
    expect(log.text).toContain('The `set-output` command is disabled')
  })
})

describe('permissions', () => {
  test('name what a token may do, and take away the rest', () => {
    expect(tokenPermissions({ contents: 'write', 'pull-requests': 'read', issues: 'none' }, false)).toEqual({
      contents: 'write',
      pull_requests: 'read',
      metadata: 'read',
    })
    expect(tokenPermissions({}, false)).toEqual({ metadata: 'read' })
    expect(tokenPermissions(undefined, false)).toEqual({
      contents: 'read',
      packages: 'read',
      metadata: 'read',
    })
    expect(tokenPermissions('write-all', false)['checks']).toBe('write')
  })

  test('only read for a fork, whatever is written', () => {
    expect(Object.values(tokenPermissions('write-all', true)).every((level) => level === 'read')).toBe(true)
  })
})
