import { createServer, type AddressInfo, type Server } from 'node:net';
import type { Clock } from '../../../core/clock.ts';
import type { CalleeCall } from '../callee-call.ts';
import type { Leg } from '../signalling/leg.ts';
import { uuid } from '../signalling/identifiers.ts';
import { ForkTicker } from './audio-fork.ts';
import { Channel, type ChannelSurroundings } from './channel.ts';
import { HOSTNAME, nextSequence, PROFILE_HOST, PROFILE_PORT, serverEvent } from './channel-events.ts';
import { EventSocket, separateArguments, type EslCommand } from './event-socket.ts';

const HEARTBEAT_MS = 20_000;
const FORK_USAGE =
  '-USAGE: <uuid> [start | stop | send_text | pause | resume | graceful-shutdown | stop_play ] [wss-url | path] [mono | mixed | stereo] [8000 | 16000 | 24000 | 32000 | 64000] [bugname] [metadata] [bidirectionalAudio_enabled] [bidirectionalAudio_stream_enabled] [bidirectionalAudio_stream_samplerate]\n';

const RULE = '='.repeat(97);
const SOFIA_STATUS =
  `                     Name\t   Type\t                                      Data\tState\n${RULE}\n` +
  `                127.0.0.1\t  alias\t                              drachtio_mrf\tALIASED\n` +
  `             drachtio_mrf\tprofile\t              sip:mod_sofia@${PROFILE_HOST}:${PROFILE_PORT}\tRUNNING (0)\n${RULE}\n1 profile 1 alias\n`;

export interface FreeswitchOptions {
  readonly port: number;
  readonly secret: string;
  readonly clock: Clock;
  readonly speed: number;
  refusesFork(): boolean;
  bye(leg: Leg, headers: string, cseq: number): void;
  calleeAt(port: number): CalleeCall | null;
}

/** FreeSWITCH as drachtio-fsmrf sees it: the inbound event socket, the channels and the sockets they open. */
export class Freeswitch {
  readonly #options: FreeswitchOptions;
  readonly #server: Server;
  readonly #sockets = new Set<EventSocket>();
  readonly #channels = new Map<string, Channel>();
  readonly #byPort = new Map<number, Channel>();
  readonly #ticker: ForkTicker;
  readonly #around: ChannelSurroundings;
  #heartbeat: NodeJS.Timeout | null = null;
  #nextPort = 16_384;
  #sessions = 0;
  readonly #startedMs = Date.now();

  constructor(options: FreeswitchOptions) {
    this.#options = options;
    this.#ticker = new ForkTicker(options.clock, options.speed);
    this.#around = {
      clock: options.clock,
      ticker: this.#ticker,
      refusesFork: () => options.refusesFork(),
      bye: (leg, headers, cseq) => options.bye(leg, headers, cseq),
      calleeAt: (port) => options.calleeAt(port),
      command: (channel, socket, command) => this.#onCommand(socket, command, channel),
      gone: (channel) => {
        this.#channels.delete(channel.uuid);
        this.#byPort.delete(channel.port);
      },
    };
    this.#server = createServer((socket) => {
      let authenticated = false;
      const esl: EventSocket = new EventSocket(
        socket,
        (command) => {
          if (authenticated) {
            this.#onCommand(esl, command, null);
            return;
          }
          authenticated = command.line === `auth ${this.#options.secret}`;
          esl.reply(authenticated ? '+OK accepted' : '-ERR invalid');
          if (!authenticated) esl.disconnect();
        },
        () => this.#sockets.delete(esl),
      );
      this.#sockets.add(esl);
      esl.write('Content-Type: auth/request\n\n');
    });
  }

  listen(): Promise<number> {
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS);
    this.#heartbeat.unref();
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#options.port, '127.0.0.1', () => resolve((this.#server.address() as AddressInfo).port));
    });
  }

  /** A channel for an INVITE to the profile's address. */
  accept(leg: Leg, invite: { userAgent: string; outboundTo: string; sdp: string }): Channel {
    do this.#nextPort = this.#nextPort >= 65_000 ? 16_384 : this.#nextPort + 2;
    while (this.#byPort.has(this.#nextPort));
    const channel = new Channel(this.#around, leg, invite, this.#nextPort);
    this.#channels.set(channel.uuid, channel);
    this.#byPort.set(channel.port, channel);
    this.#sessions += 1;
    return channel;
  }

  channelAt(port: number): Channel | null {
    return this.#byPort.get(port) ?? null;
  }

  get channels(): number {
    return this.#channels.size;
  }

  get forks(): number {
    return this.#ticker.forks;
  }

  /** Breaks off the inbound connections and those of every channel, which then hangs up, as the real one does. */
  dropSockets(): void {
    for (const socket of this.#sockets) socket.drop();
    for (const channel of [...this.#channels.values()]) channel.dropSocket();
  }

  close(): Promise<void> {
    if (this.#heartbeat) clearInterval(this.#heartbeat);
    for (const channel of [...this.#channels.values()]) channel.hangUp('MANAGER_REQUEST');
    this.dropSockets();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #beat(): void {
    for (const socket of this.#sockets) {
      socket.event('HEARTBEAT', '', '', () =>
        serverEvent('HEARTBEAT', 'send_heartbeat', Date.now(), [
          ['Event-Info', 'System Ready'],
          ['FreeSWITCH-Version', '1.10.12-release~64bit'],
          ['Uptime-msec', `${Date.now() - this.#startedMs}`],
          ['Session-Count', `${this.#channels.size}`],
          ['Max-Sessions', '20000'],
          ['Session-Per-Sec', '999'],
          ['Session-Since-Startup', `${this.#sessions}`],
          ['Idle-CPU', '95.000000'],
        ]),
      );
    }
  }

  #onCommand(socket: EventSocket, command: EslCommand, channel: Channel | null): void {
    const [verb = '', ...words] = command.line.split(' ');
    switch (verb) {
      case 'event':
        socket.subscribe(words.slice(1));
        socket.reply(`+OK event listener enabled ${words[0] ?? 'plain'}`);
        return;
      case 'filter':
        if (words[0] === 'delete') {
          socket.unfilter(words.slice(2).join(' '));
          socket.reply(`+OK filter deleted. [${words[1] ?? ''}]=[${words.slice(2).join(' ')}]`); return;
        }
        socket.filter(words.slice(1).join(' '));
        socket.reply(`+OK filter added. [${words[0] ?? ''}]=[${words.slice(1).join(' ')}]`);
        return;
      case 'sendmsg':
        this.#onSendmsg(socket, command, words[0] === undefined ? channel : (this.#channels.get(words[0]) ?? null), words[0] ?? '');
        return;
      case 'api':
        socket.api(this.#api(command.line.slice(4)));
        return;
      case 'bgapi': {
        const job = command.headers.get('job-uuid') ?? uuid();
        socket.reply(`+OK Job-UUID: ${job}`, `Job-UUID: ${job}\n`);
        const body = this.#api(command.line.slice(6));
        socket.event('BACKGROUND_JOB', '', '', () =>
          serverEvent('BACKGROUND_JOB', 'api_exec', this.#options.clock.nowMs(), [
            ['Job-UUID', job], ['Job-Command', words[0] ?? ''], ['Content-Length', `${Buffer.byteLength(body)}`], ['_body', body],
          ]),
        ); return;
      }
      case 'exit':
        socket.reply('+OK bye');
        socket.disconnect(channel?.uuid);
        return;
      case 'linger':
      case 'nolinger':
      case 'myevents':
      case 'noevents':
        socket.reply('+OK');
        return;
      default:
        socket.reply('-ERR command not found');
        return;
    }
  }

  #onSendmsg(socket: EventSocket, { headers }: EslCommand, channel: Channel | null, asked: string): void {
    if (!channel) {
      socket.reply(`-ERR invalid session id [${asked}]`);
      return;
    }
    socket.reply('+OK');
    if (headers.get('call-command') === 'hangup') {
      channel.hangUp(headers.get('hangup-cause') ?? 'NORMAL_CLEARING');
      return;
    }
    channel.execute(headers.get('execute-app-name') ?? '', headers.get('execute-app-arg') ?? '', headers.get('event-uuid') ?? uuid());
  }

  /** An API command's answer, as the real one words it. */
  #api(text: string): string {
    const space = text.indexOf(' ');
    const name = space < 0 ? text : text.slice(0, space);
    const rest = space < 0 ? '' : text.slice(space + 1);
    const [asked = '', argument = ''] = rest.split(' ');
    const channel = this.#channels.get(asked);
    switch (name) {
      case 'sofia':
        return rest === 'status' ? SOFIA_STATUS : '-ERR no reply\n';
      case 'status':
        return `FreeSWITCH (Version 1.10.12 simulated) is ready\n${this.#channels.size} session(s)\n`;
      case 'hostname':
        return HOSTNAME;
      case 'uuid_set_media_stats':
        return channel ? '+OK:\n' : '-ERR No such channel!\n';
      case 'uuid_dump':
        nextSequence();
        return channel ? `${channel.describe('uuid_dump')}\n` : '-ERR No such channel!\n';
      case 'uuid_exists':
        return channel ? 'true' : 'false';
      case 'uuid_break':
        channel?.break();
        return channel ? '+OK\n' : '-ERR No such channel!\n';
      case 'uuid_kill':
        channel?.hangUp(argument === '' ? 'MANAGER_REQUEST' : argument);
        return channel ? '+OK\n' : '-ERR No such channel!\n';
      case 'hupall':
        for (const each of [...this.#channels.values()]) each.hangUp(asked === '' ? 'MANAGER_REQUEST' : asked);
        return `+OK hangup all channels with cause ${asked === '' ? 'MANAGER_REQUEST' : asked}\n`;
      case 'uuid_audio_fork':
        return this.#audioFork(rest);
      default:
        return `-ERR ${name} Command not found!\n`;
    }
  }

  #audioFork(rest: string): string {
    const [asked, action, ...more] = separateArguments(rest);
    if (asked === undefined || asked === '' || action === undefined) return FORK_USAGE;
    const channel = this.#channels.get(asked);
    let done = false;
    if (channel && action === 'start') {
      const [url = '', , rate = '8000', bugName = '', metadata = ''] = more;
      const sampleRate = rate === '16000' || rate === '16k' ? 16_000 : 8000;
      done = channel.fork({ bugName: bugName === '' ? 'audio_fork' : bugName, url, sampleRate, metadata });
    } else if (channel && action === 'send_text') done = channel.forkText(more[0] ?? '', more[1] ?? '');
    else if (channel && action === 'stop') done = channel.stopFork(more[0] ?? '', more[1] ?? '');
    return done ? '+OK Success\n' : '-ERR Operation Failed\n';
  }
}
