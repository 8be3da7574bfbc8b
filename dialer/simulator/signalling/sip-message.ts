/** A SIP message taken apart (RFC 3261, section 7). Header names are kept as written; look them up with {@link SipMessage.get}. */
export class SipMessage {
  readonly startLine: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;

  constructor(startLine: string, headers: readonly (readonly [string, string])[], body: string) {
    this.startLine = startLine;
    this.headers = headers;
    this.body = body;
  }

  /** The first header of that name, in any case; '' if there is none. */
  get(name: string): string {
    for (const [found, value] of this.headers) {
      if (found.length === name.length && found.toLowerCase() === name) return value;
    }
    return '';
  }
}

/** Reads a message as drachtio's clients write it: CRLF line ends, an empty line, the body. */
export function parseSip(text: string): SipMessage {
  const blank = text.indexOf('\r\n\r\n');
  const head = blank < 0 ? text : text.slice(0, blank);
  const lines = head.split('\r\n');
  const headers: [string, string][] = [];
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i]!;
    const colon = line.indexOf(':');
    if (colon > 0) headers.push([line.slice(0, colon).trim(), line.slice(colon + 1).trim()]);
  }
  return new SipMessage(lines[0] ?? '', headers, blank < 0 ? '' : text.slice(blank + 4));
}

const REQUEST_URI = /^sips?:(?:([^@\s[\]<>]+)@)?(\[[0-9a-fA-F:.]+\]|[\w.-]+)(?::(\d{1,5}))?((?:;[^\s<>]*)?)$/;

export interface SipUri {
  readonly user: string;
  readonly host: string;
  readonly port: number;
}

/** The parts of a SIP URI; null if it is none. */
export function parseSipUri(text: string): SipUri | null {
  const found = REQUEST_URI.exec(text);
  if (!found) return null;
  return { user: found[1] ?? '', host: found[2]!, port: found[3] === undefined ? 5060 : Number(found[3]) };
}

/** The user part of a From or To header; '' if it has none. */
export function userOf(header: string): string {
  return /sips?:([^@>;\s]+)@/.exec(header)?.[1] ?? '';
}

/** The audio port of an SDP; 0 if it has no audio. */
export function audioPortOf(sdp: string): number {
  const at = sdp.indexOf('m=audio ');
  return at < 0 ? 0 : Number.parseInt(sdp.slice(at + 8, at + 14), 10) || 0;
}

/** Headers that belong to the server, which a client's own cannot replace. */
const SERVER_HEADERS = new Set(['via', 'max-forwards', 'from', 'to', 'call-id', 'cseq', 'contact', 'content-type', 'content-length']);

/**
 * The client's own headers as sofia-sip orders them: those it knows stand before Content-Type, `X-` and other
 * unknown ones at the very end.
 */
export function ownHeaders(message: SipMessage): { known: string; unknown: string } {
  let known = '';
  let unknown = '';
  for (const [name, value] of message.headers) {
    const lower = name.toLowerCase();
    if (SERVER_HEADERS.has(lower)) continue;
    if (lower.startsWith('x-')) unknown += `${name}: ${value}\r\n`;
    else known += `${name}: ${value}\r\n`;
  }
  return { known, unknown };
}
