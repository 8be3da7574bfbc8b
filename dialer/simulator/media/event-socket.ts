import type { Socket } from 'node:net';

/** One command of a client's: its first line, and the `Name: value` lines under it. */
export interface EslCommand {
  readonly line: string;
  readonly headers: ReadonlyMap<string, string>;
}

const NO_HEADERS: ReadonlyMap<string, string> = new Map();
/** FreeSWITCH's event socket gives up on a client that sends more than this without an empty line. */
const MOST_UNFINISHED = 1 << 20;

const GOODBYE = 'Disconnected, goodbye.\nSee you at ClueCon! http://www.cluecon.com/\n';

/**
 * One connection of FreeSWITCH's event socket, inbound or outbound: commands in, replies and events out.
 * What is sent within one turn of the event loop leaves in one write.
 */
export class EventSocket {
  readonly #socket: Socket;
  #rest = '';
  #pending = '';
  #closed = false;
  /** Plain event names the client asked for, and subclasses of CUSTOM. */
  readonly #events = new Set<string>();
  readonly #subclasses = new Set<string>();
  #filters = 0;
  readonly #filtered = new Set<string>();

  constructor(socket: Socket, onCommand: (command: EslCommand) => void, onClose: () => void) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      for (const command of this.#read(chunk)) if (!this.#closed) onCommand(command);
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#closed = true;
      onClose();
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  reply(text: string, more = ''): void {
    this.write(`Content-Type: command/reply\nReply-Text: ${text}\n${more}\n`);
  }

  api(body: string): void {
    this.write(`Content-Type: api/response\nContent-Length: ${Buffer.byteLength(body)}\n\n${body}`);
  }

  /** Sends an event's JSON if the client asked for such events and its filters let it through. */
  event(name: string, subclass: string, uuid: string, json: () => string): void {
    if (this.#closed) return;
    if (!(subclass === '' ? this.#events.has(name) || this.#events.has('ALL') : this.#subclasses.has(subclass) || this.#events.has('ALL'))) return;
    if (this.#filters > 0 && !this.#filtered.has(uuid)) return;
    const text = json();
    this.write(`Content-Length: ${Buffer.byteLength(text)}\nContent-Type: text/event-json\n\n${text}`);
  }

  /** `event json NAME … CUSTOM SUBCLASS …`: names after CUSTOM are subclasses. */
  subscribe(words: readonly string[]): void {
    let custom = false;
    for (const word of words) {
      if (custom) this.#subclasses.add(word);
      else if (word === 'CUSTOM') custom = true;
      else this.#events.add(word.toUpperCase().replace(/^SWITCH_EVENT_/, ''));
    }
  }

  /** Every filter lets events with its value through; the simulator's events are told apart by Unique-ID alone. */
  filter(value: string): void {
    this.#filters += 1;
    this.#filtered.add(value);
  }

  unfilter(value: string): void {
    if (this.#filtered.delete(value)) this.#filters -= 1;
  }

  /** Says goodbye and closes. `channel`: of an outbound connection whose channel has gone. */
  disconnect(channel?: string): void {
    if (this.#closed) return;
    const about = channel === undefined ? '' : `Controlled-Session-UUID: ${channel}\nContent-Disposition: disconnect\n`;
    this.write(`Content-Type: text/disconnect-notice\n${about}Content-Length: ${GOODBYE.length}\n\n${GOODBYE}`);
    this.#flush();
    this.#closed = true;
    this.#socket.end();
  }

  drop(): void {
    this.#pending = '';
    this.#socket.destroy();
  }

  write(text: string): void {
    if (this.#closed) return;
    if (this.#pending === '') process.nextTick(() => this.#flush());
    this.#pending += text;
  }

  #flush(): void {
    if (this.#pending === '') return;
    const out = this.#pending;
    this.#pending = '';
    if (!this.#closed && this.#socket.writable) this.#socket.write(out);
  }

  /** A command ends with an empty line; clients split it into as many writes as they please. */
  #read(chunk: string): EslCommand[] {
    this.#rest += chunk;
    const commands: EslCommand[] = [];
    for (;;) {
      let start = 0;
      while (this.#rest[start] === '\n' || this.#rest[start] === '\r') start += 1;
      const end = this.#rest.indexOf('\n\n', start);
      if (end < 0) {
        if (start > 0) this.#rest = this.#rest.slice(start);
        if (this.#rest.length > MOST_UNFINISHED) this.drop();
        return commands;
      }
      commands.push(parseCommand(this.#rest.slice(start, end)));
      this.#rest = this.#rest.slice(end + 2);
    }
  }
}

function parseCommand(text: string): EslCommand {
  const firstEnd = text.indexOf('\n');
  if (firstEnd < 0) return { line: text, headers: NO_HEADERS };
  const headers = new Map<string, string>();
  for (const line of text.slice(firstEnd + 1).split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return { line: text.slice(0, firstEnd), headers };
}

/**
 * Splits an API command's arguments as switch_separate_string does: by spaces, or by the character after a leading
 * `^^`; single quotes hold an argument together and are taken off.
 */
export function separateArguments(text: string): string[] {
  let delimiter = ' ';
  let at = 0;
  if (text.startsWith('^^') && text.length > 2) {
    delimiter = text[2]!;
    at = 3;
  }
  const parts: string[] = [];
  let part = '';
  let quoted = false;
  for (; at < text.length; at++) {
    const character = text[at]!;
    if (character === "'") quoted = !quoted;
    else if (character === delimiter && !quoted) {
      if (delimiter !== ' ' || part !== '') parts.push(part);
      part = '';
    } else part += character;
  }
  if (part !== '' || delimiter !== ' ') parts.push(part);
  return parts;
}
