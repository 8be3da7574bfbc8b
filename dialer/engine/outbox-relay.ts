import { attemptsTopic, dispositionsTopic } from '../../core/bus/topics.ts';
import type { Bus } from '../../core/bus/port.ts';
import type { Ledger } from '../ledger/port.ts';
import type { DialerListener } from './telemetry.ts';

const BATCH = 500;

/** Moves what the ledger has decided onto the bus: published first, then taken off the outbox, so a crash in between tells it twice, never not at all. */
export interface OutboxRelay {
  /** Look soon: something was added. */
  wake(): void;
  /** Resolves once the outbox was seen empty. */
  flushed(): Promise<void>;
  stop(): Promise<void>;
  readonly failed: Promise<never>;
}

/** Starts the relay. Another dialer's items may be relayed too: the outbox is the ledger's, and consumers know an attempt by its id. */
export function startOutboxRelay(bus: Bus, ledger: Ledger, tell: DialerListener): OutboxRelay {
  let wanted = true;
  let broken = false;
  let running: Promise<void> | null = null;
  let fail: (error: unknown) => void;
  const failed = new Promise<never>((_resolve, reject) => { fail = reject; });
  failed.catch(() => undefined);

  const drain = async (): Promise<void> => {
    for (;;) {
      wanted = false;
      const items = await ledger.readOutbox(BATCH);
      if (items.length === 0) {
        // `wake` may have been called during the read.
        if (wanted) continue;
        return;
      }
      const attempts = items.filter((item) => item.kind === 'attempt').map((item) => item.value);
      const closed = items.filter((item) => item.kind === 'closed').map((item) => item.value);
      await bus.publish(attemptsTopic, attempts.map((value) => ({ key: value.contactId, value })));
      await bus.publish(dispositionsTopic, closed.map((value) => ({ key: value.contactId, value })));
      await ledger.ackOutbox(items.map((item) => item.seq));
      for (const value of closed) tell({ kind: 'contact_closed', closed: value });
    }
  };
  const run = (): Promise<void> => {
    running ??= drain()
      .catch((error: unknown) => {
        broken = true;
        fail(error);
      })
      .finally(() => {
        running = null;
        // A wake that came between the last read and here.
        if (wanted && !broken) void run();
      });
    return running;
  };
  void run();

  return {
    wake() {
      wanted = true;
      void run();
    },
    async flushed() {
      wanted = true;
      while (wanted && !broken) await run();
      if (broken) await failed;
    },
    async stop() {
      await (running ?? Promise.resolve());
    },
    failed,
  };
}
