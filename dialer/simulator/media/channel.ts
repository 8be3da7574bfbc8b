import { connect, type Socket } from 'node:net';
import type { Clock } from '../../../core/clock.ts';
import type { CalleeCall } from '../callee-call.ts';
import { uuid } from '../signalling/identifiers.ts';
import type { FarAddress, FarParty, Leg } from '../signalling/leg.ts';
import { audioPortOf } from '../signalling/sip-message.ts';
import { AudioFork, type ForkOrder, type ForkTicker } from './audio-fork.ts';
import { channelEvent, channelFragment, plainBlock, PROFILE_HOST, PROFILE_PORT, type EventFields } from './channel-events.ts';
import { EventSocket, type EslCommand } from './event-socket.ts';
import { Playback, type PlaybackCounters } from './playback.ts';

export const FREESWITCH_ADDRESS: FarAddress = {
  host: PROFILE_HOST,
  port: PROFILE_PORT,
  contact: `<sip:drachtio@${PROFILE_HOST}:${PROFILE_PORT};transport=udp>`,
  fillsRport: true,
  ownHeaders:
    'User-Agent: drachtio MRF\r\nAccept: application/sdp\r\n' +
    'Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, MESSAGE, INFO, UPDATE, REGISTER, REFER, NOTIFY\r\nSupported: path, replaces\r\n',
};

const Q850: Record<string, number> = { NORMAL_CLEARING: 16, USER_BUSY: 17, NO_ANSWER: 19, CALL_REJECTED: 21, MANAGER_REQUEST: 16 };

/** What a channel needs of the FreeSWITCH it lives in. */
export interface ChannelSurroundings {
  readonly clock: Clock;
  readonly ticker: ForkTicker;
  refusesFork(): boolean;
  bye(leg: Leg, headers: string, cseq: number): void;
  calleeAt(port: number): CalleeCall | null;
  /** The channel's event socket is open: its commands are the server's to read. */
  command(channel: Channel, socket: EventSocket, command: EslCommand): void;
  gone(channel: Channel): void;
}

/** offered: 200 sent or about to be. up: the event socket is open. hung_up: nothing is left of it. */
type ChannelState = 'offered' | 'up' | 'hung_up';

/** One FreeSWITCH channel: the media endpoint that drachtio-fsmrf makes, moves, plays on, forks from and destroys. */
export class Channel implements FarParty {
  readonly uuid = uuid();
  readonly port: number;
  /** The callee whose voice arrives here: the one that was offered this channel's port. */
  hears: CalleeCall | null = null;
  readonly #around: ChannelSurroundings;
  readonly #leg: Leg;
  readonly #userAgent: string;
  readonly #outboundTo: string;
  readonly #fragment: string;
  readonly #sdpId = 1_795_000_000 + Math.floor(Math.random() * 1_000_000);
  readonly #socketAppUuid = uuid();
  readonly #variables = new Map<string, string>();
  readonly #forks = new Map<string, AudioFork>();
  #remoteSdp: string;
  #sdpVersion = 1;
  #speaksTo: CalleeCall | null = null;
  #socket: EventSocket | null = null;
  #playing: Playback | null = null;
  #state: ChannelState = 'offered';
  #cause = '';
  /** The variables that name the application executed last. */
  #current: EventFields = [];

  constructor(around: ChannelSurroundings, leg: Leg, invite: { userAgent: string; outboundTo: string; sdp: string }, port: number) {
    this.#around = around;
    this.#leg = leg;
    this.#userAgent = invite.userAgent;
    this.#outboundTo = invite.outboundTo;
    this.#remoteSdp = invite.sdp;
    this.port = port;
    this.#fragment = channelFragment(this.uuid, around.clock.nowMs());
  }

  begin(): void {
    if (this.#remoteSdp === '') {
      this.#leg.answer(this.#sdp('0 8 101 13', false), 'Allow-Events: talk, hold, conference, refer\r\n');
      return;
    }
    this.#connect();
    this.#speakTo(this.#remoteSdp);
    const after = `Remote-Party-ID: "drachtio" <sip:drachtio@${PROFILE_HOST}>;party=calling;privacy=off;screen=no\r\n`;
    this.#leg.answer(this.#sdp('8 101', false), 'Allow-Events: talk, hold, conference, refer\r\n', after);
  }

  acknowledged(sdp: string): void {
    if (sdp !== '') this.#remoteSdp = sdp;
    if (this.#state === 'offered' && !this.#socket) this.#connect();
  }

  cancelled(): void {
    // FreeSWITCH answers at once: no CANCEL can find the call unanswered.
  }

  ended(): boolean {
    if (this.#state === 'hung_up') return false;
    this.#finish('NORMAL_CLEARING', []);
    return true;
  }

  reinvited(sdp: string): string {
    this.#remoteSdp = sdp;
    this.#sdpVersion += 1;
    this.#speakTo(sdp);
    return this.#sdp('8 101 13', false);
  }

  /** drachtio lost its client: FreeSWITCH does not know and keeps the channel for as long as the event socket stays. */
  abandoned(): void {
    if (!this.#socket) this.#finish('NORMAL_CLEARING', []);
  }

  /** `execute` of the event socket. */
  execute(application: string, argument: string, eventUuid: string): void {
    this.#current = [['variable_current_application', application]];
    if (argument !== '') this.#current = [...this.#current, ['variable_current_application_data', argument]];
    const fields: EventFields = [
      ['Application', application],
      ...(argument === '' ? [] : [['Application-Data', argument] as const]),
      ['Application-UUID', eventUuid],
    ];
    if (application === 'hangup') {
      const cause = argument in Q850 ? argument : 'NORMAL_CLEARING';
      this.#bye(cause);
      this.#event('CHANNEL_EXECUTE', 'switch_core_session_exec', [...this.#current, ...fields]);
      this.#finish(cause, fields); return;
    }
    this.#event('CHANNEL_EXECUTE', 'switch_core_session_exec', [...this.#current, ...fields]);
    if (application === 'playback') {
      this.#play(argument, fields);
      return;
    }
    if (application === 'set' || application === 'export') {
      const equals = argument.indexOf('=');
      if (equals > 0) this.#variables.set(argument.slice(0, equals), argument.slice(equals + 1));
    }
    this.#complete(fields, '_none_');
  }

  /** `uuid_break`: stops what plays. */
  break(): void {
    const playing = this.#playing;
    // The media loop notices after the command has been answered.
    process.nextTick(() => playing?.stop('break'));
  }

  /** `uuid_kill`, `hupall` or the end of the event socket. */
  hangUp(cause: string): void {
    if (this.#state === 'hung_up') return;
    this.#bye(cause in Q850 ? cause : 'NORMAL_CLEARING');
    this.#finish(cause, []);
  }

  /** The callee that is heard here pressed a digit. */
  digit(digit: string): void {
    this.#event('DTMF', 'switch_channel_dequeue_dtmf', [['DTMF-Digit', digit], ['DTMF-Duration', '2240'], ['DTMF-Source', 'RTP']]);
  }

  /** Starts a fork; false: it cannot be (`-ERR Operation Failed`). The WebSocket is connected afterwards. */
  fork(order: ForkOrder): boolean {
    if (this.#state !== 'up' || this.#forks.has(order.bugName)) return false;
    if (this.#around.refusesFork()) {
      process.nextTick(() => this.#forkEvent('connect_failed', '{"reason":"Unable to connect"}'));
      return true;
    }
    let fork: AudioFork;
    try {
      fork = new AudioFork(order, this.#around.ticker, () => this.hears, {
        connected: () => this.#forkEvent('connect', ''),
        failed: (reason) => {
          this.#forks.delete(order.bugName);
          this.#forkEvent('connect_failed', JSON.stringify({ reason }));
        },
        json: (text) => this.#forkEvent('json', text),
        disconnected: () => {
          this.#forks.delete(order.bugName);
          this.#forkEvent('disconnect', '');
        },
      });
    } catch {
      return false; // no WebSocket address
    }
    this.#forks.set(order.bugName, fork);
    return true;
  }

  forkText(bugName: string, text: string): boolean {
    const fork = this.#forks.get(bugName);
    fork?.sendText(text);
    return fork !== undefined;
  }

  stopFork(bugName: string, text: string): boolean {
    const fork = this.#forks.get(bugName);
    fork?.stop(text);
    return this.#forks.delete(bugName);
  }

  /** A callee has gone: nothing of it is heard, and nobody hears what plays. */
  calleeGone(callee: CalleeCall): void {
    if (this.hears === callee) this.hears = null;
    if (this.#speaksTo === callee) this.#speaksTo = null;
  }

  /** The block of `connect` and, without its first fields, of `uuid_dump`: what drachtio-fsmrf reads, out of the real one's 168 fields. */
  describe(of: 'connect' | 'uuid_dump'): string {
    const profile: EventFields = [['Channel-Direction', 'inbound'], ['Channel-Destination-Number', 'drachtio'], ['Channel-Unique-ID', this.uuid]];
    return plainBlock([
      ['Event-Name', 'CHANNEL_DATA'],
      ...(of === 'connect' ? profile : []),
      ['Channel-State', 'CS_EXECUTE'],
      ['Channel-Call-State', 'ACTIVE'],
      ['Channel-State-Number', '4'],
      ['Channel-Name', 'sofia/drachtio_mrf/nobody@127.0.0.1:5060'],
      ['Unique-ID', this.uuid],
      ['Call-Direction', 'inbound'],
      ['Answer-State', 'answered'],
      ['Caller-Destination-Number', 'drachtio'],
      ['Caller-Unique-ID', this.uuid],
      ['variable_uuid', this.uuid],
      ['variable_sip_user_agent', this.#userAgent],
      ['variable_sip_h_X-esl-outbound', this.#outboundTo],
      ['variable_rtp_local_sdp_str', this.#sdp(this.#sdpVersion === 1 && this.#remoteSdp.includes('a=recvonly') ? '0 8 101 13' : '8 101', true)],
      ['variable_switch_r_sdp', this.#remoteSdp],
      ['variable_dtmf_type', 'rfc2833'],
      ['variable_local_media_ip', PROFILE_HOST],
      ['variable_local_media_port', `${this.port}`],
      ['variable_remote_media_ip', '127.0.0.1'],
      ['variable_remote_media_port', `${audioPortOf(this.#remoteSdp)}`],
      ['variable_sip_call_id', this.#leg.callId],
    ]);
  }

  /** Breaks the event socket off without a word. */
  dropSocket(): void {
    this.#socket?.drop();
  }

  get socket(): EventSocket | null {
    return this.#socket;
  }

  #connect(): void {
    const to = /^(.+):(\d{1,5})$/.exec(this.#outboundTo);
    if (!to || Number(to[2]) > 65_535) {
      this.hangUp('NORMAL_CLEARING');
      return;
    }
    const socket: Socket = connect(Number(to[2]), to[1]);
    const esl: EventSocket = new EventSocket(
      socket,
      (command) => {
        if (command.line === 'connect') {
          this.#state = 'up';
          esl.write(`${this.describe('connect')}Content-Type: command/reply\nReply-Text: %2BOK%0A\nSocket-Mode: async\nControl: full\n\n`);
        } else this.#around.command(this, esl, command);
      },
      () => this.hangUp('NORMAL_CLEARING'),
    );
    this.#socket = esl;
  }

  #speakTo(sdp: string): void {
    this.#speaksTo = this.#around.calleeAt(audioPortOf(sdp));
  }

  #play(argument: string, fields: EventFields): void {
    // A second playback would be played inside the first; the first then goes on. Nobody here does that: it ends the first.
    this.#playing?.stop('break');
    const playback = new Playback(this.#around.clock, argument, this.#variables.get('playback_delimiter') ?? '', {
      started: (file, samples) => {
        this.#event('PLAYBACK_START', 'switch_ivr_play_file', [...this.#current, ['Playback-File-Path', file]]);
        this.#speaksTo?.promptStarted(samples / 8);
      },
      stopped: (file, counters, status) => {
        this.#count(counters);
        this.#speaksTo?.promptEnded(status === 'done' && this.#state !== 'hung_up');
        this.#event('PLAYBACK_STOP', 'switch_ivr_play_file', [
          ...this.#current, ...this.#counters(), ['Playback-File-Path', file], ['Playback-Status', status],
        ]);
      },
      completed: (response) => {
        if (this.#playing === playback) this.#playing = null;
        this.#complete([...this.#counters(), ['variable_current_application_response', response], ...fields], response);
      },
    });
    this.#playing = playback;
    playback.start();
  }

  #count({ offsetSamples, readSamples }: PlaybackCounters): void {
    this.#variables.set('playback_last_offset_pos', `${offsetSamples}`);
    this.#variables.set('playback_seconds', `${Math.floor(readSamples / 8000)}`);
    this.#variables.set('playback_ms', `${Math.floor(readSamples / 8)}`);
    this.#variables.set('playback_samples', `${readSamples}`);
  }

  #counters(): EventFields {
    const names = ['playback_last_offset_pos', 'playback_seconds', 'playback_ms', 'playback_samples'] as const;
    return this.#variables.has(names[0]) ? names.map((name) => [`variable_${name}`, this.#variables.get(name) ?? ''] as const) : [];
  }

  #complete(fields: EventFields, response: string): void {
    const at = fields.findIndex(([name]) => name === 'Application-UUID');
    this.#event('CHANNEL_EXECUTE_COMPLETE', 'switch_core_session_exec', [...this.#current, ...fields.slice(0, at), ['Application-Response', response], ...fields.slice(at)]);
  }

  #bye(cause: string): void {
    if (this.#state !== 'hung_up') this.#around.bye(this.#leg, `User-Agent: drachtio MRF\r\nAllow: INVITE, ACK, BYE, CANCEL, OPTIONS, MESSAGE, INFO, UPDATE, REGISTER, REFER, NOTIFY\r\nSupported: path, replaces\r\nReason: Q.850;cause=${Q850[cause] ?? 16};text="${cause}"\r\n`, this.#leg.farCseqBase + 1);
  }

  /** Ends everything. `hangupFields` are those of the executed `hangup`, empty if there was none. */
  #finish(cause: string, hangupFields: EventFields): void {
    if (this.#state === 'hung_up') return;
    this.#state = 'hung_up';
    this.#cause = cause;
    for (const fork of this.#forks.values()) fork.stop();
    this.#forks.clear();
    if (hangupFields.length > 0) this.#complete(hangupFields, '_none_');
    const played = this.#playing !== null;
    this.#playing?.stop('done');
    const socketFields: EventFields = [['Application', 'socket'], ['Application-Data', `${this.#outboundTo} async full`], ['Application-UUID', this.#socketAppUuid]];
    this.#complete([...this.#counters(), ...socketFields], played ? 'FILE PLAYED' : '_none_');
    this.#event('CHANNEL_CALLSTATE', 'switch_channel_perform_set_callstate', [['Original-Channel-Call-State', 'ACTIVE'], ['Channel-Call-State-Number', '7']]);
    this.#socket?.disconnect(this.uuid);
    this.#around.gone(this);
  }

  #forkEvent(subclass: string, body: string): void {
    const fields: EventFields = body === '' ? [] : [['Content-Length', `${Buffer.byteLength(body)}`], ['_body', body]];
    this.#event('CUSTOM', 'responseHandler', fields, `mod_audio_fork::${subclass}`);
  }

  #event(name: string, from: string, fields: EventFields, subclass?: string): void {
    this.#socket?.event(name, subclass ?? '', this.uuid, () =>
      channelEvent(
        { name, from, nowMs: this.#around.clock.nowMs(), hungUp: this.#state === 'hung_up', cause: this.#cause, ...(subclass === undefined ? {} : { subclass }) },
        this.#fragment,
        fields,
      ),
    );
  }

  #sdp(payloads: string, own: boolean): string {
    const rtpmaps = payloads.split(' ').map((payload) => RTPMAPS[payload] ?? '').join('');
    return (
      `v=0\r\no=FreeSWITCH ${this.#sdpId} ${this.#sdpId + this.#sdpVersion} IN IP4 127.0.0.1\r\ns=FreeSWITCH\r\nc=IN IP4 ${PROFILE_HOST}\r\n` +
      `t=0 0\r\nm=audio ${this.port} RTP/AVP ${payloads}\r\n${rtpmaps}a=ptime:20\r\n${own ? 'a=sendrecv\r\n' : ''}`
    );
  }
}

const RTPMAPS: Record<string, string> = {
  '0': 'a=rtpmap:0 PCMU/8000\r\n',
  '8': 'a=rtpmap:8 PCMA/8000\r\n',
  '101': 'a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n',
  '13': 'a=rtpmap:13 CN/8000\r\n',
};
