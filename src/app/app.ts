import type { Forge } from '../core/forge.ts'
import type { Failure } from '../core/model/failure.ts'
import { unreachable, type Result } from '../core/model/result.ts'
import type { Clock } from '../core/ports.ts'
import { attendPull } from '../core/pipeline/gate/attend.ts'
import { takeCommand } from '../core/pipeline/gate/command.ts'
import type { GateContext } from '../core/pipeline/gate/context.ts'
import { passWithoutPlan } from '../core/pipeline/gate/pass.ts'
import { wantedBy, type Place, type Wanted } from './events.ts'
import type { Installations } from './installations.ts'
import type { Metrics } from './metrics.ts'
import { Later } from './later.ts'
import { Queue } from './queue.ts'
import { sweepInstallation } from './sweep.ts'

/** What the App needs of a logger; pino's fits. */
export interface Log {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface AppOptions {
  /** Our own id: what we did ourselves asks for nothing. */
  appId: number
  installations: Installations
  gate: Omit<GateContext, 'log'>
  clock: Clock
  log: Log
  metrics: Metrics
  /** Steps of phases under way are looked at so long after they were published, milliseconds. Default: 30 s. */
  calmMs?: number
}

/** Pull requests worked on at a time: GitHub takes 100 requests at once from an App, and one of ours makes up to four. */
const AT_ONCE = 16
/** So long other events may bring the look that a checkpoint asks for. */
const CALM_MS = 30_000
/** After GitHub was not there or asked to wait, beyond what the adapter waited itself. Then the sweep finds it. */
const RETRY_MS = [30_000, 120_000, 600_000] as const

/**
 * The App: whatever wakes it, it looks at the pull request as it stands and writes the difference. It remembers nothing that
 * GitHub does not: kill it anywhere, run several.
 */
export class GateApp {
  readonly #options: AppOptions
  readonly #queue: Queue
  /** Looks that may wait, by pull request; what is tried again, by its name; the next sweep. */
  readonly #calm = new Later()
  readonly #retries = new Later()
  readonly #sweeps = new Later()
  /** What was taken is finished; sweeps find nothing more, since the next start sweeps anyway. */
  #closing = false
  #stopped = false

  constructor(options: AppOptions) {
    this.#options = options
    const { metrics } = options
    this.#queue = new Queue({
      atOnce: AT_ONCE,
      onError: (error, { key, name }) => this.fault(error, { key, task: name }),
    })
    metrics.gauge('orchestrate_queue', 'Pieces of work that wait or are under way.', () => this.#queue.size)
  }

  get waiting(): number {
    return this.#queue.size
  }

  /** Queues what a delivery asks for and returns. */
  take(delivery: { id: string; event: string; payload: unknown }): void {
    const { id, event, payload } = delivery
    const { log, appId } = this.#options
    const read = wantedBy(event, payload, appId)
    if (!read.ok) {
      log.warn({ delivery: id, event, problem: read.problem }, 'a payload that is not as documented')
      return
    }
    if (read.wanted.length > 0)
      log.info({ delivery: id, event, wants: read.wanted.map(shown) }, 'delivery taken')
    for (const wanted of read.wanted) this.want(wanted, id)
  }

  /** Queues one thing. `delivery` is for the log. */
  want(wanted: Wanted, delivery: string, tries = 0): void {
    if (this.#stopped) return
    if (wanted.kind === 'attend' && wanted.calm === true)
      return this.#lookLater(wanted, delivery, this.#options.calmMs ?? CALM_MS)
    this.#queue.add({
      key: keyOf(wanted),
      name: nameOfWork(wanted),
      run: async () => {
        const began = this.#options.clock.now()
        const done = await this.#do(wanted, delivery)
        const { metrics, clock } = this.#options
        const labels = { kind: wanted.kind, ok: String(done.ok) }
        metrics.observe(
          'orchestrate_work_seconds',
          'Time for one piece of work.',
          (clock.now() - began) / 1_000,
          labels,
        )
        if (!done.ok) this.#failed(wanted, delivery, tries, done.error)
      },
    })
  }

  /** Looks at everything that is open: what no webhook told is found here. */
  async sweep(): Promise<void> {
    const listed = await this.#options.installations.list()
    if (!listed.ok) {
      this.#options.log.warn({ failures: listed.error }, 'the sweep could not list installations')
      return
    }
    for (const installation of listed.value)
      this.want({ kind: 'sweep', installation, repositories: [] }, 'sweep')
  }

  /** Sweeps now, and again `everyMs` after each sweep was begun. One that fails is told, and the next one comes all the same. */
  async keepSweeping(everyMs: number): Promise<void> {
    try {
      await this.sweep()
    } catch (error) {
      this.fault(error, { task: 'sweep' })
    }
    if (everyMs > 0 && !this.#closing)
      this.#sweeps.in(everyMs, 'sweep', () => void this.keepSweeping(everyMs))
  }

  /** Something of ours went wrong: told, and counted. */
  fault(error: unknown, fields: object): void {
    const { log, metrics } = this.#options
    metrics.count('orchestrate_faults_total', 'Faults of ours.')
    log.error({ err: error, ...fields }, 'this is a fault of ours')
  }

  async idle(): Promise<void> {
    await this.#queue.idle()
  }

  /** Takes nothing more and finishes what was taken. */
  async stop(): Promise<void> {
    this.#closing = true
    await this.#queue.idle()
    this.#stopped = true
    for (const later of [this.#calm, this.#retries, this.#sweeps]) later.stop()
    await this.#queue.idle()
  }

  async #do(wanted: Wanted, delivery: string): Promise<Result<unknown>> {
    const { installations, log } = this.#options
    if (wanted.kind === 'sweep')
      return await sweepInstallation(
        wanted,
        installations,
        this.#options.clock.now() - LOOK_BACK_MS,
        (found) => {
          if (!this.#closing) this.want(found, delivery)
          return !this.#closing
        },
      )
    if (wanted.kind === 'attend') this.#calm.cancel(keyOf(wanted))
    const forge: Forge = await installations.forge(wanted.at)
    const where = { delivery, repository: nameOf(wanted.at) }
    const gate: GateContext = {
      ...this.#options.gate,
      log: (message, fields = {}) => log.info({ ...where, ...fields }, message),
    }
    switch (wanted.kind) {
      case 'attend': {
        const { at, labelledBy, again, reopened } = wanted
        const attended = await attendPull(forge, wanted.pull, gate, {
          ...(labelledBy === undefined ? {} : { labelledBy }),
          again: again === true,
          reopened: reopened === true,
        })
        if (attended.ok && again === true)
          for (const id of attended.value.reviews ?? [])
            this.want({ kind: 'statement', at, pull: wanted.pull, statement: 'review', id }, delivery)
        if (attended.ok)
          for (const pull of attended.value.neighbours ?? [])
            this.want({ kind: 'attend', at, pull }, delivery)
        if (attended.ok && attended.value.laterMs !== undefined)
          this.#lookLater(wanted, delivery, attended.value.laterMs)
        return attended
      }
      case 'statement':
        return await takeCommand(
          forge,
          {
            pull: wanted.pull,
            from: { kind: wanted.statement, id: wanted.id, again: wanted.again === true },
          },
          gate,
        )
      case 'button':
        return await takeCommand(
          forge,
          {
            pull: wanted.pull,
            from: wanted,
          },
          gate,
        )
      case 'pass':
        return await passWithoutPlan(forge, wanted.head, wanted.why)
      default:
        return unreachable(wanted)
    }
  }

  #failed(wanted: Wanted, delivery: string, tries: number, failures: Failure[]): void {
    const { log, metrics } = this.#options
    metrics.count('orchestrate_failed_total', 'Work that GitHub did not let us do.', {
      reason: failures[0]?.reason ?? 'unknown',
    })
    const passing = failures.some(({ reason }) => PASSING.some((one) => one === reason))
    const ms = passing ? RETRY_MS[tries] : undefined
    log.warn({ delivery, wanted: shown(wanted), failures, againInMs: ms }, 'could not be done')
    // However often it is asked for meanwhile: one retry waits.
    if (ms !== undefined && !this.#stopped)
      this.#retries.in(ms, nameOfWork(wanted), () => this.want(wanted, delivery, tries + 1))
  }

  /** Steps that nobody looked at: once, when no other event brought a look before. */
  #lookLater({ kind, at, pull }: Extract<Wanted, { kind: 'attend' }>, delivery: string, ms: number): void {
    if (!this.#stopped)
      this.#calm.in(ms, keyOf({ kind, at, pull }), () => this.want({ kind, at, pull }, delivery))
  }
}

/** How far back a sweep looks for commands that nobody answered. */
const LOOK_BACK_MS = 24 * 3_600_000
const PASSING = ['forge-rate-limited', 'forge-unavailable'] as const

const nameOf = ({ owner, repo }: Place): string => `${owner}/${repo}`

/** What must not go on twice at once: a pull request, the check of a commit, an installation. */
function keyOf(wanted: Wanted): string {
  if (wanted.kind === 'sweep') return `installation ${wanted.installation}`
  return `${nameOf(wanted.at)}${wanted.kind === 'pass' ? `@${wanted.head}` : `#${wanted.pull}`}`
}

/** The same work twice in a row is one piece of work. */
const nameOfWork = (wanted: Wanted): string => JSON.stringify(wanted)

/** For the log: what it is, without what somebody wrote. */
const shown = (wanted: Wanted): string => `${wanted.kind} ${keyOf(wanted)}`
