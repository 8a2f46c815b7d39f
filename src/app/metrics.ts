/** Counters and durations as Prometheus reads them: https://prometheus.io/docs/instrumenting/exposition_formats/ */

/** Upper bounds of the buckets, seconds: a webhook should be answered within 0.1, and must be within 10. */
const BUCKETS = [0.005, 0.025, 0.1, 0.25, 1, 2.5, 10, 60] as const

type Labels = Readonly<Record<string, string>>

/** How many durations were within each bound of `BUCKETS`, by the first that fits; the rest only counts. */
interface Durations {
  labels: Labels
  within: number[]
  count: number
  sum: number
}

export class Metrics {
  readonly #counters = new Map<string, { help: string; values: Map<string, number> }>()
  readonly #histograms = new Map<string, { help: string; values: Map<string, Durations> }>()
  readonly #gauges: { name: string; help: string; read: () => number }[] = []

  /** Adds `by` to a counter. Labels come from a bounded set, never from what somebody wrote. */
  count(name: string, help: string, labels: Labels = {}, by = 1): void {
    const { values } = found(this.#counters, name, () => ({ help, values: new Map<string, number>() }))
    const series = name + shown(labels)
    values.set(series, (values.get(series) ?? 0) + by)
  }

  /** A duration in seconds. */
  observe(name: string, help: string, seconds: number, labels: Labels = {}): void {
    const { values } = found(this.#histograms, name, () => ({ help, values: new Map<string, Durations>() }))
    const made = (): Durations => ({ labels, within: BUCKETS.map(() => 0), count: 0, sum: 0 })
    const durations = found(values, shown(labels), made)
    const bucket = BUCKETS.findIndex((bound) => seconds <= bound)
    if (bucket !== -1) durations.within[bucket] = (durations.within[bucket] ?? 0) + 1
    durations.count += 1
    durations.sum += seconds
  }

  /** A value that is read when somebody asks. */
  gauge(name: string, help: string, read: () => number): void {
    this.#gauges.push({ name, help, read })
  }

  text(): string {
    const lines: string[] = []
    const begin = (name: string, help: string, type: string): unknown =>
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`)
    for (const [name, { help, values }] of this.#counters) {
      begin(name, help, 'counter')
      for (const [series, value] of values) lines.push(`${series} ${value}`)
    }
    for (const [name, { help, values }] of this.#histograms) {
      begin(name, help, 'histogram')
      for (const durations of values.values()) lines.push(...seriesOf(name, durations))
    }
    for (const { name, help, read } of this.#gauges) {
      begin(name, help, 'gauge')
      lines.push(`${name} ${read()}`)
    }
    return `${lines.join('\n')}\n`
  }
}

function found<T>(map: Map<string, T>, key: string, make: () => T): T {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}

/** Each bucket holds those below it too. */
function seriesOf(name: string, { labels, within, count, sum }: Durations): string[] {
  let below = 0
  return [
    ...BUCKETS.map((bound, at) => {
      below += within[at] ?? 0
      return `${name}_bucket${shown({ ...labels, le: String(bound) })} ${below}`
    }),
    `${name}_bucket${shown({ ...labels, le: '+Inf' })} ${count}`,
    `${name}_sum${shown(labels)} ${sum}`,
    `${name}_count${shown(labels)} ${count}`,
  ]
}

function shown(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
