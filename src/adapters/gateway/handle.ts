import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import type { Price, Prices } from '../../core/model/config.ts'
import type { Usage } from '../../core/model/step.ts'
import { cost as costText } from '../../core/text/format.ts'
import { apiFailure } from '../agents/outcome.ts'
import type { Provider } from '../agents/adapter.ts'
import { errorMessage } from '../process/system-error.ts'
import { answerReader } from './answer-reader.ts'
import type { Admitted, OpenDoor } from './door.ts'
import { forward, passOn, reply, type Upstream } from './forward.ts'
import { outgoingOf } from './outgoing.ts'
import type { Ways } from './outgoing-proxy.ts'
import { NO_ROOM, type Patience } from './patience.ts'
import { costOf, priceOf } from './prices.ts'
import type { Asked, Metered, ModelProtocol } from './protocols/protocol.ts'
import { unreachedBecause } from './unreached.ts'

/** One call to a model, for the request log. */
export interface CallRecord extends Pick<Admitted, 'run' | 'phase' | 'attempt' | 'step' | 'unit'> {
  at: number
  model: string | undefined
  path: string
  /** As the agent sent it. */
  body: Buffer
  /** Undefined where the provider was not reached. */
  status: number | undefined
  durationMs: number
  usage: Usage
}
export type CallLog = (record: CallRecord) => void

export interface Call {
  method: string
  /** Below the provider's address. */
  url: URL
  headers: IncomingHttpHeaders
  body: Buffer
  answer: ServerResponse
  /** Aborted when the agent no longer waits for the answer. */
  signal: AbortSignal
}

export interface Handling {
  door: OpenDoor
  protocol: ModelProtocol
  endpoint: Provider
  ways: Ways
  patience: Patience
  holdMs: number
  maxCalls: number
  now: () => number
  prices: Prices
  log?: CallLog
}

/** Too little for any answer worth its input. Tokens. */
const LEAST_OUTPUT = 512
/** What a model gives at most where a request does not say. Tokens. */
const UNBOUNDED_OUTPUT = 32_000
/** Of English and code in a tokenizer of today; a little pessimistic, since it is what is set aside. */
const BYTES_PER_TOKEN = 3

/**
 * To a program whose call was held for as long as it may be: trying again by itself, or waiting as the provider says, would look
 * like an agent that hangs. Source: the header that the providers' own client libraries obey.
 */
const GIVE_UP: Readonly<Record<string, string | undefined>> = {
  'x-should-retry': 'false',
  'retry-after': undefined,
  'retry-after-ms': undefined,
}

/** Takes one request of an agent to its model and the answer back, if the money for it is there. */
export async function handle(call: Call, around: Handling): Promise<void> {
  const { door, protocol } = around
  const path = call.url.pathname
  if (!protocol.paths.test(path) || !path.startsWith(around.endpoint.within ?? '')) {
    return reply(
      call.answer,
      protocol.refusal('path', `Orchestrate lets agents talk to models; ${path} is not that.`),
    )
  }
  const json = parsed(call.body)
  const asked = protocol.ask(json, path)
  if (asked.charged && (door.calls += 1) > around.maxCalls) {
    const message = `This step asked its model ${around.maxCalls} times: Orchestrate lets no further call through.`
    door.refusal = { reason: 'over-budget', message }
    return reply(call.answer, protocol.refusal('budget', message))
  }
  const { price } = priceOf(door.protocol, asked.model ?? door.request.model, around.prices)
  const admitted = asked.charged
    ? admit(call.body, json, asked, price, around)
    : { body: call.body, settle: () => {} }
  if (admitted === undefined) {
    const message = `The money for this step is spent (${told(door.account.spent)} so far, ${told(Math.max(door.account.left, 0))} left): Orchestrate lets no further call through.`
    door.refusal = { reason: 'over-budget', message }
    return reply(call.answer, protocol.refusal('budget', message))
  }
  const begun = around.now()
  let status: number | undefined
  let cost = 0
  let usage: Usage = {}
  try {
    const upstream = await send(call, admitted.body, around)
    if (upstream === undefined) {
      const retryAfterMs = Math.round(around.patience.waitMs)
      const { limit } = around.patience
      const message = `the model's API has no room for ${Math.ceil(retryAfterMs / 1000)} s (${limit})`
      door.refusal = { reason: 'rate-limited', message, retryAfterMs, limit }
      return reply(call.answer, protocol.refusal('room', message), GIVE_UP)
    }
    status = upstream.status
    door.refusal = status < 400 ? undefined : await refusalOf(upstream, around)
    const reader = answerReader(protocol, upstream.headers.get('content-type') ?? '')
    let whole = false
    try {
      await passOn(upstream, call.answer, (chunk) => reader.write(chunk), NO_ROOM.has(status) ? GIVE_UP : {})
      whole = true
    } finally {
      reader.end()
      if (asked.charged && status < 400) {
        usage = paid(reader.metered, call.body, whole)
        cost = costOf(usage, price)
        usage = { ...usage, costUsd: cost, estimated: true }
        door.charge(usage)
      }
    }
  } catch (error) {
    if (error instanceof NoCredentials) {
      door.refusal = { reason: 'auth', message: `${protocol.title} cannot be asked: ${error.message}` }
      return reply(call.answer, protocol.refusal('key', door.refusal.message))
    }
    if (status === undefined && !call.signal.aborted) {
      door.refusal = {
        reason: 'unavailable',
        message: `the model's API cannot be reached: ${unreachedBecause(error)}`,
      }
    } else if (!call.signal.aborted) {
      door.refusal ??= {
        reason: 'unavailable',
        message: "the model's API broke off in the middle of an answer",
      }
    }
    throw error
  } finally {
    admitted.settle(cost)
    const { run, phase, attempt, step, unit } = door.request
    around.log?.({
      ...{
        run,
        phase,
        attempt,
        step,
        unit,
        at: begun,
        model: asked.model,
        path,
        body: call.body,
        status,
        usage,
      },
      durationMs: around.now() - begun,
    })
  }
}

/** Sets the most that a call may cost aside, with a shorter answer where the whole would not fit. Undefined: nothing worth it fits. */
function admit(
  body: Buffer,
  json: unknown,
  { maxOutputTokens = UNBOUNDED_OUTPUT }: Asked,
  price: Price,
  { door, protocol }: Handling,
): { body: Buffer; settle: (cost: number) => void } | undefined {
  const { account } = door
  // Written to the cache is the dearest that input can be.
  const input = (body.length / BYTES_PER_TOKEN) * Math.max(price.input, price.cacheWrite)
  const whole = account.reserve((input + maxOutputTokens * price.output) / 1_000_000)
  if (whole !== undefined) return { body, settle: whole }
  const affordable = Math.floor((account.left * 1_000_000 - input) / price.output)
  if (affordable < LEAST_OUTPUT) return undefined
  const shorter = protocol.bounded(json, affordable)
  const settle = shorter === undefined ? undefined : account.reserve(account.left)
  return settle && { body: Buffer.from(JSON.stringify(shorter)), settle }
}

/**
 * Asks the provider, and again where it has no room, as long as one call is held. Undefined: it is not asked, since others were
 * told to wait for longer than that.
 */
async function send(
  call: Call,
  body: Buffer,
  { door, protocol, endpoint, ways, patience, holdMs, now }: Handling,
): Promise<Upstream | undefined> {
  const began = now()
  for (let attempt = 1; ; attempt++) {
    if (now() + patience.waitMs - began > holdMs) return undefined
    await patience.wait(call.signal)
    const outgoing = outgoingOf(call, body, endpoint.baseUrl ?? protocol.provider)
    const known =
      endpoint.authorize === undefined
        ? protocol.authorization(endpoint.apiKey ?? '')
        : await endpoint.authorize(outgoing).catch((error: unknown) => {
            throw new NoCredentials(errorMessage(error))
          })
    const upstream = await forward({
      ...outgoing,
      headers: { ...outgoing.headers, ...known },
      agent: await ways.to(outgoing.url),
      signal: call.signal,
    })
    if (upstream.status === 407) {
      upstream.body.destroy()
      throw new NoCredentials(PROXY_LOGIN)
    }
    if (!NO_ROOM.has(upstream.status)) {
      patience.answered()
      return upstream
    }
    const delay = patience.refused(upstream)
    if (now() + delay - began > holdMs) return upstream
    upstream.body.destroy()
    door.waits(attempt, delay, upstream.status)
  }
}

/** We have nothing by which the provider would know us. */
class NoCredentials extends Error {}
const PROXY_LOGIN =
  'the proxy before it wants a login: put it into HTTPS_PROXY, as http://user:password@host:port'

async function refusalOf(upstream: Upstream, { patience }: Handling): Promise<OpenDoor['refusal']> {
  const message = `the model's API answered with status ${upstream.status}`
  if (!NO_ROOM.has(upstream.status)) return { reason: apiFailure(upstream.status), message }
  return {
    reason: 'rate-limited',
    message,
    retryAfterMs: Math.round(patience.waitMs),
    limit: patience.limit,
  }
}

/** What an answer cost. One that broke off, or told nothing, is taken by what went and came. */
function paid({ usage, characters }: Metered, body: Buffer, whole: boolean): Usage {
  const { inputTokens, outputTokens } = usage
  const said = Math.ceil(characters / BYTES_PER_TOKEN)
  return {
    ...usage,
    inputTokens: inputTokens ?? Math.ceil(body.length / BYTES_PER_TOKEN),
    outputTokens: whole && outputTokens !== undefined ? outputTokens : Math.max(outputTokens ?? 0, said),
  }
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    return undefined
  }
}

/** By the table, as all that it counts. */
const told = (costUsd: number): string => costText({ costUsd, estimated: true })
