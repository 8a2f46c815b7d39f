import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { artifactSchema } from '../../src/core/execute/schemas.ts'
import { checkArtifact } from '../../src/core/execute/artifact.ts'
import {
  bad,
  type Case,
  DONE,
  failedAs,
  type Finding,
  good,
  handedIn,
  judged,
  outcomeText,
  type outcomeWord,
} from '../case.ts'

const review = {
  step: 'review-code',
  access: 'read-only',
  unit: '',
  schema: artifactSchema('review-code'),
} as const
const REVIEWED = { ...DONE, findings: [] }
const read = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, 'utf8') : undefined)

/** What agents do, and what comes of answers that are none. */
export const WORK: Case[] = [
  {
    name: 'writes a file',
    wanted: 'the file is there, the artifact is handed in, what it used is known',
    async run({ cwd, call }) {
      const path = join(cwd, 'a.txt')
      const outcome = await call({
        moves: [{ write: { path, text: 'hello\n' } }, { answer: DONE }],
        tokens: { input: 1000, output: 50 },
      })
      if (read(path)?.trim() !== 'hello')
        return bad(`no file, ${outcomeText(outcome)}: ${outcome.tail.slice(-300)}`)
      if ((outcome.usage.inputTokens ?? 0) < 2000) return bad('what it used is not known')
      return handedIn(outcome, DONE)
    },
  },
  {
    name: 'non-ASCII',
    wanted: 'prompt, file and artifact keep every letter',
    async run({ cwd, call, requests }) {
      const text = 'grüße, 你好, 🦀, עברית\n'
      const path = join(cwd, 'größe-数.txt')
      const artifact = { nonce: 'nonce-1', summary: text.trim() }
      const prompt = { system: 'Sprich höflich: 礼.', user: `Schreibe: ${text}` }
      const outcome = await call({ moves: [{ write: { path, text } }, { answer: artifact }] }, { prompt })
      if (read(path)?.trim() !== text.trim()) return bad('the file is another')
      if (!requests().some(({ asked }) => asked.includes(text.trim())))
        return bad('the prompt came as another')
      return handedIn(outcome, artifact)
    },
  },
  {
    name: 'read-only cannot write',
    wanted: 'neither its own tool nor its shell writes a file in a read-only step',
    async run({ cwd, call }) {
      const paths = ['tool.txt', 'shell.txt'].map((name) => join(cwd, name))
      const [tool = '', shell = ''] = paths
      const outcome = await call(
        {
          moves: [
            { write: { path: tool, text: 'x' } },
            { shell: `echo x > '${shell}'` },
            { answer: REVIEWED },
          ],
        },
        review,
      )
      const written = paths.filter((path) => existsSync(path))
      if (written.length > 0) return bad(`wrote ${written.join(', ')}`)
      return handedIn(outcome, REVIEWED)
    },
  },
  {
    name: 'denied tool noticed',
    wanted: 'a write outside the working directory does not happen, and is told as denied',
    async run({ root, call }) {
      const path = join(root, 'outside.txt')
      const outcome = await call({ moves: [{ write: { path, text: 'x' } }, { answer: DONE }] })
      if (existsSync(path)) return bad('wrote outside')
      return judged((outcome.denied ?? []).length > 0, outcome.denied?.join(', ') || 'stopped, not told')
    },
  },
  {
    name: 'schema never met',
    wanted: 'no valid artifact, and no end that looks like success',
    async run({ call }) {
      const outcome = await call({ moves: [{ say: 'Looks good to me.' }] })
      return noArtifact(outcome)
    },
  },
  {
    name: 'empty answer',
    wanted: 'no artifact',
    async run({ call }) {
      return noArtifact(await call({ moves: [{ say: '' }] }))
    },
  },
  {
    name: 'huge output',
    wanted: 'a command that prints 50 MB neither fills memory nor stops the step',
    async run({ call }) {
      const before = process.memoryUsage().rss
      const outcome = await call({
        moves: [{ shell: "head -c 50000000 /dev/zero | tr '\\0' x | fold -w 200" }, { answer: DONE }],
      })
      const grown = (process.memoryUsage().rss - before) / 1_000_000
      if (grown > 150) return bad(`${Math.round(grown)} MB more memory`)
      return handedIn(outcome, DONE)
    },
  },
]

type Outcome = Parameters<typeof outcomeWord>[0]

/** The gate of the step takes an artifact or not; what a program calls its answer does not count. */
function noArtifact(outcome: Outcome): Finding {
  if (outcome.kind === 'failed') return failedAs(outcome, 'malformed')
  const { artifact } = outcome
  if (artifact === undefined) return good('no artifact')
  const { ok } = checkArtifact('implement', artifact, { nonce: DONE.nonce, attempt: 1 })
  return ok ? bad(`artifact: ${artifact}`) : good('no valid artifact')
}
