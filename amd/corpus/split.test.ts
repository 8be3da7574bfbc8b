import { expect, test } from 'vitest';
import { foldOf, splitOf } from './split.ts';

const of = (source: string, speaker: string): ReturnType<typeof splitOf> => splitOf({ source, voice: `${source}/${speaker}` });

test('a voice goes where its namesake of another source goes', () => {
  expect(of('tts_festival', 's0016')).toBe('test');
  expect(of('festival', 'voice_msu_ru_nsh_clunits')).toBe('test');
  expect(of('festival', 'voice_kal_diphone')).toBe('train');
  expect(foldOf('festival/voice_kal_diphone', 0)).toBe(foldOf('tts_flite/s0001', 0));
});

test('the other voices of a source that is only learnt from are learnt from, persons by chance', () => {
  expect(of('festival', 'voice_czech_dita')).toBe('train');
  const persons = Array.from({ length: 300 }, (_, number) => of('mycroft', `s${number}`));
  expect(persons.filter((part) => part === 'test').length).toBeGreaterThan(70);
  expect(persons.filter((part) => part === 'test').length).toBeLessThan(130);
});
