import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Metrics } from './metrics.ts'

/** Milliseconds between two looks at the event loop. */
const RESOLUTION = 10
const NS = 1e9

/**
 * How the process does, by the names that dashboards for Node know (prom-client's). The loop's delay is since it was last
 * asked for: what keeps it high keeps answers waiting.
 */
export function watchProcess(metrics: Metrics): { stop(): void } {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION })
  delay.enable()
  // The histogram holds how long each interval was; what is beyond the interval is delay.
  const beyond = (ns: number): number => Math.max(0, ns / NS - RESOLUTION / 1_000)
  metrics.gauge('nodejs_eventloop_lag_p99_seconds', 'Delay of the event loop, 99th percentile.', () =>
    beyond(delay.percentile(99)),
  )
  metrics.gauge('nodejs_eventloop_lag_max_seconds', 'Longest delay of the event loop.', () => {
    const longest = beyond(delay.max)
    delay.reset()
    return longest
  })
  metrics.gauge('process_resident_memory_bytes', 'Memory of the process.', () => process.memoryUsage.rss())
  metrics.gauge('nodejs_heap_size_used_bytes', 'Heap that is in use.', () => process.memoryUsage().heapUsed)
  return { stop: () => void delay.disable() }
}
