/** What bench/amd-live.ts and the service it measures say to one another. */
import { z } from 'zod';

/** `begin` starts the count, `report` tells it. */
export const orderSchema = z.enum(['begin', 'report', 'close']);
export type Order = z.infer<typeof orderSchema>;

export const serviceReportSchema = z.object({
  cpuSeconds: z.number(),
  loopDelayMs: z.object({ p50: z.number(), p99: z.number(), worst: z.number() }),
  collector: z.object({ count: z.number(), ms: z.number(), worstMs: z.number() }),
  /** Per call when its verdict left, ns of the machine's monotonic clock, which all its processes share. */
  verdictNs: z.record(z.string(), z.string()),
});
export type ServiceReport = z.infer<typeof serviceReportSchema>;
