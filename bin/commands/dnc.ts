import type { Command } from 'commander';
import { parsePhone, readDncList, refusedPathOf, suppressionReasonOf } from '../../campaign-loader/index.ts';
import { commandsTopic } from '../../core/bus/topics.ts';
import { SUPPRESSION_REASONS } from '../../core/contact.ts';
import { ObzvonError } from '../../core/errors.ts';
import { maskPhone } from '../../core/phone.ts';
import type { DncEntry } from '../../dialer/ledger/port.ts';
import { openCommandBus, openDesk } from '../desk.ts';
import { EXIT } from '../exit-codes.ts';
import { example, type Act } from './act.ts';
import { listSource } from '../list-source.ts';
import { sideListEnd, sideListText } from '../side-list.ts';

function phoneOf(text: string, country: string): string {
  const phone = parsePhone(text, country);
  if (phone === null) throw new ObzvonError('bad_input', `found a phone of ${text.replace(/\D/g, '').length} digits that is in no numbering plan; expected one such as +380671234567`);
  return phone.e164;
}

function expiryOf(text: string | undefined): number | null {
  const expiresAtMs = text === undefined ? null : Date.parse(text);
  if (Number.isNaN(expiresAtMs)) throw new ObzvonError('usage', `--expires: found "${text ?? ''}"; expected a date such as 2027-01-31`);
  return expiresAtMs;
}

export function registerDnc(program: Command, act: Act): void {
  const dnc = program.command('dnc').description('the do-not-call list: numbers no campaign calls');
  const country = ['--country <code>', 'country of numbers written without a code', 'UA'] as const;

  const add = dnc.command('add <phone>').description('never call this number (until a date, if one is given)').option('--reason <text>', 'why', 'added by an operator').option('--expires <date>', 'until when, such as 2027-01-31').option(...country);
  example(add, 'obzvon dnc add +380671234567 --reason "asked by letter"').action(
    act(async (context, text: string, options: { reason: string; expires?: string; country: string }) => {
      const phone = phoneOf(text, options.country);
      const expiresAtMs = expiryOf(options.expires);
      const reason = options.reason.slice(0, 200);
      await (await openCommandBus(context)).publish(commandsTopic, [{ key: phone, value: { kind: 'dnc_add', phone, reason, code: suppressionReasonOf(reason), expiresAtMs, atMs: context.clock.nowMs() } }]);
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

  const addAccount = dnc
    .command('add-account <account>')
    .description('never call this account: lists loaded from now on close it as suppressed, and the numbers it has in a campaign are not called')
    .option('--reason <code>', `one of ${SUPPRESSION_REASONS.join(', ')}, or words that mean one`, 'other')
    .option('--expires <date>', 'until when, such as 2027-01-31');
  example(addAccount, 'obzvon dnc add-account 07-100003 --reason dispute --expires 2027-01-31').action(
    act(async (context, accountId: string, options: { reason: string; expires?: string }) => {
      const atMs = context.clock.nowMs();
      await (await openCommandBus(context)).publish(commandsTopic, [{ key: accountId, value: { kind: 'suppress_add', accountId, reason: suppressionReasonOf(options.reason), expiresAtMs: expiryOf(options.expires), atMs } }]);
      context.terminal.result({ added: 1 }, () => 'the account will not be called');
      return EXIT.done;
    }),
  );

  example(dnc.command('remove-account <account>').description('lists loaded from now on may call this account again (numbers stay blocked until `dnc remove`)'), 'obzvon dnc remove-account 07-100003').action(
    act(async (context, accountId: string) => {
      await (await openCommandBus(context)).publish(commandsTopic, [{ key: accountId, value: { kind: 'suppress_remove', accountId, atMs: context.clock.nowMs() } }]);
      context.terminal.result({ removed: 1 }, () => 'the account may be called again');
      return EXIT.done;
    }),
  );

  const load = dnc
    .command('import <list>')
    .description('add a CSV list (file or -): phone or account_id, and reason and expires if they are there')
    .option('--reason <text>', 'for rows that give none')
    .option('--source <text>', 'which list it is (default: the name of the file)').option('--refused <file>', 'where refused rows go (default: <list>.refused.csv)').option(...country);
  example(load, 'obzvon dnc import do-not-call.csv').action(
    act(async (context, list: string, options: { country: string; refused?: string; reason?: string; source?: string }) => {
      const bus = await openCommandBus(context);
      const report = await readDncList(listSource(list), {
        country: options.country,
        nowMs: context.clock.nowMs(),
        refusedPath: options.refused ?? refusedPathOf(list === '-' ? 'stdin.csv' : list),
        ...(options.reason === undefined ? {} : { reason: options.reason }),
        ...(options.source === undefined ? {} : { source: options.source }),
        take: (orders) => bus.publish(commandsTopic, orders),
      });
      context.terminal.result(report, () => sideListText(report, 'numbers or accounts will not be called'));
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
