import type { Gateway } from './gateway.ts'
import type { GatewayOptions } from './start-gateway.ts'

/** A gateway that is started, and read from disk, by the first call that needs it. */
export function gatewayOnDemand(options: GatewayOptions): Gateway {
  let started: Promise<Gateway> | undefined
  const start = async (): Promise<Gateway> => (await import('./start-gateway.ts')).startGateway(options)
  return {
    async admit(request, protocol, onActivity) {
      started ??= start()
      return (await started).admit(request, protocol, onActivity)
    },
    async close() {
      await (await started)?.close()
    },
  }
}
