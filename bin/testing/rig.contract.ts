import { openSync, readFileSync, closeSync } from 'node:fs';
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { campaignSchema, type Campaign } from '../../core/campaign.ts';
import { openBus } from '../../core/bus/open.ts';
import { commandsTopic, contactsTopic } from '../../core/bus/topics.ts';
import { SimulatedClock } from '../../core/clock.ts';
import { keyOfCommand, type Command } from '../../core/command.ts';
import { loadConfig } from '../../core/config.ts';
import type { Contact } from '../../core/contact.ts';
import { createLogger } from '../../core/log.ts';
import { openLedger } from '../../dialer/ledger/open.ts';
import { readJournal } from '../../dialer/simulator/journal-file.ts';
import type { JournalEntry } from '../../dialer/simulator/journal.ts';
import { publicMixSchema, simulatorOptionsSchema } from '../../dialer/simulator/options.ts';
import type { PersonaCall } from '../../dialer/simulator/public-port.ts';
import { createPublic } from '../../dialer/simulator/public/public.ts';
import { startSimulator, type Address, type Simulator } from '../../dialer/simulator/simulator.ts';
import type { Context } from '../context.ts';
import { Releases } from '../releases.ts';
import type { House } from '../house.ts';
import { runCampaigns, type RunEnd } from '../run-campaign.ts';
import { createTerminal } from '../terminal.ts';
import { Workspace } from './command-line.ts';
import { smallCampaign, START } from './small-campaign.ts';

/** The dialer's patience with itself is real time here, and a busy machine needs it. */
const SPEED = 1;

/** A call that rings until the caller gives up. */
export const RINGS: PersonaCall = { kind: 'no_answer', ringingAfterMs: 50, ringMs: 0, final: { kind: 'ring_forever' }, earlyMedia: null, answerAudio: null, hangUpAfterMs: null, react: () => null };
/** A call that is refused at once. */
export const REFUSED: PersonaCall = { ...RINGS, kind: 'invalid', ringingAfterMs: null, ringMs: 20, final: { kind: 'sip', status: 404, reason: 'Not Found', q850Cause: 1 } };

/** A person who picks up soon, and presses `digit` soon after a prompt began. */
export function presses(digit: string, phone: string): PersonaCall {
  const mix = Object.fromEntries(Object.keys(publicMixSchema.parse({})).map((kind) => [kind, kind === 'human' ? 1 : 0]));
  const human = createPublic({ seed: 'rig', mix: publicMixSchema.parse(mix), answerProbability: 1 }).personaOf(phone, 0, 0);
  return { ...human, ringingAfterMs: 50, ringMs: 200, hangUpAfterMs: 60_000, react: (event) => (event.kind === 'prompt_started' ? [{ kind: 'press', afterMs: 800, digit }] : event.kind === 'answered' ? [] : null) };
}

/** The whole product in this process over a simulated switch whose callees the test chooses. */
export class Rig {
  readonly space = new Workspace();
  readonly releases = new Releases();
  readonly stop = new AbortController();
  context!: Context;
  house!: House;
  simulator!: Simulator;
  #running: Promise<RunEnd> | null = null;

  /** @param relay stands between dialer and switch: given the switch's address, gives one of its own */
  static async start(personaOf: (phone: string) => PersonaCall, relay: (address: Address, rig: Rig) => Promise<Address> = (address) => Promise.resolve(address)): Promise<Rig> {
    const rig = new Rig();
    const { space, releases } = rig;
    releases.add('folder', () => space.remove());
    const clock = new SimulatedClock({ wallMs: Date.now(), simulatedMs: Date.parse(START), speed: SPEED });
    rig.simulator = await startSimulator(simulatorOptionsSchema.parse({ journal: space.at('journal'), speed: SPEED }), { public: { personaOf }, clock });
    releases.add('simulator', () => rig.simulator.close());
    const urls = await Promise.all(
      (['drachtio', 'freeswitch'] as const).map(async (kind) => {
        const { host, port, secret } = await relay(rig.simulator[kind], rig);
        return `${kind}://:${secret}@${host}:${port}`;
      }),
    );
    space.write('obzvon.yaml', { data: { dir: space.at('data') }, switch: { url: urls }, dialer: { leaseSeconds: 3600 } });
    const loaded = await loadConfig({ env: {}, path: space.at('obzvon.yaml') });
    const fd = openSync(space.at('log'), 'a');
    releases.add('log', () => closeSync(fd));
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
    rig.context = { config: loaded.config, loaded, log: createLogger({ level: 'trace', fd }), terminal: createTerminal({ json: true, stdout: nowhere, stderr: nowhere, nowMs: Date.now }), releases, clock, stopAsked: rig.stop.signal };
    const bus = await openBus(loaded.config.bus.url, { nowMs: () => clock.nowMs() });
    releases.add('bus', () => bus.close());
    const ledger = await openLedger(loaded.config.ledger.url);
    releases.add('ledger', () => ledger.close());
    rig.house = { bus, ledger, clock, clockSpeed: SPEED, world: null };
    return rig;
  }

  get log(): string {
    return readFileSync(this.space.at('log'), 'utf8');
  }

  async order(...orders: Command[]): Promise<void> {
    await this.house.bus.publish(commandsTopic, orders.map((value) => ({ key: keyOfCommand(value), value })));
  }

  /** Defines a small campaign with `changes`. */
  async define(changes: Readonly<Record<string, unknown>> = {}): Promise<Campaign> {
    const campaign = campaignSchema.parse(smallCampaign({ maxCallsPerSecond: 20, ...changes }));
    await this.order({ kind: 'define', campaignId: campaign.id, campaign, atMs: this.house.clock.nowMs() });
    return campaign;
  }

  async publish(campaign: Campaign, accountId: string, ...phones: string[]): Promise<void> {
    const contact: Contact = {
      contactId: `${campaign.id}.${accountId}`, campaignId: campaign.id, accountId, name: 'Somebody', debtMinor: 12_300, currency: 'UAH', language: 'en', timezone: 'Europe/Kyiv',
      phones, group: 'called', priority: 5, fields: {}, loadId: 'load', loadedAtMs: this.house.clock.nowMs(),
    };
    await this.house.bus.publish(contactsTopic, [{ key: contact.contactId, value: contact }]);
  }

  /** Begins to dial; {@link finished} waits until every contact of the campaigns has a disposition. */
  run(...campaigns: string[]): void {
    this.#running = runCampaigns(this.context, { house: this.house, campaigns: () => Promise.resolve(campaigns), limitMs: null, untilFinished: true, tell: () => undefined, onTick: () => undefined });
    this.#running.catch(() => undefined);
  }

  async finished(): Promise<RunEnd> {
    if (this.#running === null) throw new Error('nothing was started');
    return this.#running;
  }

  /** Waits until `holds`, or the run has ended. */
  async until(holds: () => boolean | Promise<boolean>): Promise<void> {
    let over = false as boolean;
    void this.#running?.then(() => (over = true), () => (over = true));
    while (!(await holds()) && !over) await sleep(10);
    if (over && !(await holds())) {
      await this.finished();
      throw new Error('the run ended before what was waited for');
    }
  }

  journal(): JournalEntry[] {
    return readJournal(this.space.at('journal'));
  }

  invites(): number {
    return this.journal().filter((entry) => entry.kind === 'invite').length;
  }

  async statusOf(campaign: Campaign, accountId: string): Promise<string | null> {
    return (await this.house.ledger.contactByAccount(campaign.id, accountId))?.status ?? null;
  }

  async close(): Promise<void> {
    this.stop.abort();
    await this.#running?.catch(() => undefined);
    await this.releases.releaseAll();
  }
}
