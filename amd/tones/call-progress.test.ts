import { describe, expect, test } from 'vitest';
import { joined, repeated, seededRandom, silence } from '../corpus/signals.ts';
import { tonesIn } from './evaluate-tones.ts';
import { tones } from './synthetic-tones.ts';
import { TONE_PLANS } from './tone-plans.ts';

const cadence = (hz: readonly number[], onMs: number, offMs: number, times: number): Int16Array =>
  repeated(joined(tones([{ hz, seconds: onMs / 1000 }], 6000), silence(offMs / 1000)), times);

describe('the network\'s own tones', () => {
  const signals = TONE_PLANS.flatMap(({ country, signals: all }) => all.map((each) => ({ country, ...each })));

  test.each(signals.filter(({ signal }) => signal !== 'ringback'))('$country $signal ($hz Hz, $onMs/$offMs ms) is known by its third burst, and no beep', ({ country, signal, hz, onMs, offMs }) => {
    // The British reorder tone alternates two lengths: each alone is enough here.
    const events = tonesIn(joined(silence(0.2), cadence(hz, onMs, offMs, 4)), country);
    expect(events.progressMs).not.toBeNull();
    expect(events.progressMs!).toBeLessThanOrEqual(200 + 3 * onMs + 2 * offMs + 110);
    expect(events.beeps).toEqual([]);
    expect(['busy', 'reorder']).toContain(signal);
  });

  test.each(signals.filter(({ signal }) => signal === 'ringback'))('$country ringback ($hz Hz, $onMs/$offMs ms) is neither busy nor a beep', ({ country, hz, onMs, offMs }) => {
    for (const plan of [country, null]) expect(tonesIn(joined(silence(0.2), cadence(hz, onMs, offMs, 3)), plan)).toMatchObject({ progressMs: null, beeps: [], sitMs: null, faxMs: null });
  });

  // FreeSWITCH's mod_avmd takes this for a beep of 457 Hz.
  test('440 + 480 Hz is ringback at every phase and level, and no beep', () => {
    const random = seededRandom(4);
    for (let turn = 0; turn < 20; turn++) {
      const ring = tones([{ hz: [440, 480], seconds: 0.4 + 2 * random() }], 500 + 15_000 * random(), 2 * random());
      expect(tonesIn(joined(silence(0.3 + 0.01 * random()), ring, silence(1))).beeps).toEqual([]);
    }
  });

  test('a country\'s plan knows no other country\'s tones: 400 Hz is busy in Britain and a beep in Ukraine', () => {
    const once = joined(silence(0.4), tones([{ hz: [400], seconds: 0.375 }], 6000), silence(0.4));
    expect(tonesIn(once, 'GB').beeps).toEqual([]);
    expect(tonesIn(once, 'UA').beeps).toHaveLength(1);
  });

  test('a tone at another cadence is not counted', () => {
    expect(tonesIn(cadence([425], 1300, 700, 5), 'UA').progressMs).toBeNull();
  });
});
