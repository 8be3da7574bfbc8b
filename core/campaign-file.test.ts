import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCampaignFile } from './campaign-file.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'obzvon-campaign-'));
  await mkdir(join(dir, 'wav'));
  await writeFile(join(dir, 'wav', 'hello.wav'), '');
});
afterAll(() => rm(dir, { recursive: true }));

const LEAST = `id: november-debt
name: November
company: Light
startsAt: 2026-11-02T09:00:00+02:00
expiresAt: 2026-11-13T20:00:00+02:00
trunks: [main]
callerIds: ["+380440001001"]
maxCallsPerSecond: 4
maxChannels: 400
flow:
  start: greet
  steps:
    greet: { kind: say, text: { uk: "Добрий день" }, next: end }
    end: { kind: hangup }
`;

async function read(text: string): Promise<Awaited<ReturnType<typeof readCampaignFile>>> {
  const path = join(dir, 'campaign.yaml');
  await writeFile(path, text);
  return readCampaignFile(path);
}
async function refusal(text: string): Promise<string[]> {
  const error = await read(text).then(() => null, (reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'bad_input' });
  return (error as Error).message.split('\n').map((line) => line.replace(`${dir}/campaign`, 'campaign'));
}

describe('readCampaignFile', () => {
  test('gives the campaign, its times as written', async () => {
    expect(await read(LEAST)).toMatchObject({ id: 'november-debt', startsAt: '2026-11-02T09:00:00+02:00', flow: { start: 'greet' } });
  });

  test('recordings become absolute; one that is not there is refused', async () => {
    const play = LEAST.replace('{ kind: say, text: { uk: "Добрий день" }, next: end }', '{ kind: play, file: { uk: wav/hello.wav }, next: end }');
    expect((await read(play)).flow.steps.greet).toMatchObject({ file: { uk: join(dir, 'wav/hello.wav') } });
    expect(await refusal(play.replace('hello', 'gone'))).toEqual([`campaign.yaml:13: flow.steps.greet.file.uk: found no file ${join(dir, 'wav/gone.wav')}; expected a WAV file, its path relative to the campaign file`]);
  });

  test.each<[string, (text: string) => string, string]>([
    ['a key that is not there', (text) => text.replace('company: Light\n', ''), 'campaign.yaml:1: company: found nothing; expected string'],
    ['an unknown key', (text) => text.replace('maxChannels', 'maxChanels'), 'campaign.yaml:9: maxChanels: unknown key "maxChanels"; did you mean "maxChannels"?'],
    ['an unknown key deep inside', (text) => text.replace('kind: say, text', 'kind: say, esential: true, text'), 'campaign.yaml:13: flow.steps.greet.esential: unknown key "esential"; did you mean "essential"?'],
    ['an unknown key in a group with defaults', (text) => `${text}caps:\n  perDy: 2\n`, 'campaign.yaml:16: caps.perDy: unknown key "perDy"; did you mean "perDay"?'],
    ['an unknown kind of step', (text) => text.replace('hangup', 'hang_up'), 'campaign.yaml:14: flow.steps.end.kind: found "hang_up"; expected one of say, play, gather, hangup'],
    ['a text for a number', (text) => text.replace('maxCallsPerSecond: 4', 'maxCallsPerSecond: fast'), 'campaign.yaml:8: maxCallsPerSecond: found "fast"; expected number'],
    ['a phone that is none', (text) => text.replace('+380440001001', '0440001001'), 'campaign.yaml:7: callerIds[0]: found "0440001001"; expected a phone in E.164 form, such as +380671234567'],
    ['an unknown outcome', (text) => `${text}retry:\n  after:\n    bussy: { delayMinutes: 1, max: 1 }\n`, 'campaign.yaml:17: retry.after.bussy: unknown key "bussy"; did you mean "busy"?'],
    ['a step that leads nowhere', (text) => text.replace('next: end', 'next: nd'), 'campaign.yaml:13: flow.steps.greet: there is no step named "nd"; steps: greet, end'],
    ['something else altogether', () => 'just words', 'campaign.yaml:1: found "just words"; expected the keys of a campaign'],
    ['no YAML', (text) => text.replace('[main]', '[main'), 'campaign.yaml:7: not YAML:'],
  ])('%s is refused with file, line, key, found and expected', async (_name, spoil, expected) => {
    const lines = await refusal(spoil(LEAST));
    expect(lines.some((line) => line.startsWith(expected)), lines.join('\n')).toBe(true);
  });

  test('all faults come at once, in the order of the file', async () => {
    const lines = await refusal(LEAST.replace('name: November\n', 'nme: November\n').replace('maxChannels: 400', 'maxChannels: 0'));
    expect(lines.map((line) => Number(line.split(':')[1]))).toEqual([1, 2, 9]);
  });

  test('a file that is not there', async () => {
    await expect(readCampaignFile(join(dir, 'none.yaml'))).rejects.toMatchObject({ code: 'not_found', message: expect.stringContaining('none.yaml') as string });
  });
});
