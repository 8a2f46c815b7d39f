/** Where everything that happens is told: to Apps as webhooks, and to the workflow runner. */
import { randomUUID } from 'node:crypto'
import type { Actor } from '../auth/actor.ts'
import { accountOf } from '../auth/actor.ts'
import { nodeId, renderAccount, renderOrganization } from '../render/account.ts'
import { renderRepository } from '../render/repository.ts'
import type { App, Repository, World } from '../state/records.ts'
import type { Delivery, WorkflowEvent } from '../types.ts'
import type { Deliveries } from './deliveries.ts'

/** A GITHUB_TOKEN starts nothing but these. */
const DISPATCHES = ['workflow_dispatch', 'repository_dispatch']
/** Sent to an App whether it asked for them or not. */
const ALWAYS = ['installation', 'installation_repositories', 'github_app_authorization']

export interface Happening {
  event: string
  action?: string
  actor: Actor
  payload: Record<string, unknown>
  /** Only this App hears of it: buttons and re-runs of its own checks. */
  onlyApp?: number
  /** False where only Apps hear of it. */
  workflows?: boolean
  runId?: number
}

export class Hub {
  readonly #world: World
  readonly #deliveries: Deliveries
  readonly #listeners = new Set<(event: WorkflowEvent) => unknown>()
  #background = new Set<Promise<unknown>>()

  constructor(world: World, deliveries: Deliveries) {
    this.#world = world
    this.#deliveries = deliveries
  }

  listen(listener: (event: WorkflowEvent) => unknown): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  raise(repo: Repository, happening: Happening): void {
    const { event, action, actor } = happening
    const payload = {
      ...(action === undefined ? {} : { action }),
      ...happening.payload,
      repository: renderRepository(this.#world, repo),
      ...(repo.owner.type === 'Organization'
        ? { organization: renderOrganization(this.#world, repo.owner) }
        : {}),
      sender: renderAccount(this.#world, accountOf(actor)),
    }
    if (!DISPATCHES.includes(event) || event === 'repository_dispatch') this.#toApps(repo, happening, payload)
    if (happening.workflows === false) return
    // Workflows know a pull request's events by a second name, which runs the default branch's files.
    for (const name of event === 'pull_request' ? [event, 'pull_request_target'] : [event])
      this.#toWorkflows({
        event: name,
        ...(action === undefined ? {} : { action }),
        repository: repo.fullName,
        payload,
        ...(happening.runId === undefined ? {} : { runId: happening.runId }),
        startsWorkflows: actor.kind !== 'job' || DISPATCHES.includes(event),
      })
  }

  /** Without a repository in it: what concerns an App itself. */
  tell(app: App, repository: string, event: string, action: string, payload: Record<string, unknown>): void {
    this.#send(app, { event, action, repository, payload: { action, ...payload } })
  }

  /** What goes on after a request was answered; `idle` waits for it. */
  track(work: Promise<unknown>): void {
    this.#background.add(work)
    void work.finally(() => this.#background.delete(work))
  }

  async idle(): Promise<void> {
    for (;;) {
      const work = [...this.#background]
      await Promise.allSettled(work)
      const sent = await this.#deliveries.idle()
      // What a webhook made an App do right away may still be on its way back to us.
      await new Promise((resolve) => setImmediate(resolve))
      if (work.length === 0 && !sent && this.#background.size === 0) return
    }
  }

  #toApps(repo: Repository, happening: Happening, payload: Record<string, unknown>): void {
    const { event, action, onlyApp } = happening
    for (const installation of this.#world.installations.values()) {
      const { app } = installation
      if (!installation.repositories.has(repo) || (onlyApp !== undefined && app.id !== onlyApp)) continue
      if (!subscribes(app, event)) continue
      const whole = {
        ...payload,
        installation: { id: installation.id, node_id: nodeId('IntegrationInstallation', installation.id) },
      }
      this.#send(app, {
        event,
        ...(action === undefined ? {} : { action }),
        repository: repo.fullName,
        payload: whole,
      })
    }
  }

  #send(app: App, what: Omit<Delivery, 'id' | 'attempts'>): void {
    if (app.webhookUrl === undefined) return
    this.#deliveries.send(app, { id: randomUUID(), ...what, attempts: [] })
  }

  #toWorkflows(event: WorkflowEvent): void {
    for (const listener of this.#listeners) this.track(Promise.resolve().then(() => listener(event)))
  }
}

const subscribes = (app: App, event: string): boolean =>
  ALWAYS.includes(event) || app.events.includes(event) || app.events.includes('*')
