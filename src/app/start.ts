import { Probot, ProbotOctokit } from 'probot'
import { createForge } from '../adapters/github/forge.ts'
import { createInstallationClients } from '../adapters/github/installation.ts'
import { serverUrl } from '../adapters/github/server-urls.ts'
import { snapshotPlanSource, snapshotProjectFiles } from '../adapters/github/snapshot-plan.ts'
import type { Policy } from '../adapters/github/calls.ts'
import type { GateContext } from '../core/pipeline/gate/context.ts'
import type { Clock } from '../core/ports.ts'
import { GateApp } from './app.ts'
import { Installations } from './installations.ts'
import { Metrics } from './metrics.ts'
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
}

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
  const app = new GateApp({
    ...{ appId: options.appId, installations, gate: gate(clock), clock, log, metrics },
    ...(options.calmMs === undefined ? {} : { calmMs: options.calmMs }),
  })
  probot.onAny((event) => app.take({ id: event.id, event: event.name, payload: event.payload }))
  const server = await listen(
    {
      verify: (body, signature) => probot.webhooks.verify(body, signature),
      take: ({ id, event, payload }) =>
        // Typed by the names that Probot knows; one that it does not know has no handler.
        probot.receive({ id, name: event, payload } as Parameters<typeof probot.receive>[0]),
      refused: (delivery, why) => log.warn({ ...delivery, why }, 'delivery refused'),
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
      log.info({}, 'stopped')
    },
  }
}

const gate = (clock: Clock): Omit<GateContext, 'log'> => ({
  clock,
  as: 'app',
  open: (snapshot, dir) => ({
    source: snapshotPlanSource(snapshot, dir),
    files: snapshotProjectFiles(snapshot),
  }),
})
