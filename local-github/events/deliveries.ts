/** Sends webhooks: signed, in order per App, ten seconds each, never again by itself. */
import { createHmac } from 'node:crypto'
import type { App } from '../state/records.ts'
import type { Delivery, Faults } from '../types.ts'
import { Queue } from './queue.ts'

const TIMEOUT_MS = 10_000

/** Kept besides what tests see: whose it is, and the bytes that were signed. */
interface Parcel {
  delivery: Delivery
  app: App
  body: string
  installationTarget: number
}

export class Deliveries {
  readonly log: Delivery[] = []
  readonly #faults: Faults
  readonly #parcels = new Map<string, Parcel>()
  readonly #queues = new Map<number, Queue>()
  readonly #atOnce: number
  #held: Parcel[] = []
  readonly #controllers = new Set<AbortController>()
  #closed = false

  constructor(faults: Faults, atOnce: number) {
    this.#faults = faults
    this.#atOnce = atOnce
  }

  send(app: App, delivery: Delivery): void {
    const parcel = { delivery, app, body: JSON.stringify(delivery.payload), installationTarget: app.id }
    this.#parcels.set(delivery.id, parcel)
    this.log.push(delivery)
    if (this.#faults.dropDelivery?.(delivery) === true) return
    const times = this.#faults.duplicateDelivery?.(delivery) === true ? 2 : 1
    for (let n = 0; n < times; n += 1) {
      if (this.#faults.holdDeliveries === true) this.#held.push(parcel)
      else this.#enqueue(parcel)
    }
  }

  async redeliver(id: string): Promise<void> {
    const parcel = this.#parcels.get(id)
    if (!parcel) throw new Error(`there is no delivery ${id}`)
    await this.#enqueue(parcel)
  }

  /** Sends what was held back, in the order that is given. */
  async release(order: (held: Delivery[]) => Delivery[]): Promise<void> {
    const held = this.#held
    this.#held = []
    const wanted = order(held.map((parcel) => parcel.delivery))
    const sent = wanted.map((delivery) => {
      const parcel = this.#parcels.get(delivery.id)
      if (!parcel) throw new Error(`there is no delivery ${delivery.id}`)
      return this.#enqueue(parcel)
    })
    await Promise.all(sent)
  }

  /** Resolves when nothing is under way; false where nothing was. */
  async idle(): Promise<boolean> {
    const busy = [...this.#queues.values()].filter((queue) => queue.busy)
    await Promise.all(busy.map((queue) => queue.empty()))
    return busy.length > 0
  }

  close(): void {
    this.#closed = true
    for (const controller of this.#controllers) controller.abort()
  }

  #enqueue(parcel: Parcel): Promise<void> {
    const queue = this.#queues.get(parcel.app.id) ?? new Queue(this.#atOnce)
    this.#queues.set(parcel.app.id, queue)
    return queue.add(() => this.#post(parcel))
  }

  async #post({ delivery, app, body, installationTarget }: Parcel): Promise<void> {
    if (app.webhookUrl === undefined || this.#closed) return
    const sign = (algorithm: string): string =>
      `${algorithm}=${createHmac(algorithm, app.webhookSecret).update(body).digest('hex')}`
    const started = performance.now()
    const controller = new AbortController()
    const timer = setTimeout(() => controller.abort(), TIMEOUT_MS)
    this.#controllers.add(controller)
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'GitHub-Hookshot/local',
      'x-github-event': delivery.event,
      'x-github-delivery': delivery.id,
      'x-github-hook-id': String(app.id),
      'x-github-hook-installation-target-type': 'integration',
      'x-github-hook-installation-target-id': String(installationTarget),
      ...(app.webhookSecret === ''
        ? {}
        : { 'x-hub-signature': sign('sha1'), 'x-hub-signature-256': sign('sha256') }),
    }
    let status = 0
    try {
      const answer = await fetch(app.webhookUrl, { method: 'POST', body, headers, signal: controller.signal })
      await answer.arrayBuffer()
      status = answer.status
    } catch {
      // Nobody there, or too slow: GitHub notes it and goes on, and so does this one. Status 0 stands for both.
    } finally {
      clearTimeout(timer)
      this.#controllers.delete(controller)
    }
    delivery.attempts.push({ status, ms: Math.round(performance.now() - started) })
  }
}
