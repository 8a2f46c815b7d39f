/** What a job says: its log, its annotations, its summary. Nothing leaves here unmasked. */
import type { ActionsAnnotation } from '../types.ts'
import { parseCommand } from './commands.ts'
import type { Masks } from './masks.ts'

/** GitHub's own bounds. */
const PER_LEVEL_AND_STEP = 10
const PER_JOB = 50
const SUMMARY_BYTES = 1024 * 1024

type Level = ActionsAnnotation['level']
const LEVELS: Readonly<Record<string, Level>> = { error: 'failure', warning: 'warning', notice: 'notice' }

export interface JobLog {
  /** A line of the runner's own. */
  say(line: string): void
  /** An annotation of the runner's own, and its line in the log. */
  annotate(level: 'error' | 'warning' | 'notice', message: string): void
  /** Begins a step: annotations are counted anew, and a `stop-commands` is over. */
  beginStep(): void
  /** A line that a step printed: a command is obeyed, anything else is logged. */
  line(text: string): void
  addSummary(markdown: string): void
  /** What a step saved with `save-state`, emptied by asking. */
  takeState(): [string, string][]
  readonly text: string
  readonly annotations: ActionsAnnotation[]
  readonly summary: string
}

export function createJobLog(masks: Masks, onLine?: (line: string) => void): JobLog {
  const lines: string[] = []
  const annotations: ActionsAnnotation[] = []
  let counts = new Map<Level, number>()
  let stopped: string | undefined
  let summary = ''
  let state: [string, string][] = []

  function say(line: string): void {
    const masked = masks.apply(line)
    lines.push(masked)
    onLine?.(masked)
  }

  function add(level: Level, message: string, at: Readonly<Record<string, string>>): void {
    const count = (counts.get(level) ?? 0) + 1
    counts.set(level, count)
    if (count > PER_LEVEL_AND_STEP || annotations.length >= PER_JOB) return
    const startLine = Number(at['line'] ?? 1) || 1
    annotations.push({
      level,
      path: at['file'] ?? '.github',
      startLine,
      endLine: Number(at['endLine'] ?? startLine) || startLine,
      title: masks.apply(at['title'] ?? ''),
      message: masks.apply(message),
    })
  }

  function obey(text: string): boolean {
    const command = parseCommand(text)
    if (!command) return false
    if (stopped !== undefined) {
      if (command.name !== stopped.toLowerCase()) return false
      stopped = undefined
      return true
    }
    const { name, properties, value } = command
    const level = LEVELS[name]
    if (level) {
      add(level, value, properties)
      say(`##[${name}]${value}`)
    } else if (name === 'add-mask') masks.add(value)
    else if (name === 'group') say(`##[group]${value}`)
    else if (name === 'endgroup') say('##[endgroup]')
    else if (name === 'stop-commands') stopped = value
    else if (name === 'save-state') state.push([properties['name'] ?? '', value])
    else if (name === 'set-output' || name === 'set-env' || name === 'add-path')
      say(`##[warning]The \`${name}\` command is disabled: write to the file that the environment names.`)
    else if (name !== 'debug' && name !== 'echo' && !name.endsWith('-matcher')) return false
    return true
  }

  return {
    say,
    annotate(level, message) {
      add(LEVELS[level] ?? 'notice', message, {})
      say(`##[${level}]${message}`)
    },
    beginStep() {
      counts = new Map()
      stopped = undefined
    },
    line: (text) => {
      if (!obey(text)) say(text)
    },
    addSummary(markdown) {
      if (markdown === '') return
      const bytes = Buffer.byteLength(markdown)
      if (bytes > SUMMARY_BYTES) {
        const message = `$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of ${SUMMARY_BYTES / 1024}k, got ${Math.ceil(bytes / 1024)}k.`
        add('failure', message, {})
        say(`##[error]${message}`)
      } else summary += masks.apply(markdown)
    },
    takeState() {
      const taken = state
      state = []
      return taken
    },
    get text() {
      return lines.length === 0 ? '' : `${lines.join('\n')}\n`
    },
    annotations,
    get summary() {
      return summary
    },
  }
}
