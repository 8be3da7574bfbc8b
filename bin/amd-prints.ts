import { PrintCatalogue } from '../amd/fingerprint/catalogue.ts';
import type { PrintBook } from '../amd/stream.ts';
import type { PrintEvent } from '../core/amd-print.ts';
import type { Bus } from '../core/bus/port.ts';
import { printsTopic } from '../core/bus/topics.ts';
import type { Logger } from '../core/log.ts';
import { recordTelemetry } from '../core/metrics.ts';

/** Fingerprints of announcements as all dialers know them. */
export interface SharedPrints {
  readonly book: PrintBook;
  readonly catalogue: PrintCatalogue;
  readonly failed: Promise<never>;
  stop(): Promise<void>;
}

/** Every print as the bus has it by now. */
export async function readPrints(bus: Bus): Promise<PrintCatalogue> {
  const catalogue = new PrintCatalogue();
  for await (const { value } of bus.scan(printsTopic)) catalogue.apply(value);
  return catalogue;
}

/** Tells all dialers. Resolves once it is durable. */
export async function tellPrints(bus: Bus, events: readonly PrintEvent[]): Promise<void> {
  await bus.publish(printsTopic, events.map((value) => ({ key: value.printId, value })));
}

/**
 * Reads what is known, then follows what others come upon. `group` is this process's own among all that follow. What is come upon here is
 * told to the others in passing: a bus that is away costs at most a print that will be heard again.
 */
export async function openPrints(bus: Bus, group: string, { nowMs, log }: { nowMs: () => number; log: Logger }): Promise<SharedPrints> {
  const catalogue = await readPrints(bus);
  const tell = (event: PrintEvent | null): void => {
    if (event === null) return;
    catalogue.apply(event);
    count(catalogue);
    tellPrints(bus, [event]).catch((error: unknown) => log.warn({ err: error }, 'a print could not be told to the other dialers'));
  };
  const consumer = await bus.consume(printsTopic, { group, maxBatch: 100 }, ({ messages }) => {
    for (const { value } of messages) catalogue.apply(value);
    count(catalogue);
    return Promise.resolve();
  });
  count(catalogue);
  return {
    catalogue,
    book: {
      index: catalogue.index,
      meaningOf: (id) => catalogue.meaningOf(id),
      heard(callee, matchId, words) {
        if (matchId !== null) tell(catalogue.matched(matchId, callee, nowMs()));
        else if (words !== null) tell(catalogue.takeOffer(words, callee, nowMs()));
      },
    },
    failed: consumer.failed,
    stop: () => consumer.stop(),
  };
}

function count(catalogue: PrintCatalogue): void {
  const states = { heard: 0, learnt: 0, confirmed: 0, rejected: 0 };
  for (const { state } of catalogue.list()) states[state.kind]++;
  for (const [state, prints] of Object.entries(states)) recordTelemetry({ kind: 'amd_prints', state, prints });
}
