import type { Price, Prices } from '../../core/model/config.ts'
import type { Usage } from '../../core/model/step.ts'
import type { Protocol } from '../agents/adapter.ts'

/** When the table below was last held against the providers' price pages. What it gives is an estimate. */
export const PRICES_OF = '2026-01'

/** By what list a protocol's models are paid: AWS and Google take for Anthropic's what Anthropic takes. */
type PriceList = Exclude<Protocol, 'bedrock' | 'vertex'>
const listOf = (protocol: Protocol): PriceList =>
  protocol === 'bedrock' || protocol === 'vertex' ? 'anthropic' : protocol

interface Row {
  protocol: PriceList
  /** Against the model's name as it was asked for, e.g. claude-sonnet-4-5-20250929. The first that fits counts. */
  model: RegExp
  price: Price
}

const claude = (input: number, output: number): Price => ({
  input,
  output,
  cacheRead: input * 0.1,
  cacheWrite: input * 1.25,
})
const cached = (input: number, output: number, cacheRead: number): Price => ({
  input,
  output,
  cacheRead,
  // They take nothing extra for what they keep.
  cacheWrite: input,
})

/** List prices without discounts; of a family that has several, the newest. Sources: the providers' public price pages. */
const ROWS: readonly Row[] = [
  { protocol: 'anthropic', model: /opus-4-(5|6|7)/, price: claude(5, 25) },
  { protocol: 'anthropic', model: /opus/, price: claude(15, 75) },
  { protocol: 'anthropic', model: /sonnet/, price: claude(3, 15) },
  { protocol: 'anthropic', model: /haiku-4|haiku$/, price: claude(1, 5) },
  { protocol: 'anthropic', model: /haiku/, price: claude(0.8, 4) },
  { protocol: 'openai', model: /gpt-5.*nano/, price: cached(0.05, 0.4, 0.005) },
  { protocol: 'openai', model: /gpt-5.*mini/, price: cached(0.25, 2, 0.025) },
  { protocol: 'openai', model: /gpt-5.*pro/, price: cached(15, 120, 15) },
  { protocol: 'openai', model: /gpt-5\.[2-9]/, price: cached(1.75, 14, 0.175) },
  { protocol: 'openai', model: /gpt-5/, price: cached(1.25, 10, 0.125) },
  { protocol: 'openai', model: /gpt-4\.1-mini/, price: cached(0.4, 1.6, 0.1) },
  { protocol: 'openai', model: /gpt-4\.1/, price: cached(2, 8, 0.5) },
  { protocol: 'openai', model: /o4-mini/, price: cached(1.1, 4.4, 0.275) },
  { protocol: 'gemini', model: /flash-lite/, price: cached(0.1, 0.4, 0.01) },
  { protocol: 'gemini', model: /flash/, price: cached(0.5, 3, 0.05) },
  { protocol: 'gemini', model: /pro/, price: cached(2, 12, 0.2) },
]

/** For a model that the table does not know: what the dearest common one costs, so that a budget holds. */
const UNKNOWN: Record<PriceList, Price> = {
  anthropic: claude(15, 75),
  openai: cached(15, 120, 15),
  gemini: cached(4, 18, 0.4),
}

/** `own`: what the configuration says, over the table. Of several names that fit the longest counts. */
export function priceOf(
  protocol: Protocol,
  model: string | undefined,
  own: Prices = {},
): { price: Price; known: boolean } {
  const named = Object.entries(own)
    .filter(([name]) => fits(name, model ?? ''))
    .sort(([a], [b]) => b.length - a.length)[0]
  if (named !== undefined) return { price: named[1], known: true }
  const list = listOf(protocol)
  const row = ROWS.find((one) => one.protocol === list && one.model.test(model ?? ''))
  return row === undefined ? { price: UNKNOWN[list], known: false } : { price: row.price, known: true }
}

const fits = (name: string, model: string): boolean =>
  name.endsWith('*') ? model.startsWith(name.slice(0, -1)) : model === name

/** US dollars. What was not reported costs nothing here. */
export function costOf(usage: Usage, price: Price): number {
  const { inputTokens = 0, outputTokens = 0, cacheReadTokens = 0, cacheWriteTokens = 0 } = usage
  const sum =
    inputTokens * price.input +
    outputTokens * price.output +
    cacheReadTokens * price.cacheRead +
    cacheWriteTokens * price.cacheWrite
  return sum / 1_000_000
}
