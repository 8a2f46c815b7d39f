import type { PhaseResult } from '../model/phase-result.ts'
import { type Block, parseBlocks } from '../text/blocks.ts'
import type {
  ContextPiece,
  Phase,
  PlanFile,
  PlanMode,
  PlanWords,
  Status,
  WrittenPlan,
} from '../model/plan.ts'

/**
 * One way of writing a plan. Another planner's is one more file in `formats/` and one line in its list (`formats/index.ts`);
 * `docs/formats/README.md` says how to write one.
 */
export interface PlanFormat {
  readonly id: PlanMode
  /** What a plan of this format is recognised by, for people: "tasks.md in .kiro/specs/NAME". */
  readonly marker: string
  /** What it calls its parts. */
  readonly words: PlanWords
  /** Set in our own formats: `findings.md`, `workflow.md` and `progress.md` beside the index belong to the plan. */
  readonly isOurs?: true
  /** The plan that a path of the repository belongs to, by the path alone; undefined where it belongs to none of this format. */
  locate(path: string): PlanLocation | undefined
  /** Files and directories beside the plan at `path` that the format reads too, from the root; none where the plan is not of this format. */
  around?(path: string): readonly string[]
  /**
   * Globs, relative to the plan directory, of files that the plan may gain and that would be read then. Like those that were read, no
   * agent's change of them is taken: they count into the digest.
   */
  readonly own?: readonly string[]
  /** Set where a phase's tasks are the steps of one piece of work ("run the test", "commit"): one agent does them all. */
  readonly stepsOfOne?: true
  /** Set where the format has a mark for what is under way: phases that run while another one is merged get it then. */
  readonly marksRunning?: true
  /** Whether what was named is a plan of this format, and what is to be read of it. */
  detect(place: PlanPlace): Promise<Detection | undefined>
  /** What stands in the files. Problems are diagnostics of the result; nothing is thrown. */
  read(files: PlanFiles): WrittenPlan
  /**
   * New texts of the files that change when a phase gets a status, by path relative to the plan directory. Pure. Every byte that
   * states no status stays; what is written reads back as that status, and as the same plan otherwise.
   */
  write(files: ReadonlyMap<string, string>, change: PlanChange): ReadonlyMap<string, string>
  /** Files that `write` may add, of a plan with these files: whoever applies it reads them first, so that what is there stays. */
  creates?(paths: readonly string[]): readonly string[]
  /**
   * What an approval is about in a file: its text without what `write` changes. Undefined leaves the file out. Formats that do
   * not say take out statuses, boxes and figures of Markdown.
   */
  digestText?(path: string, text: string): string | undefined
}

/** Where a plan lies, from the repository's root. */
export interface PlanLocation {
  /** What paths of the plan's files are relative to; "" is the root. */
  dir: string
  /** Where the plan is one file of the directory: its name there. */
  file?: string
  /** True where this path alone makes it a plan; false where it is a part of one, or may be: the plan has to be looked for. */
  sure: boolean
}

/** What somebody named as a plan. */
export interface PlanPlace {
  /**
   * The directory, with forward slashes: ends as its path from the repository's root does and may begin earlier (a plan outside of
   * a repository is known by its whole path). To be matched at its end: `/(?:^|\/)\.kiro\/specs\/[^/]+$/`.
   */
  readonly where: string
  /** The directory from the repository's root, as far as there is one. */
  readonly dir: string
  /** The file of the directory that was named, where it was no directory. */
  readonly file: string | undefined
  /** Files below the directory, two folders deep, relative to it, sorted. */
  readonly names: readonly string[]
  /** As `names`, `depth` folders deep. */
  readonly list: (depth: number) => Promise<readonly string[]>
  /** Text of a file relative to the directory; undefined where there is none. `../` leads beside it. */
  readonly text: (path: string) => Promise<string | undefined>
}

/**
 * How sure it is: `certain` by a name or place that means nothing else, `likely` by a name together with what stands there, `possible`
 * by content alone. Where two formats are as sure as each other and both have work left, the plan is refused: doubt asks.
 */
export type Confidence = 'certain' | 'likely' | 'possible'

export interface Detection {
  confidence: Confidence
  /** The file that makes it a plan. */
  index: string
  /** All that is to be read, the index included. What is not there is left out. */
  files: readonly string[]
}

/** The plan's files as text, and the names of all that lie in its directory. */
export interface PlanFiles {
  /** What `detect` said. */
  readonly index: string
  /** As in `PlanPlace`. */
  readonly where: string
  /** Relative to the plan directory, sorted. */
  readonly names: readonly string[]
  /** Those that `detect` asked for and that are there, in its order. */
  readonly paths: readonly string[]
  /** Text of a file that `detect` asked for; undefined where there is none. */
  text(path: string): string | undefined
  /** The blocks of that text, parsed once; none where there is no such file. */
  blocks(path: string): readonly Block[]
}

/** A phase that gets a status. */
export interface PlanChange {
  /** As it was read at approval; the files may have moved on since. */
  phase: Omit<Phase, 'after'>
  index: string
  status: Status
  /** Names of specs, in plans that have some, and only these; all of the phase's where undefined. */
  specs?: readonly string[]
  /** Ids of tasks of the phase that were not done: optional ones that nobody asked for. */
  leftOut?: readonly string[]
  /** Where a merge is recorded. */
  result?: PhaseResult
  /** `YYYY-MM-DD`. */
  date?: string
}

/** The files of a plan by name. */
export function planFiles(
  { index, where, names }: Pick<PlanFiles, 'index' | 'where' | 'names'>,
  files: readonly PlanFile[],
): PlanFiles {
  const byPath = new Map(files.map((f) => [f.path, f.text]))
  const parsed = new Map<string, readonly Block[]>()
  return {
    index,
    where,
    names,
    paths: [...byPath.keys()],
    text: (path) => byPath.get(path),
    blocks: (path) => {
      const known = parsed.get(path) ?? parseBlocks(byPath.get(path) ?? '')
      parsed.set(path, known)
      return known
    },
  }
}

/** What lies beside a plan's index and is read with it, for prompts: whole, under a title in which `base` stands for the folders above. */
export const besideIndex = (files: PlanFiles, base: string): ContextPiece[] =>
  files.paths.flatMap((path) => {
    const text = path === files.index ? undefined : files.text(path)
    return text === undefined ? [] : [{ path, title: path.replace(/^(?:\.\.\/)+/u, base), text }]
  })
