import type { Command } from 'commander';
import type { KnownPrint, PrintCatalogue } from '../../amd/fingerprint/catalogue.ts';
import { PRINT_MEANINGS, printNameSchema, type PrintEvent, type PrintMeaning } from '../../core/amd-print.ts';
import { ObzvonError } from '../../core/errors.ts';
import { readPrints, tellPrints } from '../amd-prints.ts';
import { openCommandBus } from '../desk.ts';
import { EXIT } from '../exit-codes.ts';
import { example, type Act } from './act.ts';

/** A print by its id or an unambiguous beginning of it. */
function printOf(catalogue: PrintCatalogue, text: string): KnownPrint {
  const found = catalogue.list().filter(({ id }) => id.startsWith(text));
  const print = found[0];
  if (print === undefined || found.length > 1) throw new ObzvonError('not_found', `found ${found.length} prints that begin with "${text}"; expected one (obzvon amd prints list)`);
  return print;
}

function nameOf(text: string): string {
  const parsed = printNameSchema.safeParse(text);
  if (!parsed.success) throw new ObzvonError('usage', `found a name of ${text.length} characters; expected one line of 1 to 80`);
  return parsed.data;
}

const stateText = ({ state }: KnownPrint): string => (state.kind === 'confirmed' ? `confirmed as ${state.means}` : state.kind);

export function registerAmdPrints(amd: Command, act: Act): void {
  const prints = amd.command('prints').description('fingerprints of recordings that many numbers play: learnt by themselves, they decide once an operator has confirmed them');

  example(prints.command('list').description('all known prints'), 'obzvon amd prints list').action(
    act(async (context) => {
      const list = (await readPrints(await openCommandBus(context))).list().sort((a, b) => b.lastMs - a.lastMs);
      context.terminal.result(list, () => list.length === 0 ? 'no recording has been heard from two numbers yet' : list.map((print) =>
        `${print.id}  ${stateText(print).padEnd(26)} ${String(print.callees).padStart(2)} numbers  last ${new Date(print.lastMs).toISOString().slice(0, 16)}  ${print.seconds.toFixed(1)} s  ${print.name ?? ''}`).join('\n'));
      return EXIT.done;
    }),
  );

  const say = (command: Command, told: string, event: (print: KnownPrint, args: { name: string; as: string }, atMs: number) => PrintEvent): void => {
    command.action(act(async (context, text: string, second: string | { as: string }, third?: { as: string }) => {
      const bus = await openCommandBus(context);
      const print = printOf(await readPrints(bus), text);
      const name = typeof second === 'string' ? nameOf(second) : '';
      const given = event(print, { name, as: (typeof second === 'string' ? third?.as : second.as) ?? '' }, context.clock.nowMs());
      await tellPrints(bus, [given]);
      context.terminal.result(given, () => `${print.id}: ${told}`);
      return EXIT.done;
    }));
  };
  const confirm = example(prints.command('confirm <id> <name>').description('this recording means what it is named: calls that meet it are decided by it').option('--as <meaning>', 'announcement, or machine for an operator\'s voicemail', 'announcement'), 'obzvon amd prints confirm 3f2a "number not in service"');
  say(confirm, 'confirmed; every dialer goes by it from now on', (print, { name, as }, atMs) => {
    if (!PRINT_MEANINGS.includes(as as PrintMeaning)) throw new ObzvonError('usage', `--as: found "${as}"; expected ${PRINT_MEANINGS.join(' or ')}`);
    return { kind: 'confirmed', printId: print.id, means: as as PrintMeaning, name, atMs };
  });
  say(example(prints.command('name <id> <name>').description('name a recording and leave its standing as it is'), 'obzvon amd prints name 3f2a "subscriber is busy"'), 'named',
    (print, { name }, atMs) => ({ kind: 'named', printId: print.id, name, atMs }));
  say(example(prints.command('reject <id>').description('never decide by this recording, and do not learn it again'), 'obzvon amd prints reject 3f2a'), 'rejected; no dialer goes by it',
    (print, _args, atMs) => ({ kind: 'rejected', printId: print.id, atMs }));
}
