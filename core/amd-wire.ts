/**
 * What passes between the dialer, the switch's audio fork and the AMD service. The switch opens a WebSocket, sends the
 * start metadata as its first text frame, then binary L16 (little-endian, mono). Later text frames are control messages
 * of the dialer; the service's text frames go back to the dialer through the switch (`mod_audio_fork::json`).
 */
import { z } from 'zod';
import { idSchema, languageSchema } from './contact.ts';
import { verdictSchema } from './outcome.ts';
import { ringOddsSchema } from './ring-odds.ts';

export const AMD_SUBPROTOCOL = 'audio.drachtio.org';

/** What holds where nobody says otherwise: of campaigns, of the service, and of whatever tries the detector on recordings. */
export const DETECTION_DEFAULTS = { latestDecisionMs: 7000, lostHumanCost: 10 } as const;

/**
 * What both sides count on: so much quiet ends a turn of speech (pauses between the words of a sentence are shorter); who still talks is waited
 * for by the detector so long at least; a word is taken back within so much of the end of a turn.
 */
export const TURN_TIMES = { endMs: 500, leastMs: 4000, longestWatchMs: 12_000 } as const;

/** What `unsure` is taken for: rather a machine, but not so surely that a person may be risked at `lostHumanCost`; or music. */
export const unsureMeansSchema = z.enum(['human', 'machine']);
export type UnsureMeans = z.infer<typeof unsureMeansSchema>;

/**
 * What an announcement tells, where the audio says more than that it is one: the North American meaning of a special information tone
 * (`unspecified` outside its pattern, `reserved` without a meaning), a busy or reorder tone, a recording that an operator has named, a voice
 * before any answer.
 */
export const ANNOUNCEMENT_CAUSES = ['intercept', 'vacant_code', 'no_circuit', 'reorder', 'reserved', 'unspecified', 'busy_tone', 'reorder_tone', 'known_recording', 'before_answer'] as const;
export type AnnouncementCause = (typeof ANNOUNCEMENT_CAUSES)[number];

const ringMsSchema = z.number().int().nonnegative();

export const amdStartSchema = z.object({
  type: z.literal('start'),
  token: z.string(),
  callId: idSchema,
  sampleRate: z.literal([8000, 16000], { error: 'expected 8000 or 16000' }),
  language: languageSchema,
  /** True if the audio starts before the answer (183): the service waits for `answered`. */
  earlyMedia: z.boolean(),
  /** ISO 3166: whose network tones to expect. */
  country: z.string().regex(/^[A-Z]{2}$/).optional(),
  /** A keyed hash of the number called: tells numbers apart without telling them. */
  callee: z.string().regex(/^[0-9a-f]{16}$/).optional(),
  /** Latest audio time after answer at which a verdict must fall. */
  latestDecisionMs: z.number().int().positive(),
  /** How many missed machines one lost human costs; absent: {@link DETECTION_DEFAULTS}. */
  lostHumanCost: z.number().positive().optional(),
  /** What the dialer takes `unsure` for; absent: a person. Of a machine the beep and the end of the greeting are told. */
  unsureMeans: unsureMeansSchema.optional(),
  /** How long it rang before the answer, if that is known by now, ms. */
  ringMs: ringMsSchema.optional(),
  /** What the ring time tells; absent: nothing. */
  ringOdds: ringOddsSchema.optional(),
});
export type AmdStart = z.infer<typeof amdStartSchema>;

export const amdControlSchema = z.discriminatedUnion('type', [z.object({ type: z.literal('answered'), ringMs: ringMsSchema.optional() })]);
export type AmdControl = z.infer<typeof amdControlSchema>;

/** Audio times are ms of audio since answer (since the stream's start while in early media). */
export const amdMessageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('verdict'),
    callId: idSchema,
    verdict: verdictSchema,
    /** Of `announcement`. */
    cause: z.enum(ANNOUNCEMENT_CAUSES).nullable().default(null),
    confidence: z.number().min(0).max(1),
    audioMs: z.number().int().nonnegative(),
    speechOnsetMs: z.number().int().nonnegative().nullable(),
    reason: z.string().max(300),
    /** True if it was reached on early media, before any answer. */
    earlyMedia: z.boolean(),
    /** The voice still talks; of `human` and `unsure` `turn_ended` will tell when it has finished. */
    talking: z.boolean().default(false),
    /** How long the callee had been quiet by then; null: nobody has spoken. */
    quietMs: z.number().int().nonnegative().nullable().default(null),
    /** The verdict of this call that it takes back; null: it is the first. */
    takesBack: verdictSchema.nullable().default(null),
  }),
  /** `settled`: a verdict of `human` or `unsure` stands, or has stood for so long that it is no longer doubted; nothing more will come. */
  z.object({ type: z.enum(['turn_ended', 'settled']), callId: idSchema, audioMs: z.number().int().nonnegative() }),
  z.object({ type: z.literal('beep'), callId: idSchema, audioMs: z.number().int().nonnegative(), frequencyHz: z.number() }),
  z.object({ type: z.literal('greeting_ended'), callId: idSchema, audioMs: z.number().int().nonnegative() }),
  /** The machine speaks again after its beep or its greeting's end: neither was what it seemed. At most once a call. */
  z.object({ type: z.literal('greeting_resumed'), callId: idSchema, audioMs: z.number().int().nonnegative() }),
  z.object({ type: z.literal('error'), callId: idSchema, reason: z.string().max(300) }),
]);
export type AmdMessage = z.infer<typeof amdMessageSchema>;

/**
 * How a message travels back: the audio-fork module of FreeSWITCH passes a text frame on, whole, only if its `type` is `json`;
 * others it interprets itself or drops.
 */
export const amdFrameSchema = z.object({ type: z.literal('json'), data: amdMessageSchema });

/** The service's text frame that carries `message`. */
export function encodeAmdFrame(message: AmdMessage): string {
  return JSON.stringify({ type: 'json', data: message } satisfies z.infer<typeof amdFrameSchema>);
}
