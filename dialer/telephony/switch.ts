import { ObzvonError } from '../../core/errors.ts';
import { e164Schema } from '../../core/phone.ts';
import { CallLeg, type CallSurroundings } from './call-leg.ts';
import type { Call, CallEvent, CallRequest, Switch, SwitchHealth } from './port.ts';
import { SignallingLink } from './signalling-link.ts';
import { switchOptionsSchema, type SwitchOptions, type SwitchSettings } from './switch-options.ts';

/** After `close`, how long endpoints may take to be let go before the connections close under them; of the wall. */
const CLOSE_GRACE_MS = 300;
/** Ids go into SIP headers and event-socket commands. */
const PLAIN_ID = /^[A-Za-z0-9._:-]{1,128}$/;

/**
 * Connects to every drachtio-server and, through each, to every FreeSWITCH. Resolves once one pair is up; the others, and any
 * lost later, are tried again in the background, but for a wrong secret.
 * @throws ObzvonError `bad_config` if a setting makes no sense or a secret is refused and nothing else is up; `unreachable` if
 * nothing can be reached
 */
export async function connectSwitch(options: SwitchOptions): Promise<Switch> {
  const parsed = switchOptionsSchema.safeParse(options);
  if (!parsed.success) {
    throw new ObzvonError('bad_config', `telephony: ${parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')}`);
  }
  const made = new DrachtioSwitch(parsed.data, options);
  await made.open();
  return made;
}

class DrachtioSwitch implements Switch {
  readonly #trunks: ReadonlyMap<string, SwitchSettings['trunks'][number]>;
  readonly #links: readonly SignallingLink[];
  readonly #calls = new Set<CallLeg>();
  readonly #listeners: ((health: SwitchHealth) => void)[] = [];
  readonly #around: CallSurroundings;
  #told: SwitchHealth = { kind: 'down', reason: 'not connected yet' };
  #closed = false;

  constructor(settings: SwitchSettings, { clock, log }: SwitchOptions) {
    this.#trunks = new Map(settings.trunks.map((trunk) => [trunk.name, trunk]));
    const firstPort = settings.eventSocketListen.port;
    this.#links = settings.drachtio.map((server, index) => {
      const ports = settings.freeswitch.map((_, other) => (firstPort === 0 ? 0 : firstPort + index * settings.freeswitch.length + other));
      return new SignallingLink(server, settings, ports, log, () => this.#onChange());
    });
    this.#around = { clock, log, amd: settings.amd, pick: () => this.#pick(), ended: (call) => this.#calls.delete(call) };
  }

  async open(): Promise<void> {
    const results = await Promise.all(this.#links.map((link) => link.open()));
    if (this.#links.some((link) => link.up)) { this.#onChange(); return; }
    const reason = this.#links.map((link) => link.downReason).join('; ');
    await this.close();
    const refused = results.some((result) => result.kind === 'refused');
    throw new ObzvonError(refused ? 'bad_config' : 'unreachable', `no switch is up: ${reason}`);
  }

  place(request: CallRequest, on: (event: CallEvent) => void): Call {
    const trunk = this.#trunks.get(request.trunk);
    if (!trunk) throw new ObzvonError('bad_config', `no trunk is called "${request.trunk}"; trunks: ${[...this.#trunks.keys()].join(', ')}`);
    // What goes into SIP and the event socket is checked once more at this door, whoever checked it before.
    if (!e164Schema.safeParse(request.phone).success) throw new ObzvonError('bad_input', 'a phone to be called is not in E.164 form');
    if (!e164Schema.safeParse(request.callerId).success) throw new ObzvonError('bad_input', 'a caller id is not in E.164 form');
    if (!PLAIN_ID.test(request.attemptId)) throw new ObzvonError('bad_input', 'an attempt id holds other than letters, digits and . _ : -');
    const call = new CallLeg(request, trunk, on, this.#around);
    this.#calls.add(call);
    return call;
  }

  get callsInProgress(): number {
    return this.#calls.size;
  }

  health(): SwitchHealth {
    if (this.#closed) return { kind: 'down', reason: 'closed' };
    if (this.#links.some((link) => link.up)) return { kind: 'up' };
    return { kind: 'down', reason: this.#links.map((link) => link.downReason).join('; ') };
  }

  onHealth(listener: (health: SwitchHealth) => void): void {
    this.#listeners.push(listener);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    const busy = this.#calls.size > 0;
    for (const call of [...this.#calls]) call.hangUp();
    for (const call of [...this.#calls]) call.signallingLost('closed');
    if (busy) await new Promise((resolve) => setTimeout(resolve, CLOSE_GRACE_MS));
    this.#closed = true;
    for (const link of this.#links) link.close();
    this.#onChange();
  }

  #pick(): ReturnType<CallSurroundings['pick']> {
    let best: ReturnType<CallSurroundings['pick']> | null = null;
    let fewest = Infinity;
    for (const signalling of this.#links) {
      const media = signalling.srf && signalling.calls.size < fewest ? signalling.pickMedia() : null;
      if (!media) continue;
      best = { signalling, media };
      fewest = signalling.calls.size;
    }
    return best ?? { reason: this.#links.map((link) => link.downReason).join('; ') };
  }

  #onChange(): void {
    const health = this.health();
    if (health.kind === this.#told.kind) return;
    this.#told = health;
    for (const listener of this.#listeners) listener(health);
  }
}
