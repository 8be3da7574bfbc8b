import type { Command } from 'commander';
import { eraseAccount, idsOfAccount, renamed, rowsOfAccount } from '../../analytics/erase.ts';
import { canRewrite } from '../../core/bus/open.ts';
import { ObzvonError } from '../../core/errors.ts';
import { OutboxRelay } from '../../dialer/engine/outbox-relay.ts';
import { removePersonalRecordings } from '../../dialer/prompts/personal.ts';
import { openDesk } from '../desk.ts';
import { assertTakenIn, eraseOnBus, keepOptOut, personOnBus, type BusErasure } from '../erase/bus.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { phoneKeyOf, upToDateAnalytics } from '../house.ts';
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

function busOutcome(topics: readonly BusErasure[]): Omit<StoreErasure, 'store'> {
  const remaining = topics.filter((topic) => topic.kept > 0);
  if (remaining.length > 0) {
    const found = remaining.map((topic) => `${topic.topic} ${topic.kept}`).join(', ');
    return { outcome: 'remains', did: `Kafka's log cannot be changed and obzvon's topics have no retention limit: ${found} messages remain until the topics are made anew` };
  }
  return { outcome: topics.some((topic) => topic.changed > 0) ? 'erased' : 'nothing found', did: `${topics.map((topic) => `${topic.topic} ${topic.changed}`).join(', ')} messages rewritten` };
}

export function registerErase(program: Command, act: Act): void {
  const command = program.command('erase').description("take a person's data out of every store; counts stay, under a keyed mark. Exit code 1 if a store could not be reached, 3 if something remains").requiredOption('--account <id>', "billing's account");
  example(command, 'obzvon erase --account 1234567').action(
    act(async (context, options: { account: string }) => {
      const { config, clock } = context;
      const { account } = options;
      const key = await phoneKeyOf(config);
      const { mark } = renamed(key, account, [], []);
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
      if (!canRewrite(config.bus.url)) await assertTakenIn(bus);
      const outbox = new OutboxRelay(bus, ledger, () => undefined);
      await outbox.flushed();
      const person = await personOnBus(bus, account);
      // First the ledger, so that nobody calls; what it still has to tell must be on the bus before that is rewritten.
      await keepOptOut(bus, ledger, clock, person);
      const forgotten = await ledger.forget(account, REASON, clock.nowMs());
      if (forgotten === 'in_hand') throw new ObzvonError('locked', 'a call to the person is under way or about to begin; nothing was erased: try again in some minutes');
      await outbox.flushed();
      done.push({ store: 'ledger', outcome: forgotten > 0 ? 'erased' : 'nothing found', did: `${forgotten} contacts with their calls and money` });

      await attempt('analytics', async () => {
        // Whatever the bus has of the person goes in first: a sink must not bring it afterwards.
        const analytics = await upToDateAnalytics(context, bus);
        const known = await idsOfAccount(analytics, account);
        const contactIds = [...new Set([...person.contactIds, ...known.contactIds])];
        const paymentIds = [...new Set([...person.paymentIds, ...known.paymentIds])];
        const rows = await eraseAccount(analytics, renamed(key, account, contactIds, paymentIds), clock.nowMs());
        const left = Object.values(await rowsOfAccount(analytics, account, contactIds)).reduce((sum, n) => sum + n, 0);
        const found = Object.values(rows).reduce((sum, n) => sum + n, 0);
        return { outcome: left > 0 ? 'remains' : found > 0 ? 'erased' : 'nothing found', did: `${Object.entries(rows).map(([table, n]) => `${table} ${n}`).join(', ')}; ${left} rows remain` };
      });
      // The bus alone may know the ids to look for in analytics: it keeps them until those rows are gone.
      if (done.some((each) => each.outcome === 'not reached')) done.push({ store: 'bus', outcome: 'remains', did: 'left as it is until analytics can be reached: run this again then' });
      else done.push({ store: 'bus', ...busOutcome(await eraseOnBus(bus, renamed(key, account, person.contactIds, person.paymentIds))) });
      await attempt('recordings', async () => {
        const { removed, left } = await removePersonalRecordings(config.prompts.dir, Date.now() - IN_USE_MS);
        return { outcome: left > 0 ? 'remains' : removed > 0 ? 'erased' : 'nothing found', did: `${removed} personal recordings of the cache removed, of all debtors${left > 0 ? `; ${left} that a call may be playing are left: run this again in 20 minutes` : ''}` };
      });

      context.terminal.result({ mark, stores: done }, () =>
        [
          ...done.map((each) => `${each.store.padEnd(10)}  ${each.outcome.padEnd(13)}  ${each.did}`),
          '',
          `Every count stays; the rows go on as ${mark}, which leads nowhere without the key that phones are hashed with.`,
          'Kept on purpose: orders not to call (they must be honoured). Not looked into: lists and files of refused rows, which are the clerk\'s; backups.',
        ].join('\n'),
      );
      const code: ExitCode = done.some((each) => each.outcome === 'not reached') ? EXIT.failed : done.some((each) => each.outcome === 'remains') ? EXIT.partial : EXIT.done;
      return code;
    }),
  );
}
