import type { Command } from 'commander';
import { SINK_GROUP } from '../../analytics/sink.ts';
import { stopAskedOf } from '../context.ts';
import { openCommandBus } from '../desk.ts';
import { EXIT } from '../exit-codes.ts';
import { openAnalytics } from '../house.ts';
import { rowsSampler, sampleLag, serveTelemetry, SINK_TOPICS } from '../telemetry.ts';
import { example, type Act } from './act.ts';

export function registerSink(program: Command, act: Act): void {
  example(program.command('sink').description('carry attempts, dispositions, payments and contacts from the bus to the analytics store until stopped'), 'obzvon sink').action(
    act(async (context) => {
      const { config, log, releases } = context;
      const bus = await openCommandBus(context);
      const { sink, analytics } = await openAnalytics(context, bus);
      const sampleRows = rowsSampler(() => sink.written());
      await serveTelemetry({
        listen: config.metrics.listen,
        healths: () => ({ bus: bus.health(), analytics: sink.health() }),
        sample: () => {
          sampleRows();
          return sampleLag(bus, SINK_GROUP, SINK_TOPICS);
        },
        log, releases,
      });
      context.terminal.say(`carrying rows to ${analytics.place}; stop with Ctrl-C`);
      await Promise.race([stopAskedOf(context), sink.failed]);
      const written = sink.written();
      context.terminal.result(written, () => Object.entries(written).map(([table, rows]) => `${table} ${rows}`).join('\n'));
      return EXIT.done;
    }),
  );
}
