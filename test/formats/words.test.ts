import { describe, expect, test } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import { formatOf } from '../../src/core/ingest/formats/index.ts'
import { FORMAT_PLANS } from './fixtures.ts'

const FORMATS = [...new Set(FORMAT_PLANS.map((name) => name.split('__')[0] ?? ''))]

describe.each(FORMATS)('%s', (format) => {
  test('its page says which rules apply, and how they speak', async () => {
    const page = await readFile(new URL(`../../docs/formats/${format}.md`, import.meta.url), 'utf8')
    const { words } = formatOf(format as Parameters<typeof formatOf>[0])
    const said = /\*\*Review\.\*\* ([^*]*)/u.exec(page)?.[1] ?? ''
    expect(said).toMatch(/rules/u)
    expect(said).toContain(`${words.phase} `)
    expect(said).toContain(`${words.task} `)
  })
})
