import { expect, it } from '@jest/globals'
import { Metrics } from '../../src/app/metrics.ts'

it('writes counters, durations in buckets that hold those below them, and gauges, with labels escaped', () => {
  const metrics = new Metrics()
  metrics.count('taken_total', 'Taken.', { event: 'a"b\n' })
  metrics.count('taken_total', 'Taken.', { event: 'a"b\n' }, 2)
  for (const seconds of [0.005, 0.02, 5, 1_000])
    metrics.observe('took_seconds', 'Took.', seconds, { kind: 'x' })
  metrics.gauge('now', 'Now.', () => 4)
  expect(metrics.text().trimEnd().split('\n')).toEqual([
    '# HELP taken_total Taken.',
    '# TYPE taken_total counter',
    'taken_total{event="a\\"b\\n"} 3',
    '# HELP took_seconds Took.',
    '# TYPE took_seconds histogram',
    'took_seconds_bucket{kind="x",le="0.005"} 1',
    'took_seconds_bucket{kind="x",le="0.025"} 2',
    'took_seconds_bucket{kind="x",le="0.1"} 2',
    'took_seconds_bucket{kind="x",le="0.25"} 2',
    'took_seconds_bucket{kind="x",le="1"} 2',
    'took_seconds_bucket{kind="x",le="2.5"} 2',
    'took_seconds_bucket{kind="x",le="10"} 3',
    'took_seconds_bucket{kind="x",le="60"} 3',
    'took_seconds_bucket{kind="x",le="+Inf"} 4',
    'took_seconds_sum{kind="x"} 1005.025',
    'took_seconds_count{kind="x"} 4',
    '# HELP now Now.',
    '# TYPE now gauge',
    'now 4',
  ])
})
