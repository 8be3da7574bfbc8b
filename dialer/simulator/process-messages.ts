import { z } from 'zod';
import { journalEntrySchema } from './journal.ts';
import { misbehaviourSchema, simulatorOptionsSchema } from './options.ts';

/** What a process and the simulator it forked say to each other. Requests carry an id that the answer repeats. */
const id = z.number().int();
const clockReadingSchema = z.object({ wallMs: z.number(), simulatedMs: z.number(), speed: z.number() });
const addressSchema = z.object({ host: z.string(), port: z.number(), secret: z.string() });
export const statsSchema = z.object({
  invites: z.number(),
  answered: z.number(),
  ended: z.number(),
  concurrent: z.number(),
  maxConcurrent: z.number(),
  peakPerSecond: z.number(),
  peakPerWallSecond: z.number(),
  channels: z.number(),
  forks: z.number(),
  connections: z.number(),
});
const endedSchema = journalEntrySchema.options[3];

export const toChildSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('start'), options: simulatorOptionsSchema, reading: clockReadingSchema }),
  z.object({ kind: z.literal('jump'), id, toMs: z.number() }),
  z.object({ kind: z.literal('pace'), id, speed: z.number().positive() }),
  z.object({ kind: z.literal('stats'), id }),
  z.object({ kind: z.literal('misbehave'), id, misbehaviour: misbehaviourSchema }),
  z.object({ kind: z.literal('drop'), id, what: z.enum(['drachtio', 'event_sockets']) }),
  z.object({ kind: z.literal('close'), id }),
]);
export type ToChild = z.infer<typeof toChildSchema>;

export const toParentSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('started'), drachtio: addressSchema, freeswitch: addressSchema, reading: clockReadingSchema }),
  z.object({ kind: z.literal('failed'), code: z.string(), message: z.string() }),
  z.object({ kind: z.literal('done'), id, reading: clockReadingSchema }),
  z.object({ kind: z.literal('stats'), id, stats: statsSchema }),
  z.object({ kind: z.literal('ended'), calls: z.array(endedSchema) }),
]);
export type ToParent = z.infer<typeof toParentSchema>;
