import type { Command } from 'commander';
import { ObzvonError } from '../../core/errors.ts';
import { startAmdService } from '../amd-service.ts';
import { stopAskedOf } from '../context.ts';
import { openCommandBus } from '../desk.ts';
import { EXIT } from '../exit-codes.ts';
import { serveTelemetry } from '../telemetry.ts';
import { example, type Act } from './act.ts';

export function registerAmdServe(amd: Command, act: Act): void {
  const serve = amd.command('serve').description('the detector as a service of its own, for many dialers (their amd.serviceUrl), until stopped; amd.token is needed');
  example(serve, 'OBZVON_AMD_TOKEN=... obzvon amd serve').action(
    act(async (context) => {
      const { config, log, loaded, releases } = context;
      if (loaded.origins.get('amd.token')?.kind === 'default') throw new ObzvonError('bad_config', 'amd.token: found nothing; expected the token that the dialers know as well');
      const bus = await openCommandBus(context);
      const amdService = await startAmdService(context, bus, () => context.clock.nowMs());
      releases.add('amd', () => amdService.close());
      await serveTelemetry({ listen: config.metrics.listen, healths: () => ({ bus: bus.health() }), sample: () => Promise.resolve(), log, releases });
      context.terminal.say(`hearing calls at ${amdService.url}; stop with Ctrl-C`);
      await Promise.race([stopAskedOf(context), amdService.failed]);
      return EXIT.done;
    }),
  );
}
