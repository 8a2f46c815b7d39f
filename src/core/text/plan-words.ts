import type { PlanWords } from '../model/plan.ts'
import { plural } from './display.ts'
import { capital } from './sentence.ts'

const OURS = /\b(phase|task)(s?)\b/giu

/**
 * Our own general text ("Split the phase", "Each task names a file") in the words of a plan's format. Not for text that quotes a plan:
 * what people wrote stays as they wrote it.
 */
export const inWords = (text: string, words: PlanWords): string =>
  text.replace(OURS, (found: string, noun: string, many: string) => {
    const word = noun.toLowerCase() === 'phase' ? words.phase : words.task
    const own = many === '' ? word : plural(word)
    return /^[A-Z]/u.test(found) ? capital(own) : own
  })
