import { sipBranch, sipTag, uuid } from './identifiers.ts';
import { SERVER_HOST, SERVER_PORT, type Link } from './link.ts';
import { ownHeaders, type SipMessage } from './sip-message.ts';

/** Who answers an INVITE: a callee of the public or a FreeSWITCH channel. Called by the server, speaks through the {@link Leg}. */
export interface FarParty {
  /** The INVITE has been echoed: now answers may be given. */
  begin(): void;
  /** ACK of the 2xx, with the SDP it carried, '' if none. */
  acknowledged(sdp: string): void;
  cancelled(): void;
  /** A BYE of the client's; false: the far party knows no such dialog any more (481). */
  ended(): boolean;
  /** A re-INVITE; returns the SDP of the answer. */
  reinvited(sdp: string): string;
  /** The client whose call this is has gone. */
  abandoned(): void;
}

export interface FarAddress {
  readonly host: string;
  readonly port: number;
  /** The Contact header's value; in-dialog requests go there. */
  readonly contact: string;
  /** FreeSWITCH fills in `rport`, SIPp and many gateways do not. */
  readonly fillsRport: boolean;
  /** Headers that stand after Contact in every 2xx of the far party, each with its CRLF. */
  readonly ownHeaders: string;
}

/**
 * calling: no response yet. proceeding: a provisional one. answered: 2xx given. refused: a final failure given.
 * ended: BYE sent or received.
 */
export type LegState = 'calling' | 'proceeding' | 'answered' | 'refused' | 'ended';

const SDP_HEADER = 'Content-Type: application/sdp\r\n';

/** One INVITE of the client's and the dialog that comes of it, as drachtio-server keeps it. */
export class Leg {
  readonly link: Link;
  readonly transactionId = uuid();
  readonly callId = uuid();
  readonly dialogId: string;
  readonly far: FarAddress;
  state: LegState = 'calling';
  readonly #requestUri: string;
  readonly #from: string;
  readonly #fromUri: string;
  readonly #to: string;
  readonly #farTag = sipTag();
  readonly #branch = sipBranch();
  readonly #inviteCseq: number;
  #cseq: number;
  #farCseq = 0;
  /** Of requests that the far party sent and the client has yet to answer: transaction -> the response's fixed headers. */
  readonly #unanswered = new Map<string, string>();

  constructor(link: Link, requestUri: string, invite: SipMessage, far: FarAddress, cseq: number) {
    this.link = link;
    this.far = far;
    this.#requestUri = requestUri;
    this.#inviteCseq = cseq;
    this.#cseq = cseq;
    const tag = sipTag();
    const given = invite.get('from');
    this.#fromUri = given === '' ? `<sip:${SERVER_HOST}:${SERVER_PORT}>` : given.replace(/;tag=[^;]*/, '');
    this.#from = `${this.#fromUri};tag=${tag}`;
    this.#to = `<${requestUri}>`;
    this.dialogId = `${this.callId};from-tag=${tag}`;
  }

  /** The INVITE as it went out, for the echo. */
  inviteAsSent(invite: SipMessage): string {
    return this.#request('INVITE', this.#requestUri, this.#branch, this.#inviteCseq, this.#to, `Contact: <sip:${SERVER_HOST}:${SERVER_PORT}>\r\n`, invite);
  }

  cancelAsSent(): string {
    const to = this.state === 'calling' ? this.#requestUri : this.#to;
    return this.#head(`CANCEL ${this.#requestUri} SIP/2.0`, this.#branch, to, `${this.#inviteCseq} CANCEL`) + 'Content-Length: 0\r\n\r\n';
  }

  /** An in-dialog request of the client's as it went out; `branch` is fresh unless it is the INVITE's ACK of old. */
  requestAsSent(method: string, message: SipMessage, branch: string): string {
    const cseq = method === 'ACK' ? this.#cseq : ++this.#cseq;
    const contact = method === 'INVITE' ? `Contact: ${message.get('contact') || `<sip:${SERVER_HOST}:${SERVER_PORT}>`}\r\n` : '';
    const target = this.far.contact.slice(1, -1);
    return this.#request(method, target, branch, cseq, `${this.#to};tag=${this.#farTag}`, contact, message);
  }

  /** The far party's response to an in-dialog request. */
  respondInDialog(method: string, transactionId: string, branch: string, status: string, sdp: string): void {
    const body = sdp === '' ? 'Content-Length: 0\r\n\r\n' : `${SDP_HEADER}${this.far.fillsRport ? 'Content-Disposition: session\r\n' : ''}Content-Length: ${Buffer.byteLength(sdp)}\r\n\r\n${sdp}`;
    const contact = method === 'INVITE' ? `Contact: ${this.far.contact}\r\n${this.far.ownHeaders}` : '';
    const sip = this.#responseHead(status, branch, `${this.#cseq} ${method}`) + contact + body;
    this.link.network(this.far, transactionId, this.dialogId, sip);
  }

  /** 180, or 183 with SDP. */
  provisional(status: 180 | 183, sdp: string): void {
    this.state = 'proceeding';
    this.#fromFar(status === 180 ? '180 Ringing' : '183 Session Progress', `Contact: ${this.far.contact}\r\n`, '', sdp);
  }

  /** 200. `before` and `after` stand around the body's headers. */
  answer(sdp: string, before = '', after = ''): void {
    this.state = 'answered';
    this.#fromFar('200 OK', `Contact: ${this.far.contact}\r\n${this.far.ownHeaders}${before}`, after, sdp);
  }

  /** A final failure of the far party's; `headers` each with its CRLF. */
  refuse(status: number, reason: string, headers = ''): void {
    this.state = 'refused';
    const contact = status === 487 ? '' : `Contact: ${this.far.contact}\r\n`;
    this.#fromFar(`${status} ${reason}`, contact + headers, '', '');
  }

  /** A final failure that drachtio-server makes itself: nobody there (503), or no word for 32 s (408). */
  refuseLocally(status: 408 | 503): void {
    this.state = 'refused';
    const reason = status === 408 ? 'Request Timeout' : 'Service Unavailable';
    const sip =
      `SIP/2.0 ${status} ${reason}\r\nVia: SIP/2.0/UDP ${SERVER_HOST};rport;branch=${this.#branch}\r\nFrom: ${this.#from}\r\n` +
      `To: ${this.#requestUri};tag=${this.#farTag}\r\nCall-ID: ${this.callId}\r\nCSeq: ${this.#inviteCseq} INVITE\r\nContent-Length: 0\r\n\r\n`;
    this.link.local(this.transactionId, this.dialogId, sip);
  }

  /** The far party hangs up. `headers` each with its CRLF; `cseq` as the far party counts. Returns the transaction. */
  bye(headers: string, cseq?: number): string {
    this.state = 'ended';
    const transactionId = uuid();
    this.#farCseq = cseq ?? this.#farCseq + 1;
    const via = this.far.fillsRport
      ? `Via: SIP/2.0/UDP ${this.far.host}:${this.far.port};rport=${this.far.port};branch=${sipBranch()}\r\n`
      : `Via: SIP/2.0/UDP ${this.far.host}:${this.far.port};branch=${sipBranch()};rport=${this.far.port}\r\n`;
    const from = `From: ${this.#to};tag=${this.#farTag}\r\n`;
    const to = `To: ${this.#from}\r\n`;
    const ids = `Call-ID: ${this.callId}\r\nCSeq: ${this.#farCseq} BYE\r\n`;
    const head = this.far.fillsRport ? `Max-Forwards: 70\r\n${from}${to}${ids}` : `${from}${to}${ids}Max-Forwards: 70\r\nContact: ${this.far.contact}\r\n`;
    this.#unanswered.set(transactionId, via + from + to + ids);
    const sip = `BYE sip:${SERVER_HOST}:${SERVER_PORT} SIP/2.0\r\n${via}${head}${headers}Content-Length: 0\r\n\r\n`;
    this.link.network(this.far, transactionId, this.dialogId, sip);
    return transactionId;
  }

  /** The client's response to a request of the far party's, as it went out; null if there is no such request. */
  responseAsSent(transactionId: string, response: SipMessage): string | null {
    const fixed = this.#unanswered.get(transactionId);
    if (fixed === undefined) return null;
    this.#unanswered.delete(transactionId);
    return `${response.startLine}\r\n${fixed}Content-Length: 0\r\n\r\n`;
  }

  get farCseqBase(): number {
    return this.#cseq;
  }

  #fromFar(status: string, headers: string, after: string, sdp: string): void {
    const type = sdp === '' ? '' : this.far.fillsRport ? `${SDP_HEADER}Content-Disposition: session\r\n` : SDP_HEADER;
    const sip = `${this.#responseHead(status, this.#branch, `${this.#inviteCseq} INVITE`)}${headers}${type}Content-Length: ${Buffer.byteLength(sdp)}\r\n${after}\r\n${sdp}`;
    this.link.network(this.far, this.transactionId, this.dialogId, sip);
  }

  #responseHead(status: string, branch: string, cseq: string): string {
    const rport = this.far.fillsRport ? `rport=${SERVER_PORT}` : 'rport';
    return `SIP/2.0 ${status}\r\nVia: SIP/2.0/UDP ${SERVER_HOST};${rport};branch=${branch}\r\nFrom: ${this.#from}\r\nTo: ${this.#to};tag=${this.#farTag}\r\nCall-ID: ${this.callId}\r\nCSeq: ${cseq}\r\n`;
  }

  #head(startLine: string, branch: string, to: string, cseq: string): string {
    return `${startLine}\r\nVia: SIP/2.0/UDP ${SERVER_HOST};rport;branch=${branch}\r\nMax-Forwards: 70\r\nFrom: ${this.#from}\r\nTo: ${to}\r\nCall-ID: ${this.callId}\r\nCSeq: ${cseq}\r\n`;
  }

  #request(method: string, uri: string, branch: string, cseq: number, to: string, contact: string, message: SipMessage): string {
    const { known, unknown } = ownHeaders(message);
    const type = message.body === '' ? '' : `Content-Type: ${message.get('content-type') || 'application/sdp'}\r\n`;
    return `${this.#head(`${method} ${uri} SIP/2.0`, branch, to, `${cseq} ${method}`)}${contact}${known}${type}Content-Length: ${Buffer.byteLength(message.body)}\r\n${unknown}\r\n${message.body}`;
  }
}
