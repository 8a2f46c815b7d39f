import { createClient } from '../../adapters/github/installation.ts'
import { createForge } from '../../adapters/github/forge.ts'
import { repositoryOf } from '../../adapters/github/remote-url.ts'
import { apiUrl } from '../../adapters/github/server-urls.ts'
import { exitCode, type Failure, failure } from '../../core/model/failure.ts'
import { err, ok, type Result } from '../../core/model/result.ts'
import { type Anchored, anchoredBy, signaturesOf } from '../../core/pipeline/proof.ts'
import type { Forge } from '../../core/forge.ts'
import { verifyRun } from '../../core/pipeline.ts'
import type { Signatures } from '../../core/ports.ts'
import { count } from '../../core/text/display.ts'
import { Flags } from '../flags.ts'
import { printFailures, printJson, styleOf } from '../output.ts'
import type { Handler, Shell } from '../shell.ts'
import { type FoundRun, withRun } from '../with-run.ts'

/** `orchestrate verify RUN`: replays the ledger; exit 1 names the first gap. What that proves is told in three levels. */
export const verifyCommand: Handler = async (input, shell) => {
  const json = input.given.has('--json')
  const flags = new Flags(input)
  const asked = flags.result({
    pull: flags.whole('--pull', 1, 2 ** 31),
    app: flags.whole('--app-id', 1, 2 ** 31),
  })
  if (!asked.ok) return printFailures(asked.error, shell)
  return withRun(input.args[0], { json }, shell, async (found) => {
    const proved = await prove(found, asked.value, shell)
    if (json)
      printJson(proved.ok ? { ok: true, ...proved.value } : { ok: false, failures: proved.error }, shell)
    if (!proved.ok) return json ? exitCode(proved.error) : printFailures(proved.error, shell)
    if (!json) print(proved.value, shell)
    return 0
  })
}

interface Proved {
  run: string
  events: number
  phases: number
  /** Null: no check says anything of this run. Missing: nobody asked. */
  anchored?: Anchored | null
  signed: Signatures
}

interface Asked {
  pull: number | undefined
  app: number | undefined
}

async function prove(
  { session, ports, view }: FoundRun,
  asked: Asked,
  shell: Shell,
): Promise<Result<Proved, Failure[]>> {
  const chained = await verifyRun(view.run, ports)
  if (!chained.ok) return chained
  const signed = await signaturesOf(view.run, ports)
  if (!signed.ok) return signed
  const proved = { ...chained.value, signed: signed.value }
  const { pull, app } = asked
  if (pull === undefined) return ok(proved)
  const forge = forgeOf(await session.repository.remoteUrl(), shell.env)
  if (!forge.ok) return forge
  const named = { run: view.run, pull, ...(app === undefined ? {} : { app }) }
  const anchored = await anchoredBy(forge.value, named, ports.ledger)
  return anchored.ok ? ok({ ...proved, anchored: anchored.value ?? null }) : anchored
}

/** The GitHub of the remote, asked as whoever's token is at hand: a check is read, nothing is written. */
function forgeOf(remote: string | undefined, env: Shell['env']): Result<Forge> {
  const place = repositoryOf(remote ?? '')
  const token = env['GITHUB_TOKEN'] ?? env['GH_TOKEN'] ?? ''
  if (place === undefined)
    return err([
      failure(
        'missing-argument',
        '--pull asks the GitHub that this clone came from, and its remote names no repository there.',
        'Run it in a clone of the repository, or leave --pull out.',
      ),
    ])
  if (token === '')
    return err([
      failure(
        'missing-argument',
        '--pull reads a check of the pull request, and there is no token to ask with.',
        'GITHUB_TOKEN=$(gh auth token) orchestrate verify RUN --pull N',
      ),
    ])
  const { serverUrl, owner, repo } = place
  const octokit = createClient({ apiUrl: env['GITHUB_API_URL'] ?? apiUrl(serverUrl), token })
  return ok(createForge({ octokit, owner, repo, serverUrl, me: {} }))
}

function print({ run, events, phases, anchored, signed }: Proved, shell: Shell): void {
  const { good, dim } = styleOf(shell.stderr, shell)
  const level = (name: string, says: string): string => `  ${dim(name.padEnd(9))} ${says}\n`
  shell.stderr.write(
    `${good('✔')} Run ${run}: ${count(events, 'event')} of ${count(phases, 'phase')} are chained, no step is missing.\n` +
      level('anchored', anchorText(anchored)) +
      level('signed', signedText(signed)),
  )
}

function anchorText(anchored: Proved['anchored']): string {
  if (anchored === undefined) return "not looked at: --pull N asks the App's check what it saw"
  if (anchored === null) return 'no: no check of an App on that pull request says anything of this run'
  const { app, pull, entries, of } = anchored
  return `${entries} of ${count(of, 'entry', 'entries')} of the run, by the check of the App ${app} on pull request ${pull}`
}

function signedText({ commits, good, bad, unknown }: Signatures): string {
  if (good + bad + unknown === 0) return 'not signed'
  const parts = [
    `${good} of ${count(commits, 'entry', 'entries')} of the run, as git here sees it`,
    ...(bad > 0 ? [`${bad} with a bad signature`] : []),
    ...(unknown > 0 ? [`${unknown} by a key that git here does not know`] : []),
  ]
  return parts.join(', ')
}
