import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { eraseAccount, rowsOfAccount, type Renamed } from '../../analytics/erase.ts';
import { ObzvonError } from '../../core/errors.ts';
import { OutboxRelay } from '../../dialer/engine/outbox-relay.ts';
import { removePersonalRecordings } from '../../dialer/prompts/personal.ts';
import { openDesk } from '../desk.ts';
import { eraseOnBus, keepOptOut, personOnBus } from '../erase/bus.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { upToDateAnalytics } from '../house.ts';
import { example, type Act } from './act.ts';

const REASON = 'erased at the request of the person';
/** A recording used more recently may be played just now. */
const IN_USE_MS = 20 * 60_000;

interface StoreErasure {
  readonly store: string;
  /** What was found and removed, in words. */
  readonly did: string;
  readonly outcome: 'erased' | 'nothing found' | 'remains' | 'not reached';
}

export function registerErase(program: Command, act: Act): void {
  const command = program.command('erase').description("take a person's data out of every store; counts stay, under a mark that leads nowhere. Exit code 1 if a store could not be reached, 3 if something remains").requiredOption('--account <id>', "billing's account");
  example(command, 'obzvon erase --account 1234567').action(
    act(async (context, options: { account: string }) => {
      const { config, clock } = context;
      const { account } = options;
      const mark = `erased-${randomUUID()}`;
      const done: StoreErasure[] = [];
      const attempt = async (store: string, work: () => Promise<Omit<StoreErasure, 'store'>>): Promise<void> => {
        try {
          done.push({ store, ...(await work()) });
        } catch (error) {
          if (!(error instanceof ObzvonError)) throw error;
          done.push({ store, outcome: 'not reached', did: error.message });
        }
      };

      const { bus, ledger } = await openDesk(context);
      const outbox = new OutboxRelay(bus, ledger, () => undefined);
      await outbox.flushed();
      const person = await personOnBus(bus, account);
      const renamed: Renamed = {
        accountId: account, mark,
        contactIds: person.contactIds, contactMarks: person.contactIds.map((_, i) => `${mark}-${i}`),
        paymentIds: person.paymentIds, paymentMarks: person.paymentIds.map((_, i) => `${mark}-payment-${i}`),
      };
      // First the ledger, so that nobody calls; what it still has to tell must be on the bus before that is rewritten.
      await keepOptOut(bus, ledger, clock, person);
      const forgotten = await ledger.forget(account, REASON, clock.nowMs());
      if (forgotten === 'in_hand') throw new ObzvonError('locked', 'a call to the person is under way or about to begin; nothing was erased: try again in some minutes');
      await outbox.flushed();
      done.push({ store: 'ledger', outcome: forgotten > 0 ? 'erased' : 'nothing found', did: `${forgotten} contacts with their calls and money` });

      await attempt('analytics', async () => {
        // Whatever the bus has of the person goes in first: a sink must not bring it afterwards.
        const analytics = await upToDateAnalytics(context, bus);
        const rows = await eraseAccount(analytics, renamed, clock.nowMs());
        const left = Object.values(await rowsOfAccount(analytics, account, person.contactIds)).reduce((sum, n) => sum + n, 0);
        const found = Object.values(rows).reduce((sum, n) => sum + n, 0);
        return { outcome: left > 0 ? 'remains' : found > 0 ? 'erased' : 'nothing found', did: `${Object.entries(rows).map(([table, n]) => `${table} ${n}`).join(', ')}; ${left} rows remain` };
      });
      const topics = await eraseOnBus(bus, renamed);
      const kept = topics.reduce((sum, topic) => sum + topic.kept, 0);
      const changed = topics.reduce((sum, topic) => sum + topic.changed, 0);
      done.push({
        store: 'bus', outcome: kept > 0 ? 'remains' : changed > 0 ? 'erased' : 'nothing found',
        did: kept > 0
          ? `Kafka's log cannot be changed: ${topics.filter((topic) => topic.kept > 0).map((topic) => `${topic.topic} ${topic.kept}`).join(', ')} messages remain until the retention of their topics removes them; keep it short (docs/operations.md), and run this again then`
          : `${topics.map((topic) => `${topic.topic} ${topic.changed}`).join(', ')} messages rewritten`,
      });
      await attempt('recordings', async () => {
        const { removed, left } = await removePersonalRecordings(config.prompts.dir, Date.now() - IN_USE_MS);
        return { outcome: left > 0 ? 'remains' : removed > 0 ? 'erased' : 'nothing found', did: `${removed} personal recordings of the cache removed, of all debtors${left > 0 ? `; ${left} that a call may be playing are left: run this again in 20 minutes` : ''}` };
      });

      context.terminal.result({ mark, stores: done }, () =>
        [
          ...done.map((each) => `${each.store.padEnd(10)}  ${each.outcome.padEnd(13)}  ${each.did}`),
          '',
          `Every count stays; the rows go on as ${mark}, which nothing leads back from.`,
          'Kept on purpose: orders not to call (they must be honoured). Not looked into: lists and files of refused rows, which are the clerk\'s; backups.',
        ].join('\n'),
      );
      const code: ExitCode = done.some((each) => each.outcome === 'not reached') ? EXIT.failed : done.some((each) => each.outcome === 'remains') ? EXIT.partial : EXIT.done;
      return code;
    }),
  );
}
