import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Endpoint } from 'drachtio-fsmrf';
import type Srf from 'drachtio-srf';
import { SimulatedClock } from '../../../core/clock.ts';
import type { EndedEntry } from '../callee-call.ts';
import { readJournal } from '../journal-file.ts';
import type { JournalEntry } from '../journal.ts';
import { simulatorOptionsSchema, type SimulatorOptions } from '../options.ts';
import type { PersonaCall } from '../public-port.ts';
import { startSimulator, type Simulator } from '../simulator.ts';
import { CALLEE_URI, callOptions, connectBoth, connectSrf, newEndpoint, persona, type RealClients } from './real-clients.ts';

export const START_MS = Date.parse('2026-11-23T10:00:00Z');

export type Running = Simulator & { clock: SimulatedClock; end: Promise<EndedEntry> };

/** A simulator with one persona for everybody, real clients to it, and a directory; all of it goes away in `close`. */
export class TestBench {
  readonly dir = mkdtempSync(join(tmpdir(), 'obzvon-simulator-'));
  /** Who answers the next call. */
  next: PersonaCall = persona();
  readonly #closers: (() => Promise<void> | void)[] = [];

  atEnd(close: () => Promise<void> | void): void {
    this.#closers.push(close);
  }

  async close(): Promise<void> {
    for (const close of this.#closers.reverse()) await close();
    rmSync(this.dir, { recursive: true });
  }

  path(name: string): string {
    return join(this.dir, name);
  }

  /** Options in full are parsed; the journal is the file `journal`. */
  async start(options: Partial<SimulatorOptions> = {}): Promise<Running> {
    const parsed = simulatorOptionsSchema.parse({ journal: this.path('journal'), ...options });
    const clock = new SimulatedClock({ wallMs: Date.now(), simulatedMs: START_MS, speed: parsed.speed });
    const simulator = await startSimulator(parsed, { public: { personaOf: () => this.next }, clock });
    this.atEnd(() => simulator.close());
    return { ...simulator, clock, end: new Promise((resolve) => simulator.onCallEnded(resolve)) };
  }

  async signalling(simulator: Simulator): Promise<Srf> {
    const srf = await connectSrf(simulator.drachtio);
    this.atEnd(() => srf.disconnect());
    return srf;
  }

  async clients(simulator: Simulator): Promise<RealClients> {
    const clients = await connectBoth(simulator.drachtio, simulator.freeswitch);
    this.atEnd(() => clients.close());
    return clients;
  }

  /** An answered call whose callee and endpoint are joined. */
  async answered(simulator: Simulator): Promise<{ srf: Srf; endpoint: Endpoint; dialog: Srf.Dialog }> {
    const { srf, media } = await this.clients(simulator);
    const endpoint = await newEndpoint(media);
    const dialog = await srf.createUAC(CALLEE_URI, callOptions(endpoint.local.sdp));
    await endpoint.modify(dialog.remote.sdp);
    return { srf, endpoint, dialog };
  }

  journal(): JournalEntry[] {
    return readJournal(this.path('journal'));
  }

  kinds(): string[] {
    return this.journal().map((entry) => entry.kind);
  }
}

/** srf calls back with (error, request); its types know the request only. */
export function requestOf(args: unknown[]): Srf.SrfRequest {
  return args[1] as Srf.SrfRequest;
}
