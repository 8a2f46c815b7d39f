/** Counters and durations as Prometheus reads them: https://prometheus.io/docs/instrumenting/exposition_formats/ */

/** Upper bounds of the buckets, seconds: a webhook should be answered within 0.1, and must be within 10. */
const BUCKETS = [0.005, 0.025, 0.1, 0.25, 1, 2.5, 10, 60] as const

type Labels = Readonly<Record<string, string>>

interface Family {
  help: string
  type: 'counter' | 'gauge' | 'histogram'
  values: Map<string, number>
}

export class Metrics {
  readonly #families = new Map<string, Family>()
  readonly #gauges: { name: string; help: string; read: () => number }[] = []

  /** Adds `by` to a counter. Labels come from a bounded set, never from what somebody wrote. */
  count(name: string, help: string, labels: Labels = {}, by = 1): void {
    this.#add(this.#family(name, help, 'counter'), name + shown(labels), by)
  }

  /** A duration in seconds. */
  observe(name: string, help: string, seconds: number, labels: Labels = {}): void {
    const family = this.#family(name, help, 'histogram')
    for (const bound of BUCKETS) {
      const series = `${name}_bucket${shown({ ...labels, le: String(bound) })}`
      this.#add(family, series, seconds <= bound ? 1 : 0)
    }
    this.#add(family, `${name}_bucket${shown({ ...labels, le: '+Inf' })}`, 1)
    this.#add(family, `${name}_sum${shown(labels)}`, seconds)
    this.#add(family, `${name}_count${shown(labels)}`, 1)
  }

  /** A value that is read when somebody asks. */
  gauge(name: string, help: string, read: () => number): void {
    this.#gauges.push({ name, help, read })
  }

  text(): string {
    const lines: string[] = []
    for (const [name, { help, type, values }] of this.#families) {
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`)
      for (const [series, value] of values) lines.push(`${series} ${value}`)
    }
    for (const { name, help, read } of this.#gauges) {
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, `${name} ${read()}`)
    }
    return `${lines.join('\n')}\n`
  }

  #family(name: string, help: string, type: Family['type']): Family {
    const known = this.#families.get(name)
    if (known) return known
    const family: Family = { help, type, values: new Map() }
    this.#families.set(name, family)
    return family
  }

  #add({ values }: Family, series: string, by: number): void {
    values.set(series, (values.get(series) ?? 0) + by)
  }
}

function shown(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
