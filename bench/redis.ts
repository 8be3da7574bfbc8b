import { Redis } from 'ioredis';
import type { Attempt } from '../core/attempt.ts';
import type { Contact } from '../core/contact.ts';
import { newId } from '../core/ids.ts';
import { startRedis } from '../deploy/local/redis.ts';
import { openLedger } from '../dialer/ledger/open.ts';
import type { BegunAttempt, Ledger } from '../dialer/ledger/port.ts';
import { benchContact, openCampaign } from './dialing-rig.ts';
import { median, runIfMain, type BenchResult } from './result.ts';

/**
 * The ledger on Redis: contacts claimed, begun and settled a second, each by itself, against bare EVALSHA of an empty script that are
 * given the very arguments one such contact sends, as many at once. Both in turn on one Redis that syncs its append-only file at every
 * write. `redis.js`; BENCH_REDIS_CONTACTS, default 10,000.
 */
const CONTACTS = Number(process.env['BENCH_REDIS_CONTACTS'] ?? 10_000);
const AT_ONCE = 400;
const ROUNDS = 5;
const TARGET = 0.5;
const NOW_MS = Date.now();
const CHANNELS = [{ key: 'campaign:bench', max: 100_000 }, { key: 'trunk:main', max: 100_000 }];

async function openFilled(url: string, contacts: number): Promise<Ledger> {
  const ledger = await openLedger(url);
  await ledger.startRebuild(60_000);
  await ledger.finishRebuild(0);
  await ledger.defineCampaign(openCampaign(NOW_MS, { maxCallsPerSecond: 5000, maxChannels: 100_000 }));
  for (let first = 0; first < contacts; first += 1000) {
    await ledger.admit(Array.from({ length: Math.min(1000, contacts - first) }, (_, i) => benchContact('bench', first + i, NOW_MS)), NOW_MS);
  }
  return ledger;
}

function begunOf({ phones }: Contact): BegunAttempt {
  return { attemptId: newId(NOW_MS), attemptNumber: 1, phone: phones[0]!, phoneIndex: 0, trunk: 'main', callerId: '+380440001001', dialerId: 'bench', begunAtMs: NOW_MS };
}

/** Each field by its name: an object made of the rest of another takes 36 microseconds to make and to write as JSON, this one 3. */
function attemptOf({ contactId, accountId, group, language, timezone }: Contact, begun: BegunAttempt): Attempt {
  return {
    attemptId: begun.attemptId, contactId, campaignId: 'bench', accountId, group, language, timezone, attemptNumber: begun.attemptNumber, phone: begun.phone, phoneIndex: begun.phoneIndex,
    trunk: begun.trunk, callerId: begun.callerId, dialerId: begun.dialerId, outcome: 'no_answer', endedBy: 'dialer', sipStatus: 487, q850Cause: 0,
    startedAtMs: begun.begunAtMs, endedAtMs: begun.begunAtMs + 30_000, answeredAtMs: null, postDialDelayMs: 900, ringMs: 29_000,
    verdict: null, verdictConfidence: null, verdictReason: null, verdictAudioMs: null, verdictLatencyMs: null, talkMs: 0, messageMs: 0, heardMs: 0,
    heardWhole: false, digits: '', response: { kind: 'none' },
  };
}

async function throughOne(ledger: Ledger): Promise<void> {
  const [claim] = await ledger.claim({ campaignId: 'bench', dialerId: 'bench', limit: 1, nowMs: NOW_MS, leaseMs: 600_000 });
  if (claim === undefined) throw new Error('nobody was due');
  const begun = begunOf(claim.facts.contact);
  const result = await ledger.begin(claim.lease, begun, claim.facts, CHANNELS);
  if (result.kind !== 'begun') throw new Error(`begin gave ${result.kind}`);
  const attempt = attemptOf(claim.facts.contact, begun);
  const settled = await ledger.settle(claim.lease, { attempt, next: { kind: 'close', disposition: 'exhausted', reason: 'bench' }, optOut: [], nowMs: NOW_MS });
  if (settled !== 'settled') throw new Error(`settle gave ${settled}`);
}

async function perSecond(contacts: number, work: () => Promise<void>): Promise<number> {
  let left = contacts;
  const startedMs = performance.now();
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (left-- > 0) await work();
  }));
  return (contacts / (performance.now() - startedMs)) * 1000;
}

/** The arguments of the scripts that one contact sends, as Redis saw them. */
async function argumentsOfOne(url: string): Promise<string[][]> {
  const ledger = await openFilled(`${url}?prefix=recorded`, 1);
  const client = new Redis(url);
  const watcher = await client.monitor();
  const seen: string[][] = [];
  watcher.on('monitor', (_time: string, args: string[]) => {
    if (args[0]?.toLowerCase() === 'evalsha') seen.push(args.slice(2));
  });
  await throughOne(ledger);
  while (seen.length < 3) await new Promise((resolve) => setTimeout(resolve, 10));
  watcher.disconnect();
  client.disconnect();
  await ledger.close();
  return seen;
}

export async function benchRedis(): Promise<BenchResult> {
  const redis = await startRedis({ appendfsync: 'always' });
  try {
    const commands = await argumentsOfOne(redis.url);
    const bare = new Redis(redis.url, { enableAutoPipelining: true });
    const sha = String(await bare.script('LOAD', 'return 1'));
    const ours: number[] = [];
    const peer: number[] = [];
    // One round of each uncounted: both are compiled while they run.
    for (let round = 0; round <= ROUNDS; round++) {
      const bareRate = await perSecond(CONTACTS, async () => {
        for (const [keys, ...rest] of commands) await bare.evalsha(sha, Number(keys), ...rest);
      });
      const ledger = await openFilled(`${redis.url}?prefix=round${round}`, CONTACTS);
      const ownRate = await perSecond(CONTACTS, () => throughOne(ledger));
      await ledger.close();
      if (round === 0) continue;
      peer.push(bareRate);
      ours.push(ownRate);
    }
    bare.disconnect();
    return {
      name: 'ledger on Redis', unit: 'contacts/s', ours: Math.round(median(ours)), peer: Math.round(median(peer)),
      peerName: `${commands.length} bare EVALSHA of an empty script with the same arguments`, ratio: median(ours.map((rate, round) => rate / peer[round]!)), target: TARGET,
      detail: `each claimed, begun and settled; ${CONTACTS} contacts, ${AT_ONCE} at once, every write synced, median of ${ROUNDS} rounds after one uncounted, ratio by rounds; ours ${ours.map(Math.round).join(', ')}; bare ${peer.map(Math.round).join(', ')}`,
    };
  } finally {
    await redis.stop();
  }
}

await runIfMain(import.meta.url, benchRedis);
