import { z } from 'zod';
import { idSchema, timestampSchema } from './contact.ts';

const count = z.number().int().nonnegative();

/**
 * `running`: begun; the counts are not known yet. `done`: every row is accounted for and every contact is on the bus. `failed`: it broke off, or
 * was refused whole (`reason` says why). `revoked`: done, then taken back by an operator.
 */
export const LOAD_STATES = ['running', 'done', 'failed', 'revoked'] as const;
export const loadStateSchema = z.enum(LOAD_STATES);
export type LoadState = z.infer<typeof loadStateSchema>;

/**
 * The manifest of one run of the loader: told when it begins and when it ends, and again when it is revoked. The last word under a `loadId` counts.
 * It holds no secret and no path of a user: `source` is the last part of a path, or a URL without credentials and query.
 */
export const loadSchema = z.object({
  loadId: idSchema,
  campaignId: idSchema,
  source: z.string().max(500),
  /** The same for loads of the same source; see `sourceMarkOf` of the loader. */
  sourceMark: z.string().max(64).nullable().default(null),
  state: loadStateSchema.default('done'),
  /** Why it failed or was revoked, in words for a clerk. */
  reason: z.string().max(500).nullable().default(null),
  /** SHA-256 of what was read, in hex; null if it is not known (a query, a load that has not ended). */
  contentHash: z.string().regex(/^[0-9a-f]{64}$/).nullable().default(null),
  /** As understood, such as `csv` and `windows-1251`. */
  format: z.string().max(40).nullable().default(null),
  encoding: z.string().max(40).nullable().default(null),
  /** Who loaded it: `--by`, or the user and machine it ran under. */
  by: z.string().max(200).nullable().default(null),
  /** Of obzvon. */
  version: z.string().max(40).nullable().default(null),
  /** All or nothing: dialers call nobody of it before it is committed. */
  atOnce: z.boolean().default(false),
  /** The moment after which rows were asked for (`--since`); null: all. */
  sinceMs: timestampSchema.nullable().default(null),
  /** Rows read = accepted + refused + duplicates. */
  rows: count,
  /** Contacts put on the bus, those held out and suppressed among them. */
  accepted: count,
  heldOut: count,
  /** Accepted contacts that end before any call, by disposition and reason, such as `suppressed.dispute`. */
  suppressed: z.record(z.string(), count).default({}),
  /** Rows refused, by the field and reason code that refused them. */
  refused: z.record(z.string(), count),
  /** Rows that name a contact the campaign already has. */
  duplicates: count,
  startedAtMs: timestampSchema,
  /** When this was told. */
  endedAtMs: timestampSchema,
});
export type Load = z.infer<typeof loadSchema>;
