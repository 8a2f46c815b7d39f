/** `specs/<name>-spec.md`: one spec with requirements, criteria, files, tasks, needs and provides. */
import type { Spec, Status } from '../model/plan.ts'
import type { Block, Piece } from '../text/blocks.ts'
import { fold, plain } from '../text/inline.ts'
import { readStatus } from '../text/status.ts'
import { readBody } from './body.ts'
import { frontMatter } from './front-matter.ts'
import { toTasks } from './to-tasks.ts'
import { kindOf } from './words.ts'

/** What a spec's own file says; the manifest's row adds name, sprint and dependencies. */
export type SpecFile = Pick<
  Spec,
  | 'overview'
  | 'requirements'
  | 'criteria'
  | 'files'
  | 'tasks'
  | 'needsFrom'
  | 'providesTo'
  | 'openQuestions'
  | 'sections'
  | 'text'
> & {
  status: Status | undefined
  /** `depends_on` of the front matter; undefined where it is not stated. */
  dependsOn: string[] | undefined
}

export const EMPTY_SPEC: SpecFile = {
  overview: '',
  requirements: [],
  criteria: [],
  files: [],
  tasks: [],
  needsFrom: [],
  providesTo: [],
  openQuestions: [],
  sections: [],
  text: '',
  status: undefined,
  dependsOn: undefined,
}

/** Reads a spec's file, whose text parses into `blocks`. */
export function readSpec(source: string, blocks: readonly Block[], name: string, file: string): SpecFile {
  const values = frontMatter(blocks)?.values ?? {}
  const body = readBody(blocks, file)
  const relations = [...linesOf(blocks)].flatMap((line) => relation(line, file))
  return {
    overview: firstSentence(overviewText(blocks)),
    requirements: body.requirements,
    criteria: body.criteria,
    files: body.targets,
    // other lists of a spec describe; work stands under "Tasks"
    tasks: toTasks(
      body.tasks.filter((t) => t.underTasks || t.form === 'heading'),
      name,
      file,
    ),
    needsFrom: relations.filter((r) => r.needs).map(({ needs: _, ...rest }) => rest),
    providesTo: relations.filter((r) => !r.needs).map(({ needs: _, ...rest }) => rest),
    openQuestions: questions(blocks, file),
    sections: blocks.flatMap((b) =>
      b.kind === 'heading' && b.level === 2 ? [{ title: plain(b.text), place: { file, line: b.line } }] : [],
    ),
    text: source,
    status: typeof values.status === 'string' ? readStatus(values.status)?.status : undefined,
    dependsOn: names(values.depends_on ?? values.dependsOn),
  }
}

/** `depends_on: [a, b]`, `depends_on: a, b`, `depends_on: none`. */
function names(value: unknown): string[] | undefined {
  if (Array.isArray(value)) return value.map(String).filter((v) => v.trim() !== '')
  if (typeof value !== 'string') return value === null ? [] : undefined
  return value
    .split(',')
    .map((v) => v.trim())
    .filter((v) => v !== '' && !/^(?:none|--?|—|n\/a)$/iu.test(v))
}

/** "- **Needs from data-model:** the tables": one line per spec. */
function relation(
  line: Piece,
  file: string,
): { needs: boolean; spec: string; what: string; place: { file: string; line: number } }[] {
  const match = /^[\s*_]*(needs|provides)\s+(?:from|to)\s+([^:：]{1,120}?)[\s*_`]*[:：][\s*_]*(.*)$/iu.exec(
    line.text,
  )
  if (match === null) return []
  const what = plain(match[3] ?? '')
  return plain(match[2] ?? '')
    .split(/,|\s+and\s+/)
    .filter((spec) => spec.trim() !== '')
    .map((spec) => ({
      needs: (match[1] ?? '').toLowerCase() === 'needs',
      spec: spec.trim(),
      what,
      place: { file, line: line.line },
    }))
}

function* linesOf(blocks: readonly Block[]): Generator<Piece> {
  for (const block of blocks) {
    if (block.kind === 'paragraph') yield* block.lines
    if (block.kind === 'list') {
      for (const item of block.items) {
        yield item
        yield* linesOf(item.blocks)
      }
    }
  }
}

function questions(blocks: readonly Block[], file: string): Spec['openQuestions'] {
  const found: Spec['openQuestions'] = []
  let inside = false
  for (const block of blocks) {
    if (block.kind === 'heading') inside = kindOf(fold(block.text)) === 'questions'
    if (!inside || block.kind !== 'list') continue
    for (const item of block.items) {
      const text = plain(item.text)
      if (text !== '' && !/^(?:none|n\/?a|-+)\.?$/iu.test(text))
        found.push({ text, place: { file, line: item.line } })
    }
  }
  return found
}

/** The paragraph under "Overview", else the first one of the file. */
function overviewText(blocks: readonly Block[]): string {
  const at = blocks.findIndex(
    (b) => b.kind === 'heading' && /^(?:overview|summary|goal|概述|概要)$/u.test(fold(b.text)),
  )
  const paragraph = blocks.slice(at + 1).find((b) => b.kind === 'paragraph')
  return paragraph?.kind === 'paragraph' ? paragraph.lines.map((l) => l.text).join(' ') : ''
}

function firstSentence(text: string): string {
  const whole = plain(text.slice(0, 2_000))
  return (/^.{10,}?(?:[.!?](?=\s|$)|[。！？])/u.exec(whole)?.[0] ?? whole).slice(0, 300)
}
