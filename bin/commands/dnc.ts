import type { Command } from 'commander';
import { parsePhone, readDncList, refusedPathOf } from '../../campaign-loader/index.ts';
import { commandsTopic } from '../../core/bus/topics.ts';
import { ObzvonError } from '../../core/errors.ts';
import { maskPhone } from '../../core/phone.ts';
import type { DncEntry } from '../../dialer/ledger/port.ts';
import { openCommandBus, openDesk } from '../desk.ts';
import { EXIT } from '../exit-codes.ts';
import { example, type Act } from './act.ts';
import { listSource } from '../list-source.ts';
import { sideListEnd, sideListText } from './payments.ts';

function phoneOf(text: string, country: string): string {
  const phone = parsePhone(text, country);
  if (phone === null) throw new ObzvonError('bad_input', `found a phone of ${text.replace(/\D/g, '').length} digits that is in no numbering plan; expected one such as +380671234567`);
  return phone.e164;
}

export function registerDnc(program: Command, act: Act): void {
  const dnc = program.command('dnc').description('the do-not-call list: numbers no campaign calls');
  const country = ['--country <code>', 'country of numbers written without a code', 'UA'] as const;

  const add = dnc.command('add <phone>').description('never call this number (until a date, if one is given)').option('--reason <text>', 'why', 'added by an operator').option('--expires <date>', 'until when, such as 2027-01-31').option(...country);
  example(add, 'obzvon dnc add +380671234567 --reason "asked by letter"').action(
    act(async (context, text: string, options: { reason: string; expires?: string; country: string }) => {
      const phone = phoneOf(text, options.country);
      const expiresAtMs = options.expires === undefined ? null : Date.parse(options.expires);
      if (Number.isNaN(expiresAtMs)) throw new ObzvonError('usage', `--expires: found "${options.expires ?? ''}"; expected a date such as 2027-01-31`);
      await (await openCommandBus(context)).publish(commandsTopic, [{ key: phone, value: { kind: 'dnc_add', phone, reason: options.reason.slice(0, 200), expiresAtMs, atMs: context.clock.nowMs() } }]);
      context.terminal.result({ added: 1 }, () => `${maskPhone(phone)}: will not be called`);
      return EXIT.done;
    }),
  );

  example(dnc.command('remove <phone>').description('this number may be called again').option(...country), 'obzvon dnc remove +380671234567').action(
    act(async (context, text: string, options: { country: string }) => {
      const phone = phoneOf(text, options.country);
      await (await openCommandBus(context)).publish(commandsTopic, [{ key: phone, value: { kind: 'dnc_remove', phone, atMs: context.clock.nowMs() } }]);
      context.terminal.result({ removed: 1 }, () => `${maskPhone(phone)}: may be called again`);
      return EXIT.done;
    }),
  );

  const load = dnc.command('import <list>').description('add a CSV list (file or -): phone, and reason and expires if they are there').option('--refused <file>', 'where refused rows go (default: <list>.refused.csv)').option(...country);
  example(load, 'obzvon dnc import do-not-call.csv').action(
    act(async (context, list: string, options: { country: string; refused?: string }) => {
      const bus = await openCommandBus(context);
      const report = await readDncList(listSource(list), {
        country: options.country,
        nowMs: context.clock.nowMs(),
        refusedPath: options.refused ?? refusedPathOf(list === '-' ? 'stdin.csv' : list),
        take: (orders) => bus.publish(commandsTopic, orders),
      });
      context.terminal.result(report, () => sideListText(report, 'numbers will not be called'));
      return sideListEnd(report);
    }),
  );

  example(dnc.command('list').description('the numbers on the list, whole (they are asked for by name here)'), 'obzvon dnc list --json').action(
    act(async (context) => {
      const { ledger } = await openDesk(context);
      const entries: DncEntry[] = [];
      for await (const entry of ledger.listDnc()) entries.push(entry);
      context.terminal.result(entries, () =>
        entries.length === 0
          ? 'the list is empty'
          : entries.map((entry) => `${entry.phone}  since ${new Date(entry.addedAtMs).toISOString().slice(0, 10)}${entry.expiresAtMs === null ? '' : ` until ${new Date(entry.expiresAtMs).toISOString().slice(0, 10)}`}  ${entry.reason}`).join('\n'),
      );
      return EXIT.done;
    }),
  );
}
