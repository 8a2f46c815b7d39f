import type { Shell } from './shell.ts'

/** `orchestrate status | head` closes our pipe: that is no error, and nobody is left to read more. */
export function quietOnClosedPipe({ stdout, stderr }: Pick<Shell, 'stdout' | 'stderr'>): void {
  for (const stream of [stdout, stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
  }
}
