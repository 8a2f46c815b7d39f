import { join } from 'node:path'
import { atMost, type Bench } from './support/bench.ts'
import { interleaved, ms } from './support/measure.ts'
import { cleanEnv, inTemp, orchestrate, wall } from './support/place.ts'

const ROUNDS = 25

export const start: Bench = {
  name: 'start',
  about: 'orchestrate --help against an empty node process',
  run: () =>
    inTemp(async (dir) => {
      const at = { cwd: dir, env: cleanEnv(dir), output: join(dir, 'output') }
      const { ratio, ours, theirs } = await interleaved(
        ROUNDS,
        () => wall(process.execPath, [orchestrate, '--help'], at),
        () => wall(process.execPath, ['-e', '0'], at),
      )
      return [atMost('orchestrate --help ÷ node -e 0', 2.5, ratio, `  (${ms(ours)} ÷ ${ms(theirs)})`)]
    }),
}
