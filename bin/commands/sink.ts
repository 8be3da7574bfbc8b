import { once } from 'node:events';
import type { Command } from 'commander';
import { SINK_GROUP } from '../../analytics/sink.ts';
import { openCommandBus } from '../desk.ts';
import { EXIT } from '../exit-codes.ts';
import { openAnalytics } from '../house.ts';
import { sampleLag, serveTelemetry, SINK_TOPICS } from '../telemetry.ts';
import { example, type Act } from './act.ts';

export function registerSink(program: Command, act: Act): void {
  example(program.command('sink').description('carry attempts, dispositions, payments and contacts from the bus to the analytics store until stopped'), 'obzvon sink').action(
    act(async (context) => {
      const { config, log, releases, stopAsked } = context;
      const bus = await openCommandBus(context);
      const { sink, analytics } = await openAnalytics(context, bus);
      await serveTelemetry({
        listen: config.metrics.listen,
        healths: () => ({ bus: bus.health(), analytics: sink.health() }),
        sample: () => sampleLag(bus, SINK_GROUP, SINK_TOPICS),
        log, releases,
      });
      context.terminal.say(`carrying rows to ${analytics.place}; stop with Ctrl-C`);
      if (!stopAsked.aborted) await Promise.race([once(stopAsked, 'abort'), sink.failed]);
      const written = sink.written();
      context.terminal.result(written, () => Object.entries(written).map(([table, rows]) => `${table} ${rows}`).join('\n'));
      return EXIT.done;
    }),
  );
}
