import { createServer, type AddressInfo, type Server } from 'node:net';
import { sipBranch, uuid } from './identifiers.ts';
import { Leg, type FarAddress, type FarParty } from './leg.ts';
import { Link, SERVER_HOSTPORT, SERVER_VERSION } from './link.ts';
import { parseSip, parseSipUri, type SipMessage, type SipUri } from './sip-message.ts';

/** What an INVITE asks for, before anybody has answered it. */
export interface Invitation {
  readonly uri: SipUri;
  readonly message: SipMessage;
}

export interface SignallingOptions {
  readonly port: number;
  readonly secret: string;
  addressOf(invitation: Invitation): FarAddress;
  /** Takes the call in (writes it down, too); must not answer before `begin()`. */
  accept(leg: Leg, invitation: Invitation): FarParty;
}

interface Call {
  readonly leg: Leg;
  readonly far: FarParty;
}

/** How many refused dialogs are remembered, to tell a late ACK from one of a dialog nobody ever heard of. */
const REMEMBERED_REFUSALS = 20_000;

/**
 * drachtio-server's TCP protocol: authentication, routing of SIP requests and responses between the clients and the
 * far parties, echoes and refusals, as recorded from the real one.
 */
export class SignallingServer {
  readonly #options: SignallingOptions;
  readonly #server: Server;
  readonly #links = new Set<Link>();
  readonly #byDialog = new Map<string, Call>();
  readonly #byInvite = new Map<string, Call>();
  readonly #byFarRequest = new Map<string, Leg>();
  readonly #refused = new Set<string>();
  #cseq = 123_000_000;

  constructor(options: SignallingOptions) {
    this.#options = options;
    this.#server = createServer((socket) => {
      const link: Link = new Link(socket, (payload) => this.#onPayload(link, payload), () => this.#onClosed(link));
      this.#links.add(link);
    });
  }

  /** Listens on loopback; returns the port. */
  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#options.port, '127.0.0.1', () => resolve((this.#server.address() as AddressInfo).port));
    });
  }

  /** Breaks every client's connection off; clients may connect again. */
  dropLinks(): void {
    for (const link of this.#links) link.drop();
  }

  close(): Promise<void> {
    this.dropLinks();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  get connections(): number {
    return this.#links.size;
  }

  /** A far party hangs up. */
  farBye(leg: Leg, headers: string, cseq?: number): void {
    this.#byDialog.delete(leg.dialogId);
    if (leg.link.closed) return;
    this.#byFarRequest.set(leg.bye(headers, cseq), leg);
  }

  /** A far party gave a final failure. */
  refused(leg: Leg): void {
    this.#byInvite.delete(leg.transactionId);
    this.#byDialog.delete(leg.dialogId);
    this.#refused.add(leg.dialogId);
    if (this.#refused.size > REMEMBERED_REFUSALS) {
      for (const oldest of this.#refused) {
        this.#refused.delete(oldest);
        break;
      }
    }
  }

  /** A far party gave a 2xx: nothing is left to cancel. */
  answered(leg: Leg): void {
    this.#byInvite.delete(leg.transactionId);
  }

  #onClosed(link: Link): void {
    this.#links.delete(link);
    for (const call of [...this.#byDialog.values()]) {
      if (call.leg.link !== link) continue;
      this.#byDialog.delete(call.leg.dialogId);
      this.#byInvite.delete(call.leg.transactionId);
      call.far.abandoned();
    }
    for (const [transactionId, leg] of this.#byFarRequest) if (leg.link === link) this.#byFarRequest.delete(transactionId);
  }

  #onPayload(link: Link, payload: string): void {
    const lineEnd = payload.indexOf('\r\n');
    const tokens = (lineEnd < 0 ? payload : payload.slice(0, lineEnd)).split('|');
    const id = tokens[0] ?? '';
    const verb = tokens[1];
    if (verb === 'authenticate') {
      link.authenticated = tokens[2] === this.#options.secret;
      if (link.authenticated) {
        link.ok(id, `${SERVER_HOSTPORT}|${SERVER_VERSION}|${SERVER_HOSTPORT}`);
        return;
      }
      link.send(`response|${id}|NO|incorrect secret`);
      link.end(); return;
    }
    if (!link.authenticated) {
      link.drop();
      return;
    }
    if (verb === 'ping') {
      link.ok(id, 'pong');
      return;
    }
    if (verb === 'route' || verb === 'remove_route') {
      link.ok(id, '');
      return;
    }
    if (verb !== 'sip') {
      link.refuse(id, `unknown message type: ${verb ?? ''}`);
      return;
    }
    const message = parseSip(lineEnd < 0 ? '' : payload.slice(lineEnd + 2));
    const transactionId = tokens[2] ?? '';
    const dialogId = tokens[3] ?? '';
    if (message.startLine.startsWith('SIP/2.0 ')) {
      this.#onResponse(link, id, transactionId, message);
      return;
    }
    if (message.startLine.startsWith('CANCEL ')) {
      this.#onCancel(link, id, transactionId);
      return;
    }
    if (dialogId !== '') {
      this.#onInDialog(link, id, dialogId, message);
      return;
    }
    this.#onNewRequest(link, id, message);
  }

  #onNewRequest(link: Link, id: string, message: SipMessage): void {
    const [method = '', uriText = '', version] = message.startLine.split(' ');
    const uri = parseSipUri(uriText);
    if (!uri || version !== 'SIP/2.0') {
      link.refuse(id, `invalid request-uri: ${message.startLine}`);
      return;
    }
    if (method !== 'INVITE') {
      link.refuse(id, `the simulator takes no ${method} out of a dialog`);
      return;
    }
    const invitation = { uri, message };
    this.#cseq += 1;
    const leg = new Leg(link, uriText, message, this.#options.addressOf(invitation), this.#cseq);
    const far = this.#options.accept(leg, invitation);
    const call = { leg, far };
    this.#byDialog.set(leg.dialogId, call);
    this.#byInvite.set(leg.transactionId, call);
    link.echoRequest(id, leg.transactionId, leg.inviteAsSent(message));
    far.begin();
  }

  #onInDialog(link: Link, id: string, dialogId: string, message: SipMessage): void {
    const method = message.startLine.slice(0, message.startLine.indexOf(' '));
    if (method === 'ACK' && this.#refused.delete(dialogId)) {
      link.refuse(id, 'Server error: ACK for non-success final response is automatically generated by server'); return;
    }
    const call = this.#byDialog.get(dialogId);
    if (!call) {
      link.refuse(id, 'Server error: unable to find dialog for dialog id provided');
      return;
    }
    const { leg, far } = call;
    const transactionId = uuid();
    const branch = sipBranch();
    link.echoRequest(id, transactionId, leg.requestAsSent(method, message, branch));
    switch (method) {
      case 'ACK':
        far.acknowledged(message.body);
        return;
      case 'BYE': {
        this.#byDialog.delete(dialogId);
        this.#byInvite.delete(leg.transactionId);
        leg.state = 'ended';
        const known = far.ended();
        leg.respondInDialog('BYE', transactionId, branch, known ? '200 OK' : '481 Call/Transaction Does Not Exist', ''); return;
      }
      case 'INVITE':
        leg.respondInDialog('INVITE', transactionId, branch, '200 OK', far.reinvited(message.body));
        return;
      default:
        leg.respondInDialog(method, transactionId, branch, '200 OK', '');
        return;
    }
  }

  #onCancel(link: Link, id: string, transactionId: string): void {
    const call = this.#byInvite.get(transactionId);
    if (!call) {
      link.refuse(id, 'Server error: unable to find transaction for transaction id provided');
      return;
    }
    // Before any provisional response sofia-sip holds the CANCEL back: nothing is sent, so its size is 0.
    const sip = call.leg.cancelAsSent();
    link.echoRequest(id, uuid(), sip, call.leg.state === 'calling' ? 0 : Buffer.byteLength(sip));
    call.far.cancelled();
  }

  #onResponse(link: Link, id: string, transactionId: string, message: SipMessage): void {
    const leg = this.#byFarRequest.get(transactionId);
    const sip = leg?.responseAsSent(transactionId, message);
    if (!leg || sip === null || sip === undefined) {
      link.refuse(id, 'Server error: unable to find transaction for transaction id provided'); return;
    }
    this.#byFarRequest.delete(transactionId);
    link.echoResponse(id, transactionId, leg.far, sip);
  }
}
