import type { PhaseEvent, Problem, Unstamped } from '../model/event.ts'
import type { Sha } from '../model/ids.ts'
import { openAhead } from './do-implement.ts'
import { byHandMessage } from './commit-message.ts'
import { runHooks } from './commit-work.ts'
import { personFinding } from './findings.ts'
import type { PhaseContext } from './phase-context.ts'
import { clean, follow, moveBranch } from './record-step.ts'
import { settleLost } from './spending.ts'

/** Whether an attempt is to begin that builds on none before it. */
export const isFresh = ({ input, book }: Pick<PhaseContext, 'input' | 'book'>): boolean =>
  !book.begun && !(input.mode === 'continue' && book.earlier !== undefined)

/**
 * Records that an attempt from scratch begins. Its directory may still be in the making: `begin` looks afterwards at what is
 * in one that was there already.
 */
export async function startFresh(
  ctx: Pick<PhaseContext, 'input' | 'ports' | 'book' | 'ahead'>,
): Promise<void> {
  const { base } = ctx.input
  await ctx.book.append(started(ctx, { mode: 'fresh', base, head: base, byHand: [] }))
  openAhead(ctx)
  await moveBranch(ctx)
}

/**
 * Begins the attempt, or finds one that was begun and cut off: then the directory goes back to the last record, and what a
 * killed step left is saved. Where a person worked in the directory since the phase stopped, that work is taken over: a hook
 * of the project that refuses it is the problem that comes back, and the work stays where it is. `fresh`: `startFresh` has
 * recorded it just now.
 */
export async function begin(ctx: PhaseContext, fresh: boolean): Promise<Problem | undefined> {
  const { book, workspace, ports } = ctx
  if (book.begun && !fresh) {
    await settleLost(ctx)
    const { left, head, ended, failed } = book.progress
    // What a hook refused stands there uncommitted, for a person.
    if (ended || failed?.reason === 'commit-refused') return undefined
    // A build's leftovers are what the record says should be there.
    const there = await workspace.snapshot()
    ctx.directory.tree = there
    if (there !== (left ?? (await ports.repository.treeOf(head)))) await clean(ctx)
    await follow(ctx)
    return undefined
  }
  if (!fresh) {
    const { commits: byHand, refused } = await takeOver(ctx)
    const { base, head } = book.progress
    await book.append(started(ctx, { mode: 'continue', base, head: byHand.at(-1) ?? head, byHand }))
    await moveBranch(ctx)
    if (refused) return refused
  }
  // One that was made just now at this very commit: nobody can have changed anything in it.
  if (!(fresh && workspace.fresh)) await clean(ctx)
  const message = `Phase ${ctx.input.phase.id} works in ${workspace.path}`
  ports.reporter.emit({ type: 'note', message })
  return undefined
}

type Started = Unstamped<Extract<PhaseEvent, { type: 'attempt-started' }>>

function started(
  { input, book }: Pick<PhaseContext, 'input' | 'book'>,
  at: Pick<Started, 'mode' | 'base' | 'head' | 'byHand'>,
): Started {
  const place = { file: input.phase.place.file, line: input.phase.place.line }
  const known = [...(book.earlier?.findings.values() ?? [])].filter((f) => f.finding.from === 'person')
  const said = input.personFindings.slice(at.mode === 'continue' ? known.length : 0)
  return {
    type: 'attempt-started',
    run: input.run,
    phase: input.phase.id,
    attempt: input.attempt,
    branch: input.branch,
    units: input.units,
    criteria: input.criteria.map(({ id }) => id),
    maxParallel: input.config.maxParallel,
    ...(input.team === undefined ? {} : { team: input.team }),
    findings: said.map(({ text }, i) => personFinding(known.length + i + 1, text, place)),
    ...at,
  }
}

/**
 * What a person did since the phase stopped, as commits on top of the recorded tip, oldest first: theirs in the directory, and
 * one of ours over what they left uncommitted there; or where the directory is as we left it, what they put on the branch.
 */
async function takeOver(ctx: PhaseContext): Promise<{ commits: Sha[]; refused?: Problem }> {
  const { input, book, workspace, ports } = ctx
  const { repository } = ports
  const { head } = book.progress
  const theirs = await workspace.head()
  const commits = await ownCommits(ctx, head, theirs)
  const tip = commits.at(-1) ?? head
  const tree = await workspace.snapshot()
  const left = book.progress.left
  const untouched = commits.length === 0 && (tree === left || tree === (await repository.treeOf(head)))
  if (untouched && input.handed) {
    const pushed = await repository.resolve(`refs/heads/${book.progress.branch}`)
    return { commits: pushed === undefined ? [] : await ownCommits(ctx, head, pushed) }
  }
  if (tree !== (await repository.treeOf(tip)) && !(commits.length === 0 && tree === left)) {
    const facts = { run: input.run, phase: input.phase.id, step: 'by-hand' as const, attempt: input.attempt }
    const hooked = await runHooks(ctx, workspace, byHandMessage(input.phase, facts))
    if (!hooked.ok) return { commits, refused: hooked.error }
    const { ran, message } = hooked.value
    const at = Math.floor(ports.clock.now() / 1000)
    const hookedTree = ran ? await workspace.snapshot() : tree
    commits.push(await repository.commit({ tree: hookedTree, parents: [tip], message, at }))
  }
  return { commits }
}

/** What a person committed on top of `head`, oldest first: along first parents, since they may have merged the plan branch. */
async function ownCommits(ctx: PhaseContext, head: Sha, theirs: Sha): Promise<Sha[]> {
  const { repository } = ctx.ports
  if (theirs === head || !(await repository.isAncestor(head, theirs))) return []
  const parents = new Map(
    (await repository.log(head, theirs)).map((commit) => [commit.sha, commit.parents[0]]),
  )
  const commits: Sha[] = []
  for (let at: Sha | undefined = theirs; at !== undefined && at !== head; at = parents.get(at))
    commits.unshift(at)
  return commits
}
