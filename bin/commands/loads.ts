import type { Command } from 'commander';
import { loadsOf, tellLoad } from '../../campaign-loader/index.ts';
import { attemptsTopic, commandsTopic, contactsTopic } from '../../core/bus/topics.ts';
import type { Bus } from '../../core/bus/port.ts';
import { ObzvonError } from '../../core/errors.ts';
import type { Load } from '../../core/load.ts';
import { openCommandBus, openDesk } from '../desk.ts';
import { EXIT } from '../exit-codes.ts';
import { settleOrders } from '../orders.ts';
import { example, type Act } from './act.ts';

const moment = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
const refusedOf = (load: Load): number => Object.values(load.refused).reduce((sum, count) => sum + count, 0);

function table(loads: readonly Load[]): string {
  if (loads.length === 0) return 'no load yet';
  const rows = [
    ['load', 'campaign', 'began (UTC)', 'state', 'rows', 'accepted', 'duplicates', 'refused', 'by', 'source'],
    ...loads.map((load) => [load.loadId, load.campaignId, moment(load.startedAtMs), load.state, ...(load.state === 'running' ? ['', '', '', ''] : [load.rows, load.accepted, load.duplicates, refusedOf(load)].map(String)), load.by ?? '', load.source]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const isNumber = (column: number): boolean => column >= 4 && column <= 7;
  return rows.map((row) => row.map((cell, column) => (isNumber(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!))).join('  ').trimEnd()).join('\n');
}

function details(load: Load): string {
  const lines: [string, string][] = [
    ['load', load.loadId], ['campaign', load.campaignId], ['state', `${load.state}${load.atOnce ? ', all or nothing' : ''}`],
    ...(load.reason === null ? [] : [['reason', load.reason] as [string, string]]),
    ['source', load.source],
    ...(load.contentHash === null ? [] : [['sha256', load.contentHash] as [string, string]]),
    ['read as', [load.format, load.encoding].filter((part) => part !== null).join(', ') || 'not known'],
    ['by', `${load.by ?? 'not known'}${load.version === null ? '' : `, obzvon ${load.version}`}`],
    ['began', new Date(load.startedAtMs).toISOString()],
    ...(load.state === 'running' ? [] : [['ended', new Date(load.endedAtMs).toISOString()] as [string, string]]),
    ...(load.sinceMs === null ? [] : [['since', new Date(load.sinceMs).toISOString()] as [string, string]]),
  ];
  if (load.state !== 'running') {
    lines.push(['rows', String(load.rows)], ['accepted', `${load.accepted} (held out ${load.heldOut})`], ['duplicates', String(load.duplicates)], ['refused', String(refusedOf(load))]);
    for (const [reason, count] of Object.entries(load.refused)) lines.push(['', `${reason}: ${count}`]);
    for (const [reason, count] of Object.entries(load.suppressed)) lines.push(['', `not to be called ${reason}: ${count}`]);
  }
  return lines.map(([name, value]) => `${name.padEnd(11)} ${value}`).join('\n');
}

async function findLoad(bus: Bus, loadId: string): Promise<Load> {
  const loads = await loadsOf(bus);
  const matching = loads.filter((load) => load.loadId === loadId);
  const found = matching[0] ?? (loadId.length >= 8 ? only(loads.filter((load) => load.loadId.startsWith(loadId))) : undefined);
  if (found === undefined) throw new ObzvonError('not_found', `there is no load "${loadId.slice(0, 128)}"; expected one that "obzvon load list" shows`);
  return found;
}

const only = <T>(found: readonly T[]): T | undefined => (found.length === 1 ? found[0] : undefined);

interface Revoked {
  readonly load: string;
  readonly campaign: string;
  /** On the bus. */
  readonly contacts: number;
  /** Taken back, or to be taken back by the dialer as it takes them in. */
  readonly takenBack: number;
  readonly called: number;
}

/** What is on the bus of a load: its contacts, and how many of them were called. */
async function contactsOfLoad(bus: Bus, load: Load): Promise<{ contacts: number; called: number }> {
  const contactIds = new Set<string>();
  for await (const { value } of bus.scan(contactsTopic)) if (value.loadId === load.loadId) contactIds.add(value.contactId);
  const called = new Set<string>();
  for await (const { value } of bus.scan(attemptsTopic)) if (contactIds.has(value.contactId)) called.add(value.contactId);
  return { contacts: contactIds.size, called: called.size };
}

/** The commands about loads that were made: `load list`, `load show`, `load revoke`. */
export function registerLoads(load: Command, act: Act): void {
  example(load.command('list [campaign]').description('the loads, of all campaigns or of one (its id)'), 'obzvon load list', 'obzvon load list november-debt --json').action(
    act(async (context, campaignId: string | undefined) => {
      const loads = await loadsOf(await openCommandBus(context), campaignId);
      context.terminal.result(loads, () => table(loads));
      return EXIT.done;
    }),
  );

  example(load.command('show <load>').description('one load: what was read, by whom, and what was refused'), 'obzvon load show 019a2b3c-4d5e-7f60-8a1b-2c3d4e5f6071').action(
    act(async (context, loadId: string) => {
      const found = await findLoad(await openCommandBus(context), loadId);
      context.terminal.result(found, () => details(found));
      return EXIT.done;
    }),
  );

  example(load.command('revoke <load>').description('take a load back: who was never called will not be; calls made or under way stay as they are'), 'obzvon load revoke 019a2b3c-4d5e-7f60-8a1b-2c3d4e5f6071').action(
    act(async (context, loadId: string) => {
      const { bus, ledger } = await openDesk(context);
      const found = await findLoad(bus, loadId);
      const nowMs = context.clock.nowMs();
      await bus.publish(commandsTopic, [{ key: found.campaignId, value: { kind: 'revoke_load', campaignId: found.campaignId, loadId: found.loadId, atMs: nowMs } }]);
      await settleOrders(bus, ledger, context.clock);
      // A dialer at work may have been quicker; asked once more it tells who is left.
      const { left } = await ledger.decideLoad(found.campaignId, found.loadId, 'revoked', nowMs);
      if (found.state !== 'revoked') await tellLoad(bus, { ...found, state: 'revoked', reason: 'taken back by an operator', endedAtMs: Math.max(nowMs, found.endedAtMs) });
      const { contacts, called } = await contactsOfLoad(bus, found);
      const stay = Math.max(called, left);
      const revoked: Revoked & { readonly left: number } = { load: found.loadId, campaign: found.campaignId, contacts, takenBack: contacts - stay, called, left };
      context.terminal.result(revoked, () =>
        [
          `${found.loadId}: taken back`,
          `  ${contacts - stay} of its ${contacts} contacts were not called and will not be`,
          `  ${stay} were called or are in a call: they are left as they are${left === 0 ? '' : `, ${left} of them not yet ended`}`,
        ].join('\n'),
      );
      return EXIT.done;
    }),
  );
}
