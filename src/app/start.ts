import { serialize } from 'node:v8'
import { Probot, ProbotOctokit } from 'probot'
import { createForge } from '../adapters/github/forge.ts'
import { createInstallationClients } from '../adapters/github/installation.ts'
import { serverUrl } from '../adapters/github/server-urls.ts'
import { prepareHere } from '../adapters/github/prepare-snapshot.ts'
import type { Policy } from '../adapters/github/calls.ts'
import type { PlanAt } from '../core/pipeline/gate/read-plan.ts'
import type { Clock } from '../core/ports.ts'
import { GateApp } from './app.ts'
import { Installations } from './installations.ts'
import { Metrics } from './metrics.ts'
import { watchProcess } from './process-metrics.ts'
import { PlanWorker } from './plan-worker.ts'
import { Remembered } from './remembered.ts'
import { listen } from './server.ts'
import type { Settings } from './settings.ts'

const GITHUB_API = 'https://api.github.com'

export interface RunningApp {
  url: string
  /** Resolves when nothing waits and nothing is under way. */
  idle(): Promise<void>
  sweep(): Promise<void>
  /** Takes nothing more and finishes what was taken. */
  stop(): Promise<void>
}

export interface StartOptions extends Settings {
  clock?: Clock
  /** See `AppOptions`. */
  calmMs?: number
  /** How the adapter waits and retries, where it is not as on github.com. */
  policy?: Partial<Policy>
  /** The compiled `plan-thread.ts`. Without it plans are prepared in this thread, which answers nobody meanwhile. */
  planThread?: URL
}

/** Plans that are remembered, and their bytes: one of 40 specs takes half a megabyte. The hour is for one that was given up. */
const PLANS = { max: 200, maxSize: 64_000_000, maxAgeMs: 3_600_000 }

/** The App on a port. It has answered nobody yet when this resolves; the first sweep is under way. */
export async function startApp(options: StartOptions): Promise<RunningApp> {
  const clock = options.clock ?? { now: () => Date.now() }
  const apiUrl = options.apiUrl ?? GITHUB_API
  const probot = new Probot({
    appId: options.appId,
    privateKey: options.privateKey,
    secret: options.webhookSecret,
    baseUrl: apiUrl,
    logLevel: options.logLevel,
    logFormat: 'json',
    // Waiting and trying again are the adapter's: bounded, and told about.
    Octokit: ProbotOctokit.defaults((given: object) => ({
      ...given,
      throttle: { enabled: false },
      retry: { enabled: false },
    })),
  })
  await probot.ready()
  const { log } = probot
  const metrics = new Metrics()
  const clients = createInstallationClients({ app: await probot.auth(), apiUrl, clock })
  const installations = new Installations(clients, (octokit, { owner, repo }) =>
    createForge({
      ...{ octokit, owner, repo, clock },
      serverUrl: serverUrl(apiUrl),
      me: { appId: options.appId },
      ...(options.policy === undefined ? {} : { policy: options.policy }),
      onWait: (wait) => {
        metrics.count('orchestrate_github_waits_total', 'Waits for GitHub.', { reason: wait.reason })
        log.warn({ repository: `${owner}/${repo}`, ...wait }, 'waiting for GitHub')
      },
    }),
  )
  const worker =
    options.planThread === undefined
      ? undefined
      : new PlanWorker({
          file: options.planThread,
          clock,
          onLost: (why) => {
            metrics.count('orchestrate_plans_lost_total', 'Plans that were given up.')
            log.error({ why }, 'a plan was given up')
          },
        })
  const plans = new Remembered<PlanAt>({
    ...PLANS,
    sizeOf: (plan) => serialize(plan).byteLength,
    now: () => clock.now(),
  })
  const gate = { clock, as: 'app', prepare: worker?.prepare ?? prepareHere(clock), plans } as const
  const app = new GateApp({
    ...{ appId: options.appId, installations, gate, clock, log, metrics },
    ...(options.calmMs === undefined ? {} : { calmMs: options.calmMs }),
  })
  const watched = watchProcess(metrics)
  const server = await listen(
    {
      verify: (body, signature) => probot.webhooks.verify(body, signature),
      take: (delivery) => app.take(delivery),
      refused: (delivery, why) => log.warn({ ...delivery, why }, 'delivery refused'),
      fault: (error) => app.fault(error, { task: 'taking a request' }),
      health: () => ({ ok: true, waiting: app.waiting }),
      metrics,
    },
    options,
  )
  log.info({ url: server.url, github: apiUrl }, 'listening')
  const swept = app.keepSweeping(options.sweepEveryMs)
  return {
    url: server.url,
    idle: async () => {
      await swept
      await app.idle()
    },
    sweep: async () => {
      await app.sweep()
      await app.idle()
    },
    stop: async () => {
      await server.close()
      await swept
      await app.stop()
      await worker?.close()
      watched.stop()
      log.info({}, 'stopped')
    },
  }
}
