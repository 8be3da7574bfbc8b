import type { Command } from 'commander';
import { simulatorOptionsSchema } from '../../dialer/simulator/options.ts';
import { forkSimulator } from '../../dialer/simulator/process.ts';
import { ObzvonError } from '../../core/errors.ts';
import { stopAskedOf } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { example, type Act } from './act.ts';

interface SimulateOptions {
  drachtioPort: string;
  freeswitchPort: string;
  seed: string;
  speed: string;
  journal?: string;
  unavailableShare: string;
}

export function registerSimulate(program: Command, act: Act): void {
  const command = program
    .command('simulate')
    .description('run a simulated drachtio-server and FreeSWITCH with a public behind them, on loopback, until stopped')
    .option('--drachtio-port <n>', 'port of the drachtio protocol', '9022')
    .option('--freeswitch-port <n>', 'port of the event socket', '8021')
    .option('--seed <text>', 'who the public is', 'obzvon')
    .option('--speed <n>', 'times as fast as the wall', '1')
    .option('--journal <file>', 'where every call is written down')
    .option('--unavailable-share <n>', 'share of INVITEs answered 503', '0');
  example(command, 'obzvon simulate --seed 7', "OBZVON_SWITCH_URL='drachtio://:cymru@127.0.0.1:9022 freeswitch://:ClueCon@127.0.0.1:8021' obzvon dial").action(
    act(async (context, options: SimulateOptions) => {
      const parsed = simulatorOptionsSchema.safeParse({
        seed: options.seed,
        speed: Number(options.speed),
        drachtioPort: Number(options.drachtioPort),
        freeswitchPort: Number(options.freeswitchPort),
        ...(options.journal === undefined ? {} : { journal: options.journal }),
        misbehaviour: { unavailableShare: Number(options.unavailableShare) },
      });
      if (!parsed.success) throw new ObzvonError('usage', parsed.error.issues.map((issue) => `--${issue.path.join('.')}: ${issue.message}`).join('; '));
      const simulator = await forkSimulator(parsed.data);
      context.releases.add('simulator', () => simulator.close());
      const address = (part: { host: string; port: number }): string => `${part.host}:${part.port}`;
      context.terminal.say(`drachtio ${address(simulator.drachtio)}, FreeSWITCH ${address(simulator.freeswitch)}; stop with Ctrl-C`);
      await stopAskedOf(context);
      const stats = await simulator.stats();
      context.terminal.result(stats, () => Object.entries(stats).map(([name, value]) => `${name} ${String(value)}`).join('\n'));
      return EXIT.done;
    }),
  );
}
