import { failure } from '../../core/model/failure.ts'
import type { TranscriptPlace } from '../../core/model/transcript.ts'
import { AGENT_STEPS } from '../../core/model/step.ts'
import { holderOf } from '../../core/pipeline/lock.ts'
import { followedText, transcriptsText } from '../../core/report/transcript.ts'
import { Flags } from '../flags.ts'
import { printFailures, styleOf } from '../output.ts'
import type { Handler, Shell } from '../shell.ts'
import { type FoundRun, withRun } from '../with-run.ts'

interface Wanted {
  phase: string | undefined
  step: string | undefined
  json: boolean
}

/**
 * `orchestrate logs [RUN] [--phase N] [--step S]`: what each agent did; as JSON lines on stdout with all that they printed. `--follow`:
 * as it comes, until the run ends.
 */
export const logsCommand: Handler = async (input, shell) => {
  const flags = new Flags(input)
  const step = flags.one('--step', AGENT_STEPS)
  const phase = flags.text('--phase')
  const given = flags.result({})
  if (!given.ok) return printFailures(given.error, shell)
  const wanted: Wanted = { phase, step, json: flags.has('--json') }
  const follow = flags.has('--follow')
  return withRun(input.args[0], { json: wanted.json, newest: true }, shell, async (found) => {
    found.session.release()
    return follow ? await followRun(found, wanted, shell) : await replay(found, wanted, shell)
  })
}

const isWanted = ({ phase, step }: Wanted, call: TranscriptPlace): boolean =>
  (phase === undefined || call.phase === phase) && (step === undefined || call.step === step)

async function replay({ ports, view }: FoundRun, wanted: Wanted, shell: Shell): Promise<number> {
  const all = (await ports.transcripts?.read(view.run)) ?? []
  const chosen = all.filter((one) => isWanted(wanted, one))
  if (chosen.length === 0) return nothing(view.run, wanted, shell)
  if (wanted.json) {
    for (const { lines, ...place } of chosen)
      for (const line of lines) shell.stdout.write(`${JSON.stringify({ ...place, ...line })}\n`)
  } else shell.stderr.write(transcriptsText(chosen, styleOf(shell.stderr, shell)))
  return 0
}

/** Files tell of what comes; whether the process that works on the run lives has to be asked. Milliseconds. */
const LOOK_MS = 1_000
/** As shells say that Ctrl-C ended a program. */
const INTERRUPTED = 130

async function followRun({ ports, view, session }: FoundRun, wanted: Wanted, shell: Shell): Promise<number> {
  const { transcripts, signal } = ports
  if (transcripts === undefined) return nothing(view.run, wanted, shell)
  session.lookOn()
  let told = false
  const followed = await transcripts.follow(view.run, (call, line) => {
    if (!isWanted(wanted, call)) return
    told = true
    const text = wanted.json ? `${JSON.stringify({ ...call, ...line })}\n` : followedText(call, line)
    if (text !== undefined) (wanted.json ? shell.stdout : shell.stderr).write(text)
  })
  try {
    while (!signal.aborted && (await holderOf(ports, view.planDir)) !== undefined) await aWhile(signal)
    // What was written between the last look and the end.
    await followed.look()
  } finally {
    followed.close()
  }
  if (signal.aborted) return INTERRUPTED
  return told ? 0 : nothing(view.run, wanted, shell)
}

const aWhile = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, LOOK_MS)
    signal.addEventListener('abort', done)
  })

function nothing(run: string, { phase, step }: Wanted, shell: Shell): number {
  const asked = [...(phase === undefined ? [] : [`phase ${phase}`]), ...(step === undefined ? [] : [step])]
  const of = asked.length === 0 ? '' : ` of ${asked.join(', ')}`
  return printFailures(
    [
      failure(
        'no-transcript',
        `This machine has no transcript${of} of run ${run}.`,
        'Jobs keep theirs in the artifacts `orchestrate-RUN-N` of their workflow run; transcripts of the last 20 runs are kept here.',
      ),
    ],
    shell,
  )
}
