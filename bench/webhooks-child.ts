/**
 * Sends webhooks at a steady rate from a process of its own, whatever the answers take, and prints what became of them as JSON.
 * Standard input: `Load`, as JSON.
 */
import { createHmac, randomUUID } from 'node:crypto'
import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'

export interface Load {
  url: string
  secret: string
  /** Deliveries a second. */
  rate: number
  seconds: number
  deliveries: { event: string; body: string }[]
}

export interface Sent {
  /** Milliseconds from the moment that each was due to its answer: what waits for its turn here counts too. */
  took: number[]
  /** How many answers had which status; 0 for none. */
  statuses: Record<string, number>
}

// Written by our own parent.
const { url, secret, rate, seconds, deliveries } = JSON.parse(await text(process.stdin)) as Load
const agent = new Agent({ keepAlive: true })
const took: number[] = []
const statuses: Record<string, number> = {}

function send(event: string, body: string): Promise<number> {
  return new Promise((resolve) => {
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'x-github-event': event,
      'x-github-delivery': randomUUID(),
      'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    }
    const sent = request(url, { method: 'POST', agent, headers }, (answer) => {
      answer.resume().once('end', () => resolve(answer.statusCode ?? 0))
    })
    sent.once('error', () => resolve(0))
    sent.end(body)
  })
}

const began = performance.now()
const answers: Promise<void>[] = []
for (let n = 0; n < rate * seconds; n++) {
  const due = began + (n * 1_000) / rate
  const early = due - performance.now()
  if (early > 0) await wait(early)
  const { event, body } = deliveries[n % deliveries.length] ?? { event: 'ping', body: '{}' }
  answers.push(
    send(event, body).then((status) => {
      took.push(performance.now() - due)
      statuses[status] = (statuses[status] ?? 0) + 1
    }),
  )
}
await Promise.all(answers)
agent.destroy()
process.stdout.write(JSON.stringify({ took, statuses } satisfies Sent))
