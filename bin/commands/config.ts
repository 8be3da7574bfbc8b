import type { Command } from 'commander';
import { describeConfig } from '../../core/config.ts';
import { EXIT } from '../exit-codes.ts';
import { example, type Act } from './act.ts';

export function registerConfig(program: Command, act: Act): void {
  example(program.command('config').description('every key in force: value (secrets masked), where it came from, unit, default, meaning'), 'obzvon config', 'OBZVON_LOG_LEVEL=debug obzvon config --json').action(
    act((context) => {
      const rows = describeConfig(context.loaded);
      context.terminal.result(rows, () =>
        rows.map((row) => `${row.key} = ${row.value}\n    ${row.meaning} [${row.unit}]; default ${row.default}; set by ${row.origin}; environment ${row.env}`).join('\n'),
      );
      return Promise.resolve(EXIT.done);
    }),
  );
}
