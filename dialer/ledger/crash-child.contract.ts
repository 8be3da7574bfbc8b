import { openEmbeddedLedger } from './embedded.ts';
import { sampleAttempt, sampleBegun, START_MS } from './samples.contract.ts';

/*
 * A dialer that the crash test kills: claims, begins and settles without end, and says on stdout what the ledger had
 * promised before it was killed. Arguments: directory, dialer id, time to start from.
 */
const [dir, dialerId, startText] = process.argv.slice(2) as [string, string, string];
const ledger = await openEmbeddedLedger({ dir });
let nowMs = Number(startText);
const say = (line: string) => process.stdout.write(`${line}\n`);

say('ready');
for (;;) {
  const claims = await ledger.claim({ campaignId: 'november', dialerId, limit: 20, nowMs, leaseMs: 60_000 });
  await Promise.all(
    claims.map(async (claim) => {
      const { lease, orphan } = claim;
      if (orphan !== null) {
        const attempt = sampleAttempt(claim, orphan, { outcome: 'lost', endedBy: 'crash' });
        await ledger.settle(lease, { attempt, next: { kind: 'wait', dueAtMs: nowMs, reason: 'retry' }, optOut: [], nowMs });
        say(`settled ${orphan.attemptId}`);
        return;
      }
      const begun = sampleBegun(claim, { begunAtMs: nowMs });
      if ((await ledger.begin(lease, begun, claim.facts, [{ key: 'trunk-a', max: 100 }])).kind !== 'begun') throw new Error('not begun');
      say(`begun ${begun.attemptId}`);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
      const last = claim.facts.attempts.length >= 2;
      await ledger.settle(lease, {
        attempt: sampleAttempt(claim, begun),
        next: last ? { kind: 'close', disposition: 'exhausted', reason: 'three attempts' } : { kind: 'wait', dueAtMs: START_MS, reason: 'retry' },
        optOut: [],
        nowMs,
      });
      say(`settled ${begun.attemptId}`);
    }),
  );
  nowMs += 1;
  if (claims.length === 0) {
    say('idle');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
