import type { Command as Program } from 'commander';
import { z } from 'zod';
import { attemptsTopic, commandsTopic, contactsTopic, dispositionsTopic, paymentsTopic } from '../../core/bus/topics.ts';
import type { Bus } from '../../core/bus/port.ts';
import { ObzvonError } from '../../core/errors.ts';
import { campaignHolidays } from '../../core/hours/holidays.ts';
import { decideCall } from '../../dialer/rules/decide.ts';
import type { Ledger } from '../../dialer/ledger/port.ts';
import type { Analytics } from '../../analytics/client.ts';
import { openDesk } from '../desk.ts';
import { EXIT } from '../exit-codes.ts';
import { upToDateAnalytics } from '../house.ts';
import { timelineOf, type AccountHistory, type HistoryEvent } from '../why/timeline.ts';
import { example, type Act } from './act.ts';

interface Standing {
  readonly status: string;
  /** What the rules say of the contact just now. */
  readonly decision: string;
}

/** Reads every topic once; memory is for this account's messages only. */
async function historyOf(bus: Bus, campaignId: string, accountId: string): Promise<AccountHistory> {
  const ours = (value: { readonly campaignId: string; readonly accountId: string }): boolean => value.accountId === accountId && value.campaignId === campaignId;
  const history = { contacts: [], attempts: [], closed: [], payments: [], commands: [] } as { -readonly [K in keyof AccountHistory]: AccountHistory[K][number][] };
  for await (const { value } of bus.scan(contactsTopic)) if (ours(value)) history.contacts.push(value);
  for await (const { value } of bus.scan(attemptsTopic)) if (ours(value)) history.attempts.push(value);
  for await (const { value } of bus.scan(dispositionsTopic)) if (ours(value)) history.closed.push(value);
  for await (const { value } of bus.scan(paymentsTopic)) if (value.accountId === accountId) history.payments.push(value);
  for await (const { value } of bus.scan(commandsTopic)) if (!('campaignId' in value) || value.campaignId === campaignId) history.commands.push(value);
  return history;
}

async function standingOf(ledger: Ledger, campaignId: string, accountId: string, nowMs: number): Promise<Standing> {
  const facts = await ledger.contactByAccount(campaignId, accountId);
  if (facts === null) return { status: 'unknown', decision: 'the ledger has not taken the contact in: no dialer has run since the load' };
  const state = (await ledger.campaigns()).find((each) => each.campaign.id === campaignId);
  const due = facts.dueAtMs === null ? '' : `, due ${new Date(facts.dueAtMs).toISOString()}`;
  if (state === undefined) return { status: `${facts.status}${due}`, decision: 'the ledger knows no such campaign' };
  if (state.mode !== 'running') return { status: `${facts.status}${due}`, decision: `nobody is called: the campaign is ${state.mode}` };
  if (facts.status !== 'waiting') return { status: `${facts.status}${due}`, decision: facts.status === 'leased' || facts.status === 'calling' ? 'a dialer has it in hand' : 'it has ended: nobody calls it again in this campaign' };
  const decision = decideCall(facts, state.campaign, { nowMs, holidays: campaignHolidays(state.campaign) });
  switch (decision.kind) {
    case 'call':
      return { status: `${facts.status}${due}`, decision: `may be called now, on phone ${decision.phoneIndex + 1} of ${facts.contact.phones.length}, as soon as rate and channels allow` };
    case 'wait':
      return { status: `${facts.status}${due}`, decision: `waits until ${new Date(decision.dueAtMs).toISOString()}; the rule: ${decision.reason}` };
    case 'close':
      return { status: `${facts.status}${due}`, decision: `will end as ${decision.disposition}; the rule: ${decision.reason}` };
    default:
      return decision satisfies never;
  }
}

const countSchema = z.object({ attempts: z.coerce.number(), disposition: z.string() });

async function inAnalytics(analytics: Analytics, campaign: string, account: string): Promise<z.output<typeof countSchema>> {
  const sql = `SELECT (SELECT count() FROM v_attempts WHERE campaign_id = {campaign:String} AND account_id = {account:String}) AS attempts,
    ifNull((SELECT any(disposition) FROM v_dispositions WHERE campaign_id = {campaign:String} AND account_id = {account:String}), '') AS disposition`;
  const [row] = await analytics.query(sql, countSchema, { campaign, account });
  return row ?? { attempts: 0, disposition: '' };
}

const line = (event: HistoryEvent): string => `${new Date(event.atMs).toISOString()}  ${event.text}`;

export function registerWhy(program: Program, act: Act): void {
  const command = program.command('why').description('everything that happened to one debtor, in order, and the rule by which it is called or not').requiredOption('--campaign <id>', 'the campaign').requiredOption('--account <id>', "billing's account");
  example(command, 'obzvon why --campaign november-debt --account 1234567').action(
    act(async (context, options: { campaign: string; account: string }) => {
      const { bus, ledger } = await openDesk(context);
      const history = await historyOf(bus, options.campaign, options.account);
      if (history.contacts.length === 0) throw new ObzvonError('not_found', `no contact of that account was loaded into campaign "${options.campaign.slice(0, 64)}"; its row may be among the refused ones, beside the list`);
      const events = timelineOf(history);
      const standing = await standingOf(ledger, options.campaign, options.account, context.clock.nowMs());
      const stored = await inAnalytics(await upToDateAnalytics(context, bus), options.campaign, options.account);
      const told = new Set(history.attempts.map((attempt) => attempt.attemptId)).size;
      context.terminal.result({ campaign: options.campaign, events, ...standing, analytics: stored }, () =>
        [
          ...events.map(line),
          '',
          `now: ${standing.status}; ${standing.decision}`,
          `analytics: ${stored.attempts} attempts${stored.attempts === told ? '' : ` (the bus has ${told})`}, ${stored.disposition === '' ? 'not ended' : `ended as ${stored.disposition}`}`,
        ].join('\n'),
      );
      return EXIT.done;
    }),
  );
}
