import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { cacheOf, evaluate, loadProgram, scriptOf } from '../../src/cli/load-program.ts'
import { tempDir } from '../support/git.ts'

function bundle(text: string): string {
  const file = join(tempDir(), 'program.cjs')
  writeFileSync(file, `exports.say=()=>${JSON.stringify(text)}+require('node:path').sep;`)
  return file
}

interface Loaded {
  say(): string
}

describe('a bundle', () => {
  it('is loaded from its compiled form', () => {
    const file = bundle('whole')
    const script = scriptOf(file)
    expect(evaluate<Loaded>(script, file).say()).toBe('whole/')
    writeFileSync(cacheOf(file), script.createCachedData())
    expect(loadProgram<Loaded>(file).say()).toBe('whole/')
  })

  it('is compiled where there is no such form, or one of another text or Node', () => {
    const file = bundle('compiled now')
    expect(loadProgram<Loaded>(file).say()).toBe('compiled now/')
    writeFileSync(cacheOf(file), scriptOf(bundle('something else, and longer')).createCachedData())
    expect(loadProgram<Loaded>(file).say()).toBe('compiled now/')
    writeFileSync(cacheOf(file), 'no compiled form at all')
    expect(loadProgram<Loaded>(file).say()).toBe('compiled now/')
  })
})
