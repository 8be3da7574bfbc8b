import { z } from 'zod';
import { amdMessageSchema, type AmdMessage } from '../../core/amd-wire.ts';

/**
 * What the AMD service told, as `mod_audio_fork::json` carries it. The module passes text frames on only if their `type` is
 * `json`, and then whole; the message is in `data`. A switch that passes any frame on is understood, too.
 */
const carriedSchema = z.union([z.object({ type: z.literal('json'), data: amdMessageSchema }).transform(({ data }) => data), amdMessageSchema]);

/** @returns null if it is nothing the service may say */
export function parseAmdMessage(body: unknown): AmdMessage | null {
  const parsed = carriedSchema.safeParse(body);
  return parsed.success ? parsed.data : null;
}
