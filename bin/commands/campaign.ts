import type { Command } from 'commander';
import { commandsTopic, contactsTopic } from '../../core/bus/topics.ts';
import type { Clock } from '../../core/clock.ts';
import { keyOfCommand, type Command as Order } from '../../core/command.ts';
import { ObzvonError } from '../../core/errors.ts';
import { DIALER_GROUP } from '../../dialer/engine/intake.ts';
import type { CampaignCounts, CampaignState, Ledger } from '../../dialer/ledger/port.ts';
import { openDesk, type Desk } from '../desk.ts';
import { EXIT } from '../exit-codes.ts';
import { settleOrders } from '../orders.ts';
import { example, type Act } from './act.ts';

async function stateOf(ledger: Ledger, id: string): Promise<CampaignState> {
  const states = await ledger.campaigns();
  const state = states.find((each) => each.campaign.id === id);
  if (state === undefined) throw new ObzvonError('not_found', `there is no campaign "${id}" in the ledger; known: ${states.map((each) => each.campaign.id).join(', ') || 'none'}`);
  return state;
}

/** Orders go over the bus, so that every dialer hears them, also one that is started later. */
async function give(clock: Clock, { bus, ledger }: Desk, order: Order): Promise<void> {
  await bus.publish(commandsTopic, [{ key: keyOfCommand(order), value: order }]);
  await settleOrders(bus, ledger, clock);
}

/** @param loading contacts of any campaign on the bus that no dialer has taken in yet */
function statusText(state: CampaignState, counts: CampaignCounts, loading: number): string {
  const closed = Object.entries(counts.closed).filter(([, count]) => count > 0).map(([name, count]) => `${name} ${count}`);
  return [
    `${state.campaign.id} (${state.campaign.name}): ${state.mode}, at most ${state.maxCallsPerSecond} calls/s and ${state.maxChannels} channels`,
    `  contacts  ${counts.contacts}: waiting ${counts.waiting} (due now ${counts.due}), in flight ${counts.inFlight}`,
    ...(loading === 0 ? [] : [`  loaded    ${loading} more, of all campaigns, which the next dialer takes in`]),
    `  closed    ${closed.join(', ') || 'none'}`,
    `  attempts  ${counts.attempts}`,
    ...(counts.nextDueAtMs === null ? [] : [`  next due  ${new Date(counts.nextDueAtMs).toISOString()}`]),
  ].join('\n');
}

const positive = (text: string | undefined, name: string): number | undefined => {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new ObzvonError('usage', `${name}: found "${text}"; expected a number above 0`);
  return value;
};

export function registerCampaign(program: Command, act: Act): void {
  const campaign = program.command('campaign').description('look at campaigns and steer them while they run');

  example(campaign.command('list').description('all campaigns and how far they are'), 'obzvon campaign list').action(
    act(async (context) => {
      const { bus, ledger } = await openDesk(context);
      const loading = await bus.lag(contactsTopic, DIALER_GROUP);
      const nowMs = context.clock.nowMs();
      const rows = await Promise.all((await ledger.campaigns()).map(async (state) => ({ state, counts: await ledger.counts(state.campaign.id, nowMs) })));
      context.terminal.result(
        rows.map(({ state, counts }) => ({ id: state.campaign.id, name: state.campaign.name, mode: state.mode, ...counts })),
        () => (rows.length === 0 ? 'no campaign yet' : rows.map(({ state, counts }) => statusText(state, counts, loading)).join('\n')),
      );
      return EXIT.done;
    }),
  );

  example(campaign.command('status <id>').description('one campaign: contacts by state, attempts, caps in force'), 'obzvon campaign status november-debt --json').action(
    act(async (context, id: string) => {
      const { bus, ledger } = await openDesk(context);
      const state = await stateOf(ledger, id);
      const counts = await ledger.counts(id, context.clock.nowMs());
      const loading = await bus.lag(contactsTopic, DIALER_GROUP);
      context.terminal.result({ id, name: state.campaign.name, mode: state.mode, maxCallsPerSecond: state.maxCallsPerSecond, maxChannels: state.maxChannels, ...counts, loading }, () => statusText(state, counts, loading));
      return EXIT.done;
    }),
  );

  for (const [kind, description] of [
    ['pause', 'start no more calls until resumed'],
    ['resume', 'go on after a pause'],
    ['stop', 'end the campaign for good: contacts not ended become expired'],
  ] as const) {
    example(campaign.command(`${kind} <id>`).description(description), `obzvon campaign ${kind} november-debt`).action(
      act(async (context, id: string) => {
        const desk = await openDesk(context);
        await stateOf(desk.ledger, id);
        await give(context.clock, desk, { kind, campaignId: id, atMs: context.clock.nowMs() });
        context.terminal.result({ campaign: id, ordered: kind }, () => `${id}: ${kind} ordered`);
        return EXIT.done;
      }),
    );
  }

  const set = campaign.command('set <id>').description('change caps while it runs').option('--cps <n>', 'calls per second at most').option('--channels <n>', 'calls at once at most');
  example(set, 'obzvon campaign set november-debt --cps 20').action(
    act(async (context, id: string, options: { cps?: string; channels?: string }) => {
      const desk = await openDesk(context);
      await stateOf(desk.ledger, id);
      const maxCallsPerSecond = positive(options.cps, '--cps');
      const maxChannels = positive(options.channels, '--channels');
      if (maxCallsPerSecond === undefined && maxChannels === undefined) throw new ObzvonError('usage', 'nothing to change; expected --cps or --channels');
      if (maxChannels !== undefined && !Number.isInteger(maxChannels)) throw new ObzvonError('usage', `--channels: found ${maxChannels}; expected a whole number`);
      await give(context.clock, desk, {
        kind: 'set', campaignId: id, atMs: context.clock.nowMs(),
        ...(maxCallsPerSecond === undefined ? {} : { maxCallsPerSecond }),
        ...(maxChannels === undefined ? {} : { maxChannels }),
      });
      context.terminal.result({ campaign: id, maxCallsPerSecond, maxChannels }, () => `${id}: new caps ordered`);
      return EXIT.done;
    }),
  );
}
