import { z } from 'zod';
import { capsSchema } from '../caps.ts';
import { hoursSchema } from '../hours/calling-window.ts';
import defaultUtility from './rule-sets/default-utility.json' with { type: 'json' };
import ru230fz from './rule-sets/ru-230fz.json' with { type: 'json' };
import ua1349 from './rule-sets/ua-1349.json' with { type: 'json' };
import usRegF from './rule-sets/us-regf.json' with { type: 'json' };

export const RULE_SET_IDS = ['default-utility', 'ru-230fz', 'ua-1349', 'us-regf'] as const;
export const ruleSetIdSchema = z.enum(RULE_SET_IDS);
export type RuleSetId = z.infer<typeof ruleSetIdSchema>;

export const NOT_LEGAL_ADVICE = 'This is not legal advice: whether and how the law binds you is for your lawyer to say.';

const hours = z.array(hoursSchema);
const caps = capsSchema.shape;

/** When and how often a law (or a house rule) lets people be called, with where that was read. None of it is legal advice. */
export const ruleSetSchema = z.strictObject({
  id: ruleSetIdSchema,
  title: z.string().min(1),
  notice: z.literal(NOT_LEGAL_ADVICE),
  kind: z.enum(['law', 'house_rule']),
  /** Law, article and part; null for a house rule. */
  law: z.string().nullable(),
  appliesTo: z.string().min(1),
  /** When the sources were last looked at. */
  checkedOn: z.iso.date(),
  /** `read`: its text was within reach on that day. */
  sources: z.array(z.strictObject({ url: z.url(), read: z.boolean(), says: z.string().min(1) })),
  /** Local time of the callee. */
  hours: z.strictObject({ mon: hours, tue: hours, wed: hours, thu: hours, fri: hours, sat: hours, sun: hours, holiday: hours }),
  /** Whose public holidays `hours.holiday` is for; null: the campaign's. */
  holidayCountry: z.string().regex(/^[A-Z]{2}$/).nullable(),
  caps: z.strictObject({
    perDay: caps.perDay.unwrap().optional(),
    dayIs: caps.dayIs.unwrap().optional(),
    perWeek: caps.perWeek.unwrap().optional(),
    perMonth: caps.perMonth.unwrap().optional(),
    restAfterConversationDays: caps.restAfterConversationDays.unwrap().optional(),
    minGapMinutes: caps.minGapMinutes.unwrap().optional(),
  }),
  /** Where the law can be read two ways, which reading is taken: always the stricter. */
  readings: z.array(z.string()),
  /** What the law asks for that a dialer's hours and caps cannot hold. */
  notCovered: z.array(z.string()),
});
export type RuleSet = z.infer<typeof ruleSetSchema>;

const ruleSets = new Map<string, RuleSet>([defaultUtility, ru230fz, ua1349, usRegF].map((data) => ruleSetSchema.parse(data)).map((ruleSet) => [ruleSet.id, ruleSet]));

export function ruleSetOf(id: RuleSetId): RuleSet {
  return ruleSets.get(id)!;
}

export function isRuleSetId(id: unknown): id is RuleSetId {
  return typeof id === 'string' && ruleSets.has(id);
}
