import type { Command } from 'commander';
import { dictionary } from '../../analytics/dictionary.ts';
import { migrate } from '../../analytics/migrate.ts';
import { applyRetention } from '../../analytics/retention.ts';
import { roleStatements } from '../../analytics/role.ts';
import { minorDigits } from '../../core/currency.ts';
import { setTariff } from '../../analytics/tariffs.ts';
import { currencySchema } from '../../core/contact.ts';
import { ObzvonError } from '../../core/errors.ts';
import { EXIT } from '../exit-codes.ts';
import { example, type Act } from './act.ts';
import { connectStore, openStore, upToDateAnalytics } from '../house.ts';
import { openCommandBus } from '../desk.ts';

const figure = (text: string, name: string, least: number): number => {
  const value = Number(text);
  if (!Number.isFinite(value) || value < least) throw new ObzvonError('usage', `${name}: found "${text}"; expected a number of at least ${least}`);
  return value;
};
const wholeSeconds = (text: string, name: string): number => {
  const value = figure(text, name, 1);
  if (!Number.isInteger(value) || value > 3600) throw new ObzvonError('usage', `${name}: found "${text}"; expected whole seconds, 1 to 3600`);
  return value;
};

export function registerAnalytics(program: Command, act: Act): void {
  const analytics = program.command('analytics').description('the store that analysts query');
  example(analytics.command('migrate').description('bring the schema up to date, and how long rows are kept (analytics.keepDays)'), 'obzvon analytics migrate').action(
    act(async (context) => {
      const store = await connectStore(context);
      const applied = await migrate(store);
      const retention = await applyRetention(store, context.config.analytics.keepDays ?? null);
      context.terminal.result({ applied, retention }, () => [applied.length === 0 ? 'the schema is up to date' : `applied ${applied.join(', ')}`, ...(retention.length === 0 ? [] : [`rows are now kept ${context.config.analytics.keepDays === undefined ? 'for ever' : `${context.config.analytics.keepDays} days`} in ${retention.join(', ')}`])].join('\n'));
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
  example(analytics.command('dictionary').description('tables, views and columns with their meaning, as Markdown'), 'obzvon analytics dictionary').action(
    act(async (context) => {
      const text = await dictionary(await openStore(context));
      context.terminal.result({ dictionary: text }, () => text);
      return EXIT.done;
    }),
  );
  const role = analytics.command('role').description('the SQL that makes a read-only role for analysts on a ClickHouse server').option('--database <name>', 'the database', 'default').option('--apply', 'run it there too');
  example(role, 'obzvon analytics role --database default | clickhouse-client -mn').action(
    act(async (context, options: { database: string; apply?: boolean }) => {
      const { cluster, replicaPath } = context.config.analytics;
      const store = options.apply === true ? await connectStore(context) : null;
      const layout = store?.layout ?? (cluster === undefined ? { kind: 'single' as const } : { kind: 'replicated' as const, cluster, replicaPath: replicaPath ?? '', insertQuorum: 'auto' as const });
      const statements = roleStatements(options.database, layout);
      if (store?.engine === 'chdb') throw new ObzvonError('usage', 'the embedded store has no users and no roles; expected http(s)://host:8123 in analytics.url');
      for (const statement of store === null ? [] : statements) await store?.command(statement);
      context.terminal.result({ statements, applied: store !== null }, () => statements.map((statement) => `${statement};`).join('\n'));
      return EXIT.done;
    }),
  );
  const tariff = analytics.command('tariff <trunk>').description('what a trunk costs from a day on, for the cost report').requiredOption('--per-minute <price>', 'of talk, in the currency').option('--per-call <price>', 'of a call answered, beside its talk', '0').option('--first <seconds>', 'talk that is paid at least', '1').option('--step <seconds>', 'further talk is paid in begun steps of so many seconds', '1').option('--currency <code>', 'of the price', 'UAH').option('--from <date>', 'from when on, such as 2026-11-01', '1970-01-01');
  example(tariff, 'obzvon analytics tariff main --per-minute 0.45 --first 30 --step 6 --from 2026-11-01').action(
    act(async (context, trunk: string, options: { perMinute: string; perCall: string; first: string; step: string; currency: string; from: string }) => {
      const validFromMs = Date.parse(options.from);
      if (Number.isNaN(validFromMs) || validFromMs < 0) throw new ObzvonError('usage', `--from: found "${options.from}"; expected a date such as 2026-11-01`);
      const currency = currencySchema.safeParse(options.currency);
      if (!currency.success) throw new ObzvonError('usage', `--currency: found "${options.currency}"; expected an ISO 4217 code such as UAH`);
      const made = {
        trunk, validFromMs, currency: currency.data, perMinuteMinor: 10 ** minorDigits(currency.data) * figure(options.perMinute, '--per-minute', 0), perCallMinor: 10 ** minorDigits(currency.data) * figure(options.perCall, '--per-call', 0),
        firstSeconds: wholeSeconds(options.first, '--first'), stepSeconds: wholeSeconds(options.step, '--step'), setAtMs: context.clock.nowMs(),
      };
      if (!context.config.trunks.some((one) => one.name === trunk)) context.terminal.say(`trunk "${trunk}" is not in the configuration; known: ${context.config.trunks.map((one) => one.name).join(', ')}`);
      await setTariff(await openStore(context), made);
      context.terminal.result(made, () => `${trunk}: ${options.perMinute} ${currency.data} a minute from ${options.from} on`);
      return EXIT.done;
    }),
  );
}
