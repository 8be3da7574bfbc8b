import { z } from 'zod';
import { amdFrameSchema, amdMessageSchema, type AmdMessage } from '../../core/amd-wire.ts';

/** What the AMD service told, as `mod_audio_fork::json` carries it; a switch that passes bare messages on is understood, too. */
const carriedSchema = z.union([amdFrameSchema.transform(({ data }) => data), amdMessageSchema]);

/** @returns null if it is nothing the service may say */
export function parseAmdMessage(body: unknown): AmdMessage | null {
  const parsed = carriedSchema.safeParse(body);
  return parsed.success ? parsed.data : null;
}
