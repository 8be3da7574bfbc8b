import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { joined, silence, sine } from '../amd/corpus/signals.ts';
import { LABELS_FILE } from '../amd/label/labels.ts';
import { encodeWav, readWav } from '../amd/wav.ts';
import { sampleAttempt, sampleContact } from '../analytics/samples.ts';
import type { Attempt } from '../core/attempt.ts';
import { openBus } from '../core/bus/open.ts';
import { attemptsTopic } from '../core/bus/topics.ts';
import { createLogger } from '../core/log.ts';
import type { Verdict } from '../core/outcome.ts';
import { ringOddsSchema } from '../core/ring-odds.ts';
import { ensureBuilt, Workspace, type Ended } from './testing/command-line.ts';

let space: Workspace;
beforeAll(ensureBuilt, 180_000);
beforeEach(() => {
  space = new Workspace();
  space.write('obzvon.yaml', '');
});
afterEach(() => space.remove());

const linesOf = (ended: Ended): unknown[] => ended.stdout.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as unknown);
const bytesOf = (pcm: Int16Array): Buffer => Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength);

describe('amd classify --raw on stdin', () => {
  const classify = (pcm: Buffer, ...options: string[]): Promise<Ended> => space.feed(pcm, 'amd', 'classify', '--raw', '--json', ...options);
  const busy = joined(silence(0.3), ...Array.from({ length: 6 }, () => joined(sine([425], 0.4), silence(0.4))));

  test('writes a line for each event', async () => {
    const ended = await classify(bytesOf(busy));
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(linesOf(ended)).toMatchObject([{ type: 'verdict', verdict: 'announcement', reason: expect.stringContaining('busy') as string }]);
    expect(ended.stderr).toContain('5.1 s of audio');
  });

  test('a person of a recording says the same as from its file, at either rate', async () => {
    const { pcm } = await readWav(fileURLToPath(new URL('../dialer/simulator/public/voices/human-short-01.wav', import.meta.url)));
    space.write('answer.wav', encodeWav(bytesOf(pcm), 8000));
    const [report] = linesOf(await space.run('amd', 'classify', 'answer.wav', '--json')) as [{ verdict: string; audioMs: number }];
    expect(linesOf(await classify(bytesOf(pcm)))[0]).toMatchObject({ verdict: report.verdict, audioMs: report.audioMs });
    const twice = Int16Array.from({ length: 2 * pcm.length }, (_, index) => pcm[index >> 1]!);
    expect(linesOf(await classify(bytesOf(twice), '--rate', '16000'))[0]).toMatchObject({ verdict: report.verdict });
  });

  test('what ends in half a sample is heard to its end, and said; what has no audio is no silence', async () => {
    const half = await classify(Buffer.alloc(16_001));
    expect(linesOf(half)).toMatchObject([{ verdict: 'silence' }]);
    expect(half.stderr).toContain('half a sample');
    for (const bytes of [0, 1]) expect(await classify(Buffer.alloc(bytes))).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('no audio came') as string });
  });

  test('limits and countries that cannot be meant are wrong usage', async () => {
    for (const option of [['--latest', '100'], ['--latest', '999999999'], ['--country', 'ZZ']]) expect(await classify(Buffer.alloc(2), ...option)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(option[1]!) as string });
  });

  test('as a campaign would decide, knowing how long it rang', async () => {
    const { pcm } = await readWav(fileURLToPath(new URL('../dialer/simulator/public/voices/human-short-05.wav', import.meta.url)));
    const campaign = readFileSync(fileURLToPath(new URL('../examples/november-debt/campaign.yaml', import.meta.url)), 'utf8');
    space.write('campaign.yaml', `${campaign}\ndetection: { ringOdds: [{ fromMs: 20000, logOdds: -3 }] }\n`);
    const told = async (...options: string[]): Promise<{ verdict: string; reason: string }> => (linesOf(await classify(bytesOf(pcm), '--campaign', 'campaign.yaml', ...options)) as [{ verdict: string; reason: string }])[0];
    expect(await told('--rang', '8000')).toEqual(await told());
    expect(await told()).toMatchObject({ verdict: 'human' });
    const late = await told('--rang', '25000');
    expect(late.verdict).not.toBe('human');
    expect(late.reason).toContain('after ringing for 25.0 s');
    expect(await classify(bytesOf(pcm), '--rang', 'long')).toMatchObject({ code: 2, stderr: expect.stringContaining('expected milliseconds') as string });
  });

  test('a rate that no stream has is wrong usage, and so is stdin without --raw', async () => {
    expect(await classify(Buffer.alloc(2), '--rate', '11025')).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('11025') as string });
    expect(await space.feed(Buffer.alloc(2), 'amd', 'classify')).toMatchObject({ code: 2, stderr: expect.stringContaining('--raw') as string });
  });
});

describe('amd evaluate', () => {
  const answer = fileURLToPath(new URL('../dialer/simulator/public/voices/human-short-01.wav', import.meta.url));

  /** A folder with labels for these recordings; one of a person's voice is there if it is named so. */
  const recordings = (...files: string[]): void => {
    space.makeDir('recorded');
    if (files.includes('answer.wav')) space.write('recorded/answer.wav', readFileSync(answer));
    space.write(`recorded/${LABELS_FILE}`, files.map((file) => `${JSON.stringify({ file, label: 'human' })}\n`).join(''));
  };

  test('a recording that is gone is named and left out, the others are heard and saved: done in part', async () => {
    recordings('gone.wav', 'answer.wav');
    const ended = await space.run('amd', 'evaluate', 'recorded', '--json');
    expect(ended, ended.stderr).toMatchObject({ code: 3 });
    expect(ended.stderr).toMatch(/recorded\/gone\.wav: cannot be read \(.*\).*left out\n[^]*1 of the 2 recordings of labels\.jsonl are left out/);
    expect(linesOf(ended)).toMatchObject([{ calls: 1, stopped: false }]);
    expect(JSON.parse(readFileSync(space.at('amd-evaluation.json'), 'utf8'))).toMatchObject({ calls: 1 });
    const text = (await space.run('amd', 'evaluate', 'recorded')).stdout;
    expect(text).not.toContain('NaN');
    // Nothing is said of the line or of what was said: nobody has noted it.
    expect(text).toMatch(/^Recorded calls, as labelled: what was said and over what line is not known\. Decided by [^]*labelled_human +1 .*\(labelled human\)/);
    expect(text).not.toMatch(/alaw|by channel|by loss|by signal to noise|a word or two|greetings/);
  });

  test.each([
    ['no recording can be read', ['recorded'], /none of the 1 recordings of labels\.jsonl could be read/],
    ['no folder is there', ['missing'], /missing: is not there; .*labels\.jsonl \(recorded calls.*clips\.jsonl \(clips/],
    ['a folder holds neither list', ['.'], /found neither labels\.jsonl nor clips\.jsonl; expected/],
    ['the place for the figures is not there', ['corpus', '--save', 'away/figures.json'], /--save away\/figures\.json: away is not there/],
    ['the place for the figures is a folder', ['corpus', '--save', '.'], /--save \.: is a folder/],
    ['half a call is asked for', ['corpus', '--calls', '1.5'], /--calls: found "1\.5"; expected a whole number from 1/],
  ])('%s: told at once, and nothing is heard', async (_what, options, message) => {
    recordings('gone.wav');
    const ended = await space.run('amd', 'evaluate', ...options);
    expect(ended, ended.stderr).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toMatch(message);
    expect(ended.stderr).not.toContain('calls/s');
  });

  test('as a campaign would decide; what is said on the command line wins over it', async () => {
    recordings('answer.wav');
    const campaign = readFileSync(fileURLToPath(new URL('../examples/november-debt/campaign.yaml', import.meta.url)), 'utf8');
    space.write('campaign.yaml', `${campaign}\ndefaultCountry: PL\ndetection: { latestDecisionMs: 3000, lostHumanCost: 25 }\n`.replace(/^defaultCountry: UA\n/m, ''));
    const evaluate = async (...options: string[]): Promise<unknown> => {
      const ended = await space.run('amd', 'evaluate', 'recorded', '--json', ...options);
      expect(ended, ended.stderr).toMatchObject({ code: 0 });
      return linesOf(ended)[0];
    };
    expect(await evaluate('--campaign', 'campaign.yaml')).toMatchObject({ latestDecisionMs: 3000, lostHumanCost: 25, country: 'PL' });
    expect(await evaluate('--campaign', 'campaign.yaml', '--latest', '4000', '--cost', '2.5')).toMatchObject({ latestDecisionMs: 4000, lostHumanCost: 2.5, country: 'PL' });
    expect(await space.run('amd', 'evaluate', 'recorded', '--campaign', 'none.yaml')).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('none.yaml') as string });
  });

  test('a signal ends it: the figures are of the calls heard so far', async () => {
    const running = space.start('amd', 'evaluate', 'corpus', '--calls', '1000000', '--part', 'all', '--json');
    while (!running.stderr().includes('of 1000000 calls')) await sleep(50);
    await sleep(500);
    running.child.kill('SIGINT');
    const ended = await running.ended;
    expect(ended, ended.stderr).toMatchObject({ code: 3, stderr: expect.stringContaining('SIGINT') as string });
    const [evaluation] = linesOf(ended) as [{ calls: number; stopped: boolean }];
    expect(evaluation.stopped).toBe(true);
    expect(evaluation.calls).toBeGreaterThan(0);
    expect(evaluation.calls).toBeLessThan(5000);
  });
});

describe('amd audit', () => {
  const log = createLogger({ level: 'silent' });
  /** 60 answered calls of campaign c1, all recorded: 40 called human, 20 a machine. */
  const verdictOf = (call: number): Verdict => (call < 40 ? 'human' : 'machine');

  const attempt = (campaignId: string, number: number, over: Partial<Attempt>): Attempt => sampleAttempt(sampleContact(campaignId, number), 1, { answeredAtMs: 1_762_160_000_000, ...over });

  beforeEach(async () => {
    space.write('obzvon.yaml', { bus: { url: 'embedded:bus' }, amd: { recordDir: 'recordings' } });
    const bus = await openBus(`embedded:${space.at('bus')}`, { nowMs: Date.now, log });
    const attempts = Array.from({ length: 60 }, (_, call) => attempt('c1', call, { attemptId: `call-${call}`, verdict: verdictOf(call), outcome: verdictOf(call) === 'human' ? 'human' : 'machine', ringMs: call % 4 === 0 ? 500 : 8000 }));
    await bus.publish(attemptsTopic, [...attempts, attempt('c2', 0, { verdict: 'human' })].map((value) => ({ key: value.contactId, value })));
    await bus.close();
    mkdirSync(space.at('recordings'));
    for (const { attemptId } of attempts) space.write(`recordings/${attemptId}.wav`, encodeWav(Buffer.alloc(1600), 8000));
  });

  const audit = (...options: string[]): Promise<Ended> => space.run('amd', 'audit', '--campaign', 'c1', '--json', ...options);

  test('draws a sample, waits until it is heard, and then corrects the reach by what the ear found', async () => {
    const drawn = await audit('--sample', '30');
    expect(drawn, drawn.stderr).toMatchObject({ code: 3, stderr: expect.stringContaining('obzvon amd label recordings --sample') as string });
    const path = space.at('recordings/audit-c1.jsonl');
    const sample = readFileSync(path, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as { attemptId: string; verdict: string });
    expect(sample.length).toBeGreaterThanOrEqual(30);
    expect(new Set(sample.map(({ attemptId }) => attemptId)).size).toBe(sample.length);
    expect(sample.every(({ attemptId, verdict }) => verdict === verdictOf(Number(attemptId.slice(5))))).toBe(true);

    // Of those called human every fourth is none; of the machines every second is a person.
    const human = sample.filter(({ verdict }) => verdict === 'human');
    const machine = sample.filter(({ verdict }) => verdict === 'machine');
    const labels = [...human.map((call, index) => ({ call, label: index % 4 === 0 ? 'machine' : 'human' })), ...machine.map((call, index) => ({ call, label: index % 2 === 0 ? 'human' : 'machine' }))];
    writeFileSync(space.at(`recordings/${LABELS_FILE}`), labels.map(({ call, label }) => `${JSON.stringify({ file: `${call.attemptId}.wav`, label, atMs: 1 })}\n`).join(''));
    const heard = await audit();
    expect(heard, heard.stderr).toMatchObject({ code: 0 });
    const [report] = linesOf(heard) as [{ unlabelled: number; figures: { reached: { told: number; corrected: { value: number; low: number; high: number } } } }];
    expect(report).toMatchObject({ campaign: 'c1', sample: sample.length, unlabelled: 0 });
    const { told, corrected } = report.figures.reached;
    const share = (all: readonly unknown[], found: number): number => found / all.length;
    const truly = 40 * share(human, human.length - Math.ceil(human.length / 4)) + 20 * share(machine, Math.ceil(machine.length / 2));
    expect(told).toBe(40);
    expect(corrected.value).toBeCloseTo(truly, 0);
    expect(corrected.low).toBeLessThan(truly);
    expect(corrected.high).toBeGreaterThan(truly);
    expect((await space.run('amd', 'audit', '--campaign', 'c1')).stdout).toMatch(/answered by a person\s+40 by their outcome, \d+ corrected[\s\S]*what ring time tells\s+not known: too few/);
  });

  test('says what the ring time tells of who answers, as a campaign takes it', async () => {
    await audit('--sample', '60');
    // Whoever answers at once is a phone that is off.
    writeFileSync(space.at(`recordings/${LABELS_FILE}`), Array.from({ length: 60 }, (_, call) => `${JSON.stringify({ file: `call-${call}.wav`, label: call % 2 === 1 ? 'human' : 'machine', atMs: 1 })}\n`).join(''));
    const [report] = linesOf(await audit()) as [{ ring: { fromMs: number; persons: number; recordings: number; logOdds: number }[] }];
    expect(report.ring[0]).toMatchObject({ fromMs: 0, persons: 0, recordings: expect.closeTo(0.5, 6) as number });
    expect(report.ring[0]!.logOdds).toBeLessThan(-0.3);
    const [, odds] = /detection\.ringOdds: (.*)$/m.exec((await space.run('amd', 'audit', '--campaign', 'c1')).stdout)!;
    expect(ringOddsSchema.parse(JSON.parse(odds!))).toEqual(report.ring.map(({ fromMs, logOdds }) => ({ fromMs, logOdds })));
  });

  test('a sample once drawn is kept, whatever is asked for later', async () => {
    await audit('--sample', '10', '--seed', '1');
    const first = readFileSync(space.at('recordings/audit-c1.jsonl'), 'utf8');
    await audit('--sample', '20', '--seed', '2');
    expect(readFileSync(space.at('recordings/audit-c1.jsonl'), 'utf8')).toBe(first);
  });

  test.each([
    ['a campaign that has not called', ['--campaign', 'nobody'], /nobody: found no answered call with a verdict/],
    ['a folder without its recordings', ['--campaign', 'c2'], /found no recording of this campaign's 1 answered calls/],
    ['a sample of none', ['--campaign', 'c1', '--sample', '0'], /--sample: found "0"/],
  ])('%s is told, and nothing is drawn', async (_what, options, message) => {
    const ended = await space.run('amd', 'audit', ...options);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toMatch(message);
  });
});
