import type { Command } from 'commander';
import { startLabelServer } from '../../amd/label/label-server.ts';
import { ObzvonError } from '../../core/errors.ts';
import { readAuditSample } from '../amd-audit.ts';
import { stopAskedOf } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { example, type Act } from './act.ts';

export function registerAmdLabel(amd: Command, act: Act): void {
  const label = amd.command('label <dir>').description('hear and label the recordings of a folder in the browser, on this machine only; labels.jsonl in it is kept up to date and taken up again')
    .option('--port <port>', 'port of the page; 0: any free one', '0').option('--sample <file>', 'only the recordings that an audit has drawn, in its order');
  example(label, 'obzvon amd label data/amd-recordings').action(
    act(async (context, dir: string, options: { port: string; sample?: string }) => {
      const port = Number(options.port);
      if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new ObzvonError('usage', `--port: found "${options.port}"; expected 0 to 65535`);
      const files = options.sample === undefined ? {} : { files: (await readAuditSample(options.sample)).map(({ attemptId }) => `${attemptId}.wav`) };
      const server = await startLabelServer({ folder: dir, port, nowMs: () => context.clock.nowMs(), ...files });
      context.releases.add('label page', () => server.close());
      context.terminal.say(`open ${server.url} (${server.labelled()} of ${server.files.length} are labelled); stop with Ctrl-C`);
      await stopAskedOf(context);
      const result = { files: server.files.length, labelled: server.labelled() };
      context.terminal.result(result, () => `${result.labelled} of ${result.files} recordings are labelled`);
      return EXIT.done;
    }),
  );
}
