import { ObzvonError } from '../../core/errors.ts';
import type { SimulatedClock } from '../../core/clock.ts';
import { CalleeCall, type CalleeSurroundings, type EndedEntry } from './callee-call.ts';
import { JournalFile, readHistory } from './journal-file.ts';
import { Channel, FREESWITCH_ADDRESS } from './media/channel.ts';
import { PROFILE_HOST, PROFILE_PORT } from './media/channel-events.ts';
import { Freeswitch } from './media/freeswitch.ts';
import type { Misbehaviour, SimulatorOptions } from './options.ts';
import type { Public } from './public-port.ts';
import { uuid } from './signalling/identifiers.ts';
import type { FarParty, Leg } from './signalling/leg.ts';
import { SignallingServer, type Invitation } from './signalling/signalling-server.ts';
import { audioPortOf, userOf, type SipUri } from './signalling/sip-message.ts';

export const DRACHTIO_SECRET = 'simulated';
export const FREESWITCH_SECRET = 'simulated';

export interface Address {
  readonly host: string;
  readonly port: number;
  readonly secret: string;
}

/** What has happened since the start, and what stands now. */
export interface SimulatorStats {
  readonly invites: number;
  readonly answered: number;
  readonly ended: number;
  /** Callee calls now, and at most. */
  readonly concurrent: number;
  readonly maxConcurrent: number;
  /** INVITEs to callees in the busiest simulated second, and of the wall's. */
  readonly peakPerSecond: number;
  readonly peakPerWallSecond: number;
  readonly channels: number;
  readonly forks: number;
  readonly connections: number;
}

export interface Simulator {
  readonly drachtio: Address;
  readonly freeswitch: Address;
  stats(): SimulatorStats;
  /** Calls back for every call that has ended, those of a crash before the start excepted. */
  onCallEnded(listener: (entry: EndedEntry) => void): void;
  setMisbehaviour(misbehaviour: Misbehaviour): void;
  /** Breaks off every connection of drachtio's clients; calls under way end (`crash`). New connections are taken. */
  dropDrachtio(): void;
  /** Breaks off FreeSWITCH's event sockets; their channels hang up. */
  dropEventSockets(): void;
  /** Moves the clock forward and writes that down first. */
  jumpTo(ms: number): void;
  close(): Promise<void>;
}

/** mulberry32: small, fast, and the same for the same seed. */
function chances(seed: string): () => number {
  let state = 2166136261;
  for (let i = 0; i < seed.length; i++) state = Math.imul(state ^ seed.charCodeAt(i), 16777619);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

class PeakPerSecond {
  #second = 0;
  #count = 0;
  peak = 0;

  add(ms: number): void {
    const second = Math.floor(ms / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#count = 0;
    }
    this.#count += 1;
    this.peak = Math.max(this.peak, this.#count);
  }
}

const PORT_IN_USE = (kind: string, port: number, cause: unknown): ObzvonError =>
  new ObzvonError('unreachable', `the simulator's ${kind} port ${port} cannot be listened on: expected a free port, or 0 for any`, { cause });

/**
 * Starts a switch with a public behind it, on loopback. A journal that exists is continued: the clock goes on from
 * its last entry and calls it left open are written down as ended by the crash.
 * @throws ObzvonError `unreachable` if a port is taken, `bad_input` for a broken journal.
 */
export async function startSimulator(options: SimulatorOptions, parts: { public: Public; clock: SimulatedClock }): Promise<Simulator> {
  const { clock } = parts;
  const history = readHistory(options.journal);
  if (history.lastMs !== null) clock.jumpTo(history.lastMs);
  const journal = new JournalFile(options.journal);
  for (const { invite, answered } of history.open) {
    journal.write({
      kind: 'ended', atMs: clock.nowMs(), attemptId: invite.attemptId, phone: invite.phone, persona: invite.persona, answered, heardMs: 0, by: 'crash',
    });
  }

  const callsTo = new Map(history.callsTo);
  const calls = new Set<CalleeCall>();
  const byPort = new Map<number, CalleeCall>();
  const endedListeners: ((entry: EndedEntry) => void)[] = [];
  const random = chances(options.seed);
  let misbehaviour = options.misbehaviour;
  const counts = { invites: 0, answered: 0, ended: 0, maxConcurrent: 0 };
  const perSecond = new PeakPerSecond();
  const perWallSecond = new PeakPerSecond();
  let nextPort = 20_000;

  const chance = (share: number): boolean => share > 0 && random() < share;
  const freeswitch = new Freeswitch({
    port: options.freeswitchPort,
    secret: FREESWITCH_SECRET,
    clock,
    speed: clock.speed,
    refusesFork: () => chance(misbehaviour.forkRefusedShare),
    bye: (leg, headers, cseq) => signalling.farBye(leg, headers, cseq),
    calleeAt: (port) => byPort.get(port) ?? null,
  });
  const around: CalleeSurroundings = {
    clock,
    media: options.media,
    misbehaviour: () => misbehaviour,
    chance,
    journal: (entry) => journal.write(entry),
    bye: (leg, headers) => signalling.farBye(leg, headers),
    refused: (leg) => signalling.refused(leg),
    answered: () => void (counts.answered += 1),
    ended: (call, entry) => {
      counts.ended += 1;
      calls.delete(call);
      byPort.delete(call.port);
      for (const channel of channelsOf.get(call) ?? []) channel.calleeGone(call);
      for (const listener of endedListeners) listener(entry);
    },
    digit: (call, digit) => freeswitch.channelAt(call.offeredPort)?.digit(digit),
  };
  const channelsOf = new WeakMap<CalleeCall, Channel[]>();

  const isMedia = (uri: SipUri): boolean => uri.host === PROFILE_HOST && uri.port === PROFILE_PORT;
  const acceptCallee = (leg: Leg, { uri, message }: Invitation): CalleeCall => {
    const nowMs = clock.nowMs();
    const phone = uri.user;
    const identity = { attemptId: message.get('x-attempt-id') || uuid(), phone, callerId: userOf(message.get('from')) };
    const callIndex = callsTo.get(phone) ?? 0;
    callsTo.set(phone, callIndex + 1);
    const persona = parts.public.personaOf(phone, callIndex, nowMs);
    journal.write({ kind: 'invite', atMs: nowMs, wallMs: Date.now(), ...identity, persona: persona.kind });
    do nextPort = nextPort >= 60_000 ? 20_000 : nextPort + 2;
    while (byPort.has(nextPort));
    const call = new CalleeCall(around, leg, identity, persona, { offered: audioPortOf(message.body), own: nextPort });
    calls.add(call);
    byPort.set(call.port, call);
    const channel = freeswitch.channelAt(call.offeredPort);
    if (channel) {
      channel.hears = call;
      channelsOf.set(call, [channel]);
    }
    counts.invites += 1;
    counts.maxConcurrent = Math.max(counts.maxConcurrent, calls.size);
    perSecond.add(nowMs);
    perWallSecond.add(Date.now());
    return call;
  };
  const signalling = new SignallingServer({
    port: options.drachtioPort,
    secret: DRACHTIO_SECRET,
    addressOf: ({ uri }) => (isMedia(uri) ? FREESWITCH_ADDRESS : CalleeCall.addressAt(uri.host, uri.port)),
    accept: (leg: Leg, invitation: Invitation): FarParty => {
      if (!isMedia(invitation.uri)) return acceptCallee(leg, invitation);
      const { message } = invitation;
      return freeswitch.accept(leg, { userAgent: message.get('user-agent'), outboundTo: message.get('x-esl-outbound'), sdp: message.body });
    },
  });

  const drachtioPort = await signalling.listen().catch((error: unknown) => Promise.reject(PORT_IN_USE('drachtio', options.drachtioPort, error)));
  const freeswitchPort = await freeswitch.listen().catch(async (error: unknown) => {
    await signalling.close();
    throw PORT_IN_USE('FreeSWITCH', options.freeswitchPort, error);
  });

  return {
    drachtio: { host: '127.0.0.1', port: drachtioPort, secret: DRACHTIO_SECRET },
    freeswitch: { host: '127.0.0.1', port: freeswitchPort, secret: FREESWITCH_SECRET },
    stats: () => ({
      ...counts,
      concurrent: calls.size,
      peakPerSecond: perSecond.peak,
      peakPerWallSecond: perWallSecond.peak,
      channels: freeswitch.channels,
      forks: freeswitch.forks,
      connections: signalling.connections,
    }),
    onCallEnded: (listener) => void endedListeners.push(listener),
    setMisbehaviour: (changed) => void (misbehaviour = changed),
    dropDrachtio: () => signalling.dropLinks(),
    dropEventSockets: () => freeswitch.dropSockets(),
    jumpTo: (ms) => {
      if (ms <= clock.nowMs()) return;
      journal.write({ kind: 'jump', atMs: ms });
      clock.jumpTo(ms);
    },
    close: async () => {
      await signalling.close();
      for (const call of [...calls]) call.abandoned();
      await freeswitch.close();
      journal.close();
    },
  };
}
