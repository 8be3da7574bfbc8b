import { describe, expect, test } from 'vitest';
import { attemptsAllowed, campaignSchema, flowFor } from './campaign.ts';

const least = {
  id: 'november-debt',
  name: 'November',
  company: 'Світло',
  startsAt: '2026-11-02T09:00:00+02:00',
  expiresAt: '2026-11-13T20:00:00+02:00',
  trunks: ['main'],
  callerIds: ['+380440001001'],
  maxCallsPerSecond: 4,
  maxChannels: 400,
  flow: { start: 'end', steps: { end: { kind: 'hangup' } } },
};
const faults = (changes: object): string[] => {
  const parsed = campaignSchema.safeParse({ ...least, ...changes });
  return parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
};

describe('campaignSchema', () => {
  test('what is not said has a default', () => {
    expect(campaignSchema.parse(least)).toMatchObject({
      holdOutShare: 0.1,
      defaultTimezone: 'Europe/Kyiv',
      window: { mon: ['09:00-20:00'], sat: ['10:00-18:00'], sun: [], holiday: [], holidays: [] },
      retry: { maxAttempts: 6, after: { busy: { delayMinutes: 20, phone: 'same' } } },
      caps: { perDay: 2, perWeek: 5, perMonth: 12, minGapMinutes: 15 },
      machine: { policy: 'hang_up', messageReaches: false },
      detection: { latestDecisionMs: 7000, lostHumanCost: 10, unsureMeans: 'human', earlyMedia: true },
      stopAtPaidShare: 0,
    });
  });

  test('a retry rule replaces the default for its outcome and no other', () => {
    const { after } = campaignSchema.parse({ ...least, retry: { after: { busy: { delayMinutes: 5, max: 1 } } } }).retry;
    expect(after.busy).toEqual({ delayMinutes: 5, max: 1, phone: 'next' });
    expect(after.no_answer).toEqual({ delayMinutes: 180, max: 4, phone: 'next' });
    expect(after.human).toBeUndefined();
  });

  test('a campaign read back from its own JSON is the same (it travels over the bus)', () => {
    const once = campaignSchema.parse({ ...least, retry: { after: { busy: { delayMinutes: 5, max: 1 } } } });
    expect(campaignSchema.parse(JSON.parse(JSON.stringify(once)))).toEqual(once);
  });

  test.each<[string, object, string]>([
    ['an end before the start', { expiresAt: '2026-11-01T00:00:00Z' }, 'expiresAt: the campaign expires before it starts'],
    ['a time without an offset', { startsAt: '2026-11-02T09:00:00' }, 'startsAt: Invalid ISO datetime'],
    ['an id that cannot be a file name', { id: '../etc' }, 'id: expected a campaign id in lower case, such as november-debt'],
    ['an unknown timezone', { defaultTimezone: 'Europe/Kiyv' }, 'defaultTimezone: expected an IANA timezone such as Europe/Kyiv'],
    ['a bare offset for a timezone', { defaultTimezone: '+02:00' }, 'defaultTimezone: expected an IANA timezone such as Europe/Kyiv'],
    ['hours that end before they begin', { window: { mon: ['20:00-09:00'] } }, 'window.mon.0: the hours end before they begin'],
    ['an hour that is none', { window: { mon: ['9-20'] } }, 'window.mon.0: expected hours such as 09:00-20:00'],
    ['a caller id that is no phone', { callerIds: ['440001001'] }, 'callerIds.0: expected a phone in E.164 form, such as +380671234567'],
    ['a message to leave, and none to say', { machine: { policy: 'leave_message' } }, 'flow.messageStart: machine.policy is leave_message: name the step where the message begins'],
    ['a step without the default language', { flow: { start: 'a', steps: { a: { kind: 'say', text: { en: 'Hello' }, next: 'end' }, end: { kind: 'hangup' } } } }, 'flow.steps.a: has no text in the default language "uk"'],
    ['more attempts tried than a contact gets', { experiment: { attempts: [2, 9] } }, 'experiment.attempts.1: found 9; expected at most retry.maxAttempts, 6'],
    ['one thing tried alone', { experiment: { firstHours: [9] } }, 'experiment.firstHours: Too small: expected array to have >=2 items'],
    ['a first hour when nobody may be called any more', { experiment: { firstHours: [9, 20] } }, 'experiment.firstHours.1: found 20; expected an hour before the calling window closes: nobody drawn for it would ever be called'],
    ['a version of the message called as the first is', { experiment: { flows: { main: least.flow } } }, 'experiment.flows.main: Invalid key in record'],
    ['a version of the message without the default language', { experiment: { flows: { short: { start: 'a', steps: { a: { kind: 'say', text: { en: 'Hello' }, next: 'end' }, end: { kind: 'hangup' } } } } } }, 'experiment.flows.short.steps.a: has no text in the default language "uk"'],
  ])('%s is refused', (_name, changes, fault) => {
    expect(faults(changes)).toContain(fault);
  });

  test('unknown keys, a share above 0.9 and a rate of 0 are refused', () => {
    for (const wrong of [{ cps: 4 }, { holdOutShare: 1 }, { maxCallsPerSecond: 0 }, { retry: { after: { answered: { delayMinutes: 1, max: 1 } } } }]) expect(faults(wrong)).not.toEqual([]);
  });
});

test('a contact has the flow and the attempts it was drawn for; drawn for what the campaign has no more, those of everybody', () => {
  const short = { start: 'short', steps: { short: { kind: 'hangup' } } };
  const campaign = campaignSchema.parse({ ...least, experiment: { attempts: [2, 6], flows: { short } } });
  expect(flowFor(campaign, { message: 'short' })).toEqual(short);
  for (const drawn of [undefined, {}, { message: 'main' }, { message: 'long' }]) expect(flowFor(campaign, drawn)).toBe(campaign.flow);
  expect([undefined, { attempts: 2 }, { attempts: 6 }, { attempts: 9 }].map((drawn) => attemptsAllowed(campaign, drawn))).toEqual([6, 2, 6, 6]);
});
