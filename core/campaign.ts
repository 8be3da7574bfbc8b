import { z } from 'zod';
import { DETECTION_DEFAULTS, unsureMeansSchema } from './amd-wire.ts';
import { capsSchema } from './caps.ts';
import { currencySchema, idSchema, languageSchema, lineTypeSchema, type Arms } from './contact.ts';
import { flowSchema, type Flow } from './flow.ts';
import { lastMinuteOf, windowSchema } from './hours/calling-window.ts';
import { ruleSetIdSchema, ruleSetOf } from './lawful/rule-set.ts';
import { laxSettings, withRuleSet } from './lawful/strictest.ts';
import { outcomeSchema } from './outcome.ts';
import { e164Schema } from './phone.ts';
import { ringOddsSchema } from './ring-odds.ts';

/** What to do after one outcome: call again after a delay, at most `max` times for this outcome, on which phone. */
export const retryRuleSchema = z.strictObject({
  delayMinutes: z.number().min(1).max(60 * 24 * 31),
  max: z.number().int().min(0).max(20),
  phone: z.enum(['same', 'next']).default('next'),
});
export type RetryRule = z.infer<typeof retryRuleSchema>;

/** Outcomes that a retry rule can name; `cut_short` is a human who hung up before the essential part was heard. */
export const retryCauseSchema = z.union([outcomeSchema, z.literal('cut_short')]);
export type RetryCause = z.infer<typeof retryCauseSchema>;

const DEFAULT_RETRIES: Partial<Record<RetryCause, RetryRule>> = {
  no_answer: { delayMinutes: 180, max: 4, phone: 'next' },
  busy: { delayMinutes: 20, max: 4, phone: 'same' },
  machine: { delayMinutes: 240, max: 3, phone: 'next' },
  silence: { delayMinutes: 240, max: 2, phone: 'next' },
  announcement: { delayMinutes: 1440, max: 1, phone: 'next' },
  fax: { delayMinutes: 60, max: 1, phone: 'next' },
  invalid_number: { delayMinutes: 5, max: 9, phone: 'next' },
  unreachable: { delayMinutes: 240, max: 3, phone: 'next' },
  rejected: { delayMinutes: 1440, max: 1, phone: 'next' },
  congestion: { delayMinutes: 10, max: 6, phone: 'same' },
  failed: { delayMinutes: 10, max: 6, phone: 'same' },
  lost: { delayMinutes: 120, max: 3, phone: 'same' },
  cut_short: { delayMinutes: 1440, max: 1, phone: 'same' },
};

export const retrySchema = z.strictObject({
  /** Attempts a contact gets in all. */
  maxAttempts: z.number().int().min(1).max(50).default(6),
  /** Rules by outcome; one named here replaces the default for that outcome. An outcome without a rule ends the contact. */
  after: z.partialRecord(retryCauseSchema, retryRuleSchema).default({}).transform((after) => ({ ...DEFAULT_RETRIES, ...after })),
});

/** Optional groups filled with their own defaults when absent. */
const defaulted = <T extends z.ZodType>(schema: T) => z.preprocess((value) => value ?? {}, schema);

/** What is done with a row that repeats something: `refuse` it, load it with a `remark`, or `keep` it and only count. */
export const repeatPolicySchema = z.enum(['refuse', 'remark', 'keep']);
export type RepeatPolicy = z.infer<typeof repeatPolicySchema>;

/** What the loader takes of a list. */
export const listSchema = z.strictObject({
  /** Debts under it are not worth a call: refused. Major units of the campaign's currency. */
  minDebt: z.number().min(0).max(1_000_000).default(0),
  /** Larger debts are taken for slips of the pen or of the column: refused. Major units. */
  maxDebt: z.number().positive().max(100_000_000).default(100_000_000),
  /** A debt in another currency than the campaign's is refused, or kept as it is. */
  otherCurrency: z.enum(['refuse', 'keep']).default('refuse'),
  /** The decimal mark of amounts that could be read two ways (`1,234`). `auto`: what the list's other amounts show, else such a row is refused. */
  decimalMark: z.enum(['auto', 'dot', 'comma']).default('auto'),
  /** A number may stand under so many accounts; to those beyond it is lost (a remark), and a row left without a number is refused. */
  maxAccountsPerPhone: z.number().int().min(1).max(1000).default(5),
  /** Numbers of these kinds are never called. */
  skipLineTypes: z.array(lineTypeSchema).default(['premium', 'shared_cost', 'pager', 'voicemail']),
  duplicates: defaulted(
    z.strictObject({
      /** A number that an earlier row has. */
      phone: repeatPolicySchema.default('keep'),
      /** An account, or a number, of another campaign within `notCalledWithinDays`. */
      recentAccount: repeatPolicySchema.default('refuse'),
      recentPhone: repeatPolicySchema.default('remark'),
    }),
  ),
  /** Accounts and numbers that another campaign was given in the last so many days are treated by `duplicates`; 0: not looked at. */
  notCalledWithinDays: z.number().min(0).max(366).default(0),
  /** When billing made the list: payments on the bus that are later count as paid. Absent: only what comes in after the load does. */
  asOf: z.iso.datetime({ offset: true }).optional(),
});

/** What the hold-out's groups are compared by; see `holdOut`. */
export const STRATA = ['debt', 'debt_age', 'region', 'language'] as const;
export const stratumSchema = z.enum(STRATA);
export type Stratum = z.infer<typeof stratumSchema>;

const rising = (steps: readonly number[]): boolean => steps.every((step, index) => index === 0 || step > steps[index - 1]!);

/** How the hold-out is drawn and compared. Its share and seed are the campaign's `holdOutShare` and `seed`. */
export const holdOutSchema = z.strictObject({
  /**
   * What is drawn as one, so that a person is in one group. `phone`: accounts whose lowest number is the same. `household`: rows with the same
   * further column `household`, else the same address, else the same lowest number. `account`: each account alone.
   */
  unit: z.enum(['account', 'phone', 'household']).default('phone'),
  strata: z.array(stratumSchema).max(STRATA.length).default(['debt']),
  /** Where one class of debts ends and the next begins, major units, rising. */
  debtSteps: z.array(z.number().positive()).max(10).refine(rising, 'expected rising steps').default([500, 2000, 10_000]),
  /** The same for the age of a debt, days. */
  ageStepsDays: z.array(z.number().positive()).max(10).refine(rising, 'expected rising steps').default([30, 90, 365]),
  /** Whoever was held out of one of these campaigns is held out of this one too. */
  keepFrom: z.array(idSchema).max(20).default([]),
});

const different = (values: readonly number[]): boolean => new Set(values).size === values.length;

/**
 * What is tried by chance on those who are called: at its load each contact is drawn for one value of each, all alike likely, by the unit of `holdOut`. The
 * uplift report tells what each was worth.
 */
export const experimentSchema = z.strictObject({
  /** Attempts allowed; the first is what the others are held against. */
  attempts: z.array(z.number().int().min(1).max(50)).min(2).max(4).refine(different, 'expected each number once').optional(),
  /** The first call is not placed before this hour of the callee's clock. */
  firstHours: z.array(z.number().int().min(0).max(23)).min(2).max(6).refine(different, 'expected each hour once').optional(),
  /** Further versions of the message; `flow` is the version `main`. */
  flows: z.record(z.string().regex(/^(?!main$)[a-z0-9-]{1,20}$/, 'expected a name in lower case other than main'), flowSchema).optional(),
});
export type Experiment = z.infer<typeof experimentSchema>;

/** Whether this machine's timezone data know the name. */
function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return /^[A-Za-z]/.test(name);
  } catch {
    return false;
  }
}

const definitionSchema = z
  .strictObject({
    id: idSchema.regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'expected a campaign id in lower case, such as november-debt'),
    name: z.string().min(1).max(200),
    /** Who calls, as spoken in `{{company}}`. */
    company: z.string().min(1).max(200),
    startsAt: z.iso.datetime({ offset: true }),
    /** No call is placed from then on; contacts not ended become `expired`. */
    expiresAt: z.iso.datetime({ offset: true }),
    /** Chance of the hold-out draw; the same seed gives the same groups. Default: the campaign's id. */
    seed: z.string().min(1).max(200).optional(),
    holdOutShare: z.number().min(0).max(0.9).default(0.1),
    holdOut: defaulted(holdOutSchema),
    list: defaulted(listSchema),
    currency: currencySchema.default('UAH'),
    /** ISO 3166 country of numbers written without a country code. */
    defaultCountry: z.string().regex(/^[A-Z]{2}$/).default('UA'),
    defaultLanguage: languageSchema.default('uk'),
    defaultTimezone: z.string().refine(isTimezone, 'expected an IANA timezone such as Europe/Kyiv').default('Europe/Kyiv'),
    trunks: z.array(idSchema).min(1),
    callerIds: z.array(e164Schema).min(1),
    maxCallsPerSecond: z.number().positive().max(10_000),
    maxChannels: z.number().int().positive().max(100_000),
    /** The rate grows evenly from a tenth to full over this time after the start. */
    rampUpSeconds: z.number().min(0).max(86_400).default(30),
    ringTimeoutSeconds: z.number().min(5).max(180).default(30),
    /** A call is ended after this long whatever the flow does. */
    maxCallSeconds: z.number().min(10).max(1800).default(180),
    /** The law (or house rule) that window and caps are held to; absent: they stand alone. See docs/lawful.md. */
    lawful: ruleSetIdSchema.optional(),
    window: defaulted(windowSchema),
    retry: defaulted(retrySchema),
    caps: defaulted(capsSchema),
    /** A payment ends the calls once the sum paid reaches this share of the debt; 0: any payment does. */
    stopAtPaidShare: z.number().min(0).max(1).default(0),
    machine: defaulted(
      z.strictObject({
        policy: z.enum(['hang_up', 'leave_message']).default('hang_up'),
        /** A message left counts as `reached` and ends the contact; otherwise the retry rule of message_left applies. */
        messageReaches: z.boolean().default(false),
        /** Longest wait for the beep or the greeting's end. */
        beepTimeoutSeconds: z.number().min(1).max(120).default(30),
      }),
    ),
    detection: defaulted(
      z.strictObject({
        /** Audio time after answer at which a verdict must fall. Whoever answers with a sentence needs 5 s and more; a voice that is clear is told sooner. */
        latestDecisionMs: z.number().int().min(500).max(10_000).default(DETECTION_DEFAULTS.latestDecisionMs),
        /**
         * How many missed machines one lost human costs: 10 where a machine costs a minute of a channel and a person's call is what the campaign
         * is for; less where debts must not be told to a machine. The detector listens and decides by it.
         */
        lostHumanCost: z.number().min(1).max(100).default(DETECTION_DEFAULTS.lostHumanCost),
        unsureMeans: unsureMeansSchema.default('human'),
        /** Listen before the answer (183), where network announcements come. */
        earlyMedia: z.boolean().default(true),
        /** What the ring time tells, as `obzvon amd audit` has learnt it on this campaign's calls; none: nothing. */
        ringOdds: ringOddsSchema.default([]),
      }),
    ),
    flow: flowSchema,
    experiment: experimentSchema.optional(),
  })
  .superRefine((campaign, context) => {
    if (Date.parse(campaign.expiresAt) <= Date.parse(campaign.startsAt)) context.addIssue({ code: 'custom', path: ['expiresAt'], message: 'the campaign expires before it starts' });
    for (const { path, flow } of flowsOf(campaign)) {
      if (campaign.machine.policy === 'leave_message' && flow.messageStart === undefined) {
        context.addIssue({ code: 'custom', path: [...path, 'messageStart'], message: 'machine.policy is leave_message: name the step where the message begins' });
      }
      for (const [name, step] of Object.entries(flow.steps)) {
        const texts = step.kind === 'say' ? step.text : step.kind === 'gather' ? step.prompt : step.kind === 'play' ? step.file : undefined;
        if (texts && texts[campaign.defaultLanguage] === undefined) {
          context.addIssue({ code: 'custom', path: [...path, 'steps', name], message: `has no text in the default language "${campaign.defaultLanguage}"` });
        }
      }
    }
    campaign.experiment?.attempts?.forEach((attempts, i) => {
      if (attempts > campaign.retry.maxAttempts) context.addIssue({ code: 'custom', path: ['experiment', 'attempts', i], message: `found ${attempts}; expected at most retry.maxAttempts, ${campaign.retry.maxAttempts}` });
    });
    const closesAtMinute = lastMinuteOf(campaign.window);
    campaign.experiment?.firstHours?.forEach((hour, i) => {
      if (hour * 60 >= closesAtMinute) context.addIssue({ code: 'custom', path: ['experiment', 'firstHours', i], message: `found ${hour}; expected an hour before the calling window closes: nobody drawn for it would ever be called` });
    });
    if (campaign.lawful === undefined) return;
    for (const { path, message } of laxSettings(campaign, ruleSetOf(campaign.lawful))) context.addIssue({ code: 'custom', path: [...path], message });
  });

/** A campaign as it is defined; what its definition leaves open is the stricter of the default and its rule set. */
export const campaignSchema = z.preprocess(withRuleSet, definitionSchema);
export type Campaign = z.infer<typeof campaignSchema>;

/** Every flow of a campaign, with its version and where it stands in the definition. */
export function flowsOf(campaign: { readonly flow: Flow; readonly experiment?: Experiment | undefined }): { readonly version: string; readonly path: readonly string[]; readonly flow: Flow }[] {
  const others = Object.entries(campaign.experiment?.flows ?? {}).map(([version, flow]) => ({ version, path: ['experiment', 'flows', version], flow }));
  return [{ version: 'main', path: ['flow'], flow: campaign.flow }, ...others];
}

/** The flow of the version a contact was drawn for; `flow` if it was drawn for none, or the campaign has it no more. */
export function flowFor(campaign: Campaign, drawn: Arms | undefined): Flow {
  return campaign.experiment?.flows?.[drawn?.message ?? 'main'] ?? campaign.flow;
}

/** Attempts a contact gets in all. */
export function attemptsAllowed(campaign: Campaign, drawn: Arms | undefined): number {
  return Math.min(drawn?.attempts ?? campaign.retry.maxAttempts, campaign.retry.maxAttempts);
}
