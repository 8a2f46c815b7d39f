/**
 * What a chain that is consistent in itself is worth: whoever may push could have written all of it anew. An App's check that
 * names one of its commits says that this much of it stood there then, and signatures say whose it is.
 */
import type { Forge } from '../forge.ts'
import { GATE_CHECK } from '../model/forge-names.ts'
import { failure, type Failure } from '../model/failure.ts'
import { err, ok, type Result } from '../model/result.ts'
import type { LedgerStore, Repository, Signatures } from '../ports.ts'
import { runRef } from '../model/ledger-refs.ts'
import { type Anchor, anchorOf, contradicts } from './gate/anchors.ts'

export interface Anchored {
  /** The App that wrote the check: its name in addresses. */
  app: string
  pull: number
  /** So many of the run's entries, of all that are here. */
  entries: number
  of: number
}

/** Every App's word counts but that of the one whose checks any workflow's token writes. `app`: the one App that counts. */
const isApp = (check: { app: string; appId?: number }, app: number | undefined): boolean =>
  check.app !== '' && check.app !== 'github-actions' && (app === undefined || check.appId === app)

/**
 * Looks for the run's chain in the gate's check of a pull request. A check that saw another chain is a failure; one that says
 * nothing of this run gives undefined.
 */
export async function anchoredBy(
  forge: Pick<Forge, 'pull'>,
  { run, pull, app }: { run: string; pull: number; app?: number },
  ledger: LedgerStore,
): Promise<Result<Anchored | undefined>> {
  const [facts, chain] = await Promise.all([forge.pull(pull), ledger.read(runRef(run))])
  if (!facts.ok) return facts
  if (!chain.ok) return chain
  const { entries } = chain.value
  const anchors = facts.value.checks
    .filter((check) => check.name === GATE_CHECK && isApp(check, app))
    .flatMap((check) => anchorOf(check) ?? [])
    .filter((anchor) => anchor.run === run)
    .sort((a, b) => b.entries - a.entries)
  const other = anchors.find((anchor) => entries.length < anchor.entries || contradicts(anchor, entries))
  if (other !== undefined) return err([differs(run, pull, other, entries.length)])
  const [newest] = anchors
  return ok(newest && { app: newest.app, pull, entries: newest.entries, of: entries.length })
}

const differs = (run: string, pull: number, { app, entries, head }: Anchor, here: number): Failure =>
  here < entries
    ? failure(
        'ledger-gap',
        `The check of the App ${app} on pull request ${pull} saw ${entries} entries of ${run}, and here are ${here}.`,
        "Fetch them: git fetch origin '+refs/orchestrate/*:refs/orchestrate/*'. If they are gone there too, somebody cut the ledger.",
      )
    : failure(
        'ledger-gap',
        `The check of the App ${app} on pull request ${pull} saw ${head.slice(0, 10)} as entry ${entries} of ${run}; the ledger here has another one.`,
        'It was rewritten after the check was. What it says of the time before is not to be believed.',
      )

/** Signatures of the run's own chain, as git here can check them. */
export async function signaturesOf(
  run: string,
  { repository, ledger }: { repository: Repository; ledger: LedgerStore },
): Promise<Result<Signatures>> {
  const chain = await ledger.read(runRef(run))
  if (!chain.ok) return chain
  const { head } = chain.value
  return ok(
    head === undefined ? { commits: 0, good: 0, bad: 0, unknown: 0 } : await repository.signatures(head),
  )
}
