import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { formatReport } from '../../analytics/format.ts';
import { reachReport } from '../../analytics/report.ts';
import { upliftReport } from '../../analytics/uplift.ts';
import { attemptsTopic } from '../../core/bus/topics.ts';
import type { Attempt } from '../../core/attempt.ts';
import { ObzvonError } from '../../core/errors.ts';
import { readJournal } from '../../dialer/simulator/journal-file.ts';
import { audit, auditText } from '../audit/audit.ts';
import { confusion, confusionText } from '../confusion.ts';
import { EXIT } from '../exit-codes.ts';
import { readCampaign } from '../read-campaign.ts';
import { example, type Act } from './act.ts';
import { wholeRun } from '../whole-run.ts';

const DATA_DIR = join('.obzvon', 'demo');
/** Simulated seconds in one of the wall's while calls are under way, where the machine can speak the prompts that fast; idle hours are jumped over. */
const SPEED = 40;
const DAY_MS = 86_400_000;
/** Payments are followed this long after the start, so that the uplift by day is whole. */
const FOLLOW_DAYS = 15;
const UPLIFT_DAYS = 14;

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;

export function registerDemo(program: Command, act: Act): void {
  const command = program
    .command('demo')
    .description('the example campaign against a simulated public: load, dial, payments, reports, audit')
    .option('--example <dir>', 'the campaign to run', join('examples', 'november-debt'));
  example(command, 'obzvon demo').action(
    act(
      async (context, options: { example: string }) => {
        const startedMs = Date.now();
        const { terminal } = context;
        const campaign = await readCampaign(join(options.example, 'campaign.yaml'));
        await rm(DATA_DIR, { recursive: true, force: true });
        const { end, house, analytics, sink, tally } = await wholeRun(context, { campaign, lists: [join(options.example, 'debtors.csv')], limitMs: null });
        const { world } = house;
        if (world === null) throw new ObzvonError('usage', 'the demo runs on the simulator');
        if (end.kind === 'stopped') return EXIT.partial;
        const dialledMs = Date.now() - startedMs;
        // Billing goes on hearing of payments after the last call.
        const untilMs = Date.parse(campaign.startsAt) + FOLLOW_DAYS * DAY_MS;
        while (world.clock.nowMs() < untilMs) {
          await world.jumpTo(world.clock.nowMs() + DAY_MS / 4);
          await world.deliverPayments(house.bus);
        }
        await Promise.race([sink.caughtUp(), sink.failed]);

        const reach = await reachReport(analytics, campaign.id);
        const uplift = await upliftReport(analytics, campaign.id, { horizonDays: UPLIFT_DAYS });
        const attempts: Attempt[] = [];
        for await (const { value } of house.bus.scan(attemptsTopic)) attempts.push(value);
        const matrix = confusion(attempts, readJournal(world.journalPath));
        const planted = world.plantedEffect(Date.parse(campaign.startsAt) + UPLIFT_DAYS * DAY_MS);
        const checked = await audit({ bus: house.bus, ledger: house.ledger, analytics, campaign, journalPath: world.journalPath, nowMs: world.clock.nowMs() });
        const estimate = uplift.days.at(-1);
        const seconds = (Date.now() - startedMs) / 1000;
        terminal.result({ reach, uplift, planted, confusion: matrix, audit: checked, seconds }, () =>
          [
            formatReport(reach, 'table'),
            formatReport(uplift, 'table'),
            confusionText(matrix),
            '',
            'The effect that was planted, beside the estimate',
            `  planted: calling raised the paid share of the called by ${percent(planted.effect)} (from ${percent(planted.paidShareWithout)} to ${percent(planted.paidShareWith)}), ${planted.reached} of ${planted.called} heard the message`,
            !estimate?.share ? '  estimated: nothing, for want of a hold-out' : `  estimated: ${percent(estimate.share.difference)}, 95 % interval ${percent(estimate.share.low)} to ${percent(estimate.share.high)}`,
            '',
            auditText(checked),
            '',
            `${tally.dialled} calls to ${reach.funnel.find((step) => step.step === 'to_call')?.count ?? 0} people in ${(dialledMs / 1000).toFixed(0)} s, all in all ${seconds.toFixed(0)} s`,
            `Where to look next: the campaign in ${options.example}/campaign.yaml, refused rows in ${options.example}/debtors.refused.csv,`,
            `  obzvon --data ${DATA_DIR} report uplift --campaign ${campaign.id} --json, docs/architecture.md`,
          ].join('\n'),
        );
        return checked.ok ? EXIT.done : EXIT.failed;
      },
      {
        'data.dir': DATA_DIR,
        'log.level': 'warn',
        'switch.url': `simulator:?seed=november&speed=${SPEED}&answerProbability=0.45&skipIdle=1&waitsForSpeech=1&start=2026-11-02T09:00:00%2B02:00`,
        'dialer.drainSeconds': 3600,
      },
    ),
  );
}
