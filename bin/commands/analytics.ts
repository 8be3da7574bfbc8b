import type { Command } from 'commander';
import { connectAnalytics } from '../../analytics/client.ts';
import { migrate } from '../../analytics/migrate.ts';
import { EXIT } from '../exit-codes.ts';
import { example, type Act } from './act.ts';
import { upToDateAnalytics } from '../house.ts';
import { openCommandBus } from '../desk.ts';

export function registerAnalytics(program: Command, act: Act): void {
  const analytics = program.command('analytics').description('the store that analysts query');
  example(analytics.command('migrate').description('bring the schema up to date'), 'obzvon analytics migrate').action(
    act(async (context) => {
      const store = await connectAnalytics(context.config.analytics.url, context.config.analytics);
      context.releases.add('analytics', () => store.close());
      const applied = await migrate(store);
      context.terminal.result({ applied }, () => (applied.length === 0 ? 'the schema is up to date' : `applied ${applied.join(', ')}`));
      return EXIT.done;
    }),
  );
  example(analytics.command('sync').description('carry everything that is on the bus into the store, then end'), 'obzvon analytics sync').action(
    act(async (context) => {
      const store = await upToDateAnalytics(context, await openCommandBus(context));
      context.terminal.result({ place: store.place }, () => `${store.place} has everything that is on the bus`);
      return EXIT.done;
    }),
  );
}
