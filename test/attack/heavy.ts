import type { Bounds } from '../../src/adapters/process/bounds.ts'
import type { Attempt } from './attempts.ts'

/**
 * What a hostile agent tries to use up. Each is made twice in the cage: under small bounds, where it has to be ended for what the
 * row says, and under none, where it comes to its end and says so. `$SIZE` is how much it tries (MB, files, processes).
 */
export interface HeavyAttempt extends Attempt {
  /** What it is ended for; `kernel`: it goes on, and what it tried failed. */
  ends: 'disk' | 'files' | 'processes' | 'memory' | 'kernel'
  size: number
  bounds: Partial<Bounds>
  /** What is tried at full size in the nightly tests, and the bounds that hold there. */
  full: { size: number; bounds: Partial<Bounds> }
}

/** Said at the end of what nobody stopped; after that it stays, so that what it uses is there to be seen. */
export const DONE = 'all of it'
const STAYS = `echo ${DONE}; $THEN`
const MB = 1_000_000
const each = (script: string): string => `i=0; while [ $i -lt $SIZE ]; do ${script}; i=$((i+1)); done`
const WATCH = 'limits: ended while it runs'

export const HEAVY: readonly HeavyAttempt[] = [
  {
    what: 'fill the disk',
    stoppedBy: `${WATCH} (10 GB a step, 500 MB stay free)`,
    script: `mkdir fill; ${each('head -c 1000000 /dev/zero > fill/$i')}; ${STAYS}`,
    ends: 'disk',
    size: 30,
    bounds: { diskBytes: 20 * MB },
    full: { size: 3_000, bounds: { diskBytes: 1_000 * MB } },
  },
  {
    what: 'fill it with a file that has no name any more',
    stoppedBy: `${WATCH}: files held open count`,
    script: `exec 3> gone; exec 4> gone2; rm gone gone2; ${each('head -c 500000 /dev/zero >&3; head -c 500000 /dev/zero >&4')}; ${STAYS}`,
    ends: 'disk',
    size: 30,
    bounds: { diskBytes: 20 * MB },
    full: { size: 1_500, bounds: { diskBytes: 1_000 * MB } },
  },
  {
    what: 'write a log of 2 GB',
    stoppedBy: 'limits: the kernel ends the file (10 GB)',
    script: `head -c $((SIZE * 1000000)) /dev/zero > log && { ${STAYS}; }`,
    ends: 'kernel',
    size: 30,
    bounds: { diskBytes: 20 * MB },
    full: { size: 2_000, bounds: { diskBytes: 1_000 * MB } },
  },
  {
    what: 'make 100,000 files',
    stoppedBy: `${WATCH} (500,000 a step); gate: at most 2,000 a step`,
    script: `mkdir many; cd many; seq "$SIZE" | xargs touch; ${STAYS}`,
    ends: 'files',
    size: 3_000,
    bounds: { files: 1_000 },
    full: { size: 100_000, bounds: { files: 50_000 } },
  },
  {
    what: 'start processes without end (a fork bomb)',
    stoppedBy: `${WATCH} (2,000 at one time); the kernel, where we are not root`,
    script: `${each('sleep 60 & :')} ; ${STAYS}`,
    ends: 'processes',
    size: 150,
    bounds: { processes: 60 },
    full: { size: 20_000, bounds: {} },
  },
  {
    what: 'take all memory',
    stoppedBy: `${WATCH} (three quarters of the machine's)`,
    script: `"$NODE" -e 'const a=[];for(let i=0;i<+process.env.SIZE;i++)a.push(Buffer.alloc(1e6,1));setInterval(()=>a.length,1e3);console.log("${DONE}");if(process.env.THEN===":")process.exit()'; $THEN`,
    ends: 'memory',
    size: 300,
    bounds: { memoryBytes: 200 * MB },
    full: { size: 6_000, bounds: { memoryBytes: 3_000 * MB } },
  },
  {
    what: 'take it by files in `/dev/shm`',
    stoppedBy: `${WATCH}: files in the cage's memory count`,
    script: `head -c $((SIZE * 1000000)) /dev/zero > /dev/shm/fill; ${STAYS}`,
    ends: 'memory',
    size: 150,
    bounds: { memoryBytes: 100 * MB },
    full: { size: 4_000, bounds: { memoryBytes: 3_000 * MB } },
  },
]
