import { z } from 'zod';
import type { Clock } from '../../core/clock.ts';

/** What telephony needs of a log; pino's loggers fit. Never given a phone. */
export interface TelephonyLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

const hostSchema = z.string().regex(/^[A-Za-z0-9._:[\]-]+$/, 'expected a host name or an IP address');
const portSchema = z.number().int().min(1).max(65_535);
/** Secrets and tokens travel in `|`-separated lines and inside single quotes of the event socket. */
const secretSchema = z.string().min(1).max(200).regex(/^[\x21-\x7e]+$/, 'may hold printable ASCII only').regex(/^[^|'"\\]+$/, "may not hold | ' \" or \\");

/** A route to a carrier. */
export const trunkSchema = z.object({
  name: z.string().min(1),
  /** Request URI of a call, such as `sip:{phone}@carrier.example:5060;transport=udp`. */
  uri: z
    .string()
    .regex(/^sips?:[^\s<>"|']*\{phone\}[^\s<>"|']*$/, 'expected a SIP URI with {phone}, such as sip:{phone}@carrier.example')
    .refine((uri) => uri.split('{phone}').length === 2, '{phone} may stand there once'),
  /** Host of the From header; `localhost` is replaced by the SIP server with its own address. */
  fromHost: hostSchema.default('localhost'),
  /** Digest authentication (RFC 3261, section 22), if the carrier asks for it. */
  auth: z.object({ username: z.string().min(1), password: z.string().min(1) }).optional(),
});
export type Trunk = z.input<typeof trunkSchema>;

export const switchOptionsSchema = z.object({
  drachtio: z.array(z.object({ host: hostSchema, port: portSchema.default(9022), secret: secretSchema.default('cymru') })).min(1),
  freeswitch: z
    .array(
      z.object({
        host: hostSchema,
        port: portSchema.default(8021),
        secret: secretSchema.default('ClueCon'),
        /** The sofia profile that drachtio's INVITEs arrive at. */
        profile: z.string().regex(/^[\w.-]+$/).default('drachtio_mrf'),
      }),
    )
    .min(1),
  trunks: z.array(trunkSchema).min(1),
  /** The AMD service as FreeSWITCH sees it. `calleeKey` is what numbers are hashed with for it; without it they are not told apart. */
  amd: z.object({ url: z.string().regex(/^wss?:\/\/[^\s|']+$/, 'expected a WebSocket URL such as ws://amd:3000/amd'), token: secretSchema, calleeKey: z.string().min(16).optional() }),
  /**
   * Where FreeSWITCH reaches us with an outbound event socket a call. Each pair of servers listens for itself: port 0 takes any
   * free ports, another is the first of as many as there are pairs.
   */
  eventSocketListen: z.object({ host: hostSchema, port: z.number().int().min(0).max(65_535).default(0), advertisedHost: hostSchema.optional() }),
});
export type SwitchSettings = z.output<typeof switchOptionsSchema>;

/** Everything {@link connectSwitch} takes. */
export interface SwitchOptions extends z.input<typeof switchOptionsSchema> {
  /** Dates the events and times the ringing; connections and their retries go by the wall. */
  readonly clock: Clock;
  readonly log: TelephonyLog;
}
