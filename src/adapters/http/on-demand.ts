import type { Web } from '../../core/ports.ts'
import type { WebOptions } from './web.ts'

/** Loaded by the first question: most runs ask none. */
export const webOnDemand = (options: WebOptions): Web => ({
  async get(url, headers) {
    const { openWeb } = await import('./web.ts')
    return await openWeb(options).get(url, headers)
  },
})
