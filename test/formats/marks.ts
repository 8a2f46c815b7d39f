import { withoutStatuses } from '../../src/core/ingest/digest.ts'

const boxless = (text: string): string =>
  text.replace(/\[[ xX\-~]?\]/gu, '[]').replace(/[ \t]*✅(?=\r?$)/gmu, '')

const BARE: Record<string, (text: string) => string> = {
  'plan-md': withoutStatuses,
  'task-based': withoutStatuses,
  'spec-driven': withoutStatuses,
  'task-master': (text) => text.replace(/("status": )"[\w-]*"/gu, '$1'),
  bmad: (text) =>
    boxless(text)
      .replace(/^((?:## )?Status(?:: |\s+))\S[^\r\n]*$/gmu, '$1')
      .replace(/^( {2}\d+-\d+[\w-]*: )[\w-]+/gmu, '$1'),
  gsd: (text) =>
    boxless(text)
      .replace(/^(\*\*Status:\*\* ).*$/gmu, '$1')
      .replace(/\| (?:Complete|Pending|Partial|Not started|In progress)(?= *\|)/giu, '| ')
      .replace(/\| \d+(?=\/\d+ *\|)/gu, '| ')
      .replace(/\| (?:-|\d{4}-\d\d-\d\d)(?= *\|$)/gmu, '| '),
}

/** How a text of a format looks without what the format writes into it. */
export const bareOf = (mode: string): ((text: string) => string) => BARE[mode] ?? boxless
