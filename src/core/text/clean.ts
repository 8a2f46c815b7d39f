import { stripVTControlCharacters } from 'node:util'
import { withoutInvisible } from './sanitize.ts'

/** Text of an agent, a program or a file, made harmless for a terminal: no escape sequence, control or unseen character. */
export const clean = (text: string): string =>
  withoutInvisible(stripVTControlCharacters(text).replace(/\r\n?/g, '\n'))

/** The same on one line: runs of white space are one blank. */
export const oneLine = (text: string): string => clean(text.replace(/\s+/g, ' ')).trim()
