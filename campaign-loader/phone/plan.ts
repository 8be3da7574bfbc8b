import metadata from 'libphonenumber-js/metadata.max.json';
import { z } from 'zod';
import type { LineType } from '../../core/contact.ts';

/**
 * One country's numbering plan, compiled once. The data is Google's libphonenumber as libphonenumber-js ships it
 * (`metadata.max.json`, format 4: calling code, IDD prefix, national pattern, lengths, formats, national prefix, …).
 */
export interface NumberingPlan {
  readonly country: string;
  readonly callingCode: string;
  /** What is dialled before a foreign calling code. */
  readonly iddPrefix: RegExp | null;
  readonly nationalNumber: RegExp;
  readonly possibleLengths: readonly number[];
  /** What is dialled before a number within the country, `0` in most; null if nothing. */
  readonly trunkPrefix: string | null;
  readonly nationalPrefix: RegExp | null;
  readonly nationalPrefixTransform: string | null;
  /** Tells countries of one calling code apart without looking at the types. */
  readonly leadingDigits: RegExp | null;
  /** Patterns of the line types, each with the lengths it allows, in the order in which libphonenumber tries them; null if the plan has none. */
  readonly types: readonly PlannedType[] | null;
  /** Mobile numbers have no pattern of their own: what fits fixed lines may be either (North America). */
  readonly mobileAsFixed: boolean;
}

export interface PlannedType {
  readonly type: LineType;
  readonly pattern: RegExp;
  readonly lengths: readonly number[];
}

/** Places of the types in the metadata, in the order in which `getNumberType` of libphonenumber tries them. */
const TYPE_PLACES: readonly (readonly [type: LineType, place: number])[] = [
  ['fixed', 0], ['mobile', 1], ['premium', 3], ['toll_free', 2], ['shared_cost', 9], ['voip', 8], ['personal', 4], ['pager', 7], ['uan', 6], ['voicemail', 5],
];

/** In this format absent values are 0. */
const textSchema = z.union([z.string(), z.literal(0), z.null()]).optional();
const lengthsSchema = z.array(z.number());
const typeSchema = z.union([z.tuple([z.string()], z.unknown()), z.literal(0), z.null()]);
const planSchema = z.tuple([
  z.string(), // 0 calling code
  textSchema, // 1 IDD prefix
  z.string(), // 2 national number pattern
  lengthsSchema, // 3 possible lengths
  z.unknown().optional(), // 4 formats
  textSchema, // 5 national prefix
  z.unknown().optional(), // 6 national prefix formatting rule
  textSchema, // 7 national prefix for parsing
  textSchema, // 8 national prefix transform rule
  z.unknown().optional(), // 9
  textSchema, // 10 leading digits
  z.union([z.array(typeSchema), z.literal(0), z.null()]).optional(), // 11 types
], z.unknown());

const metadataSchema = z.object({
  version: z.literal(4),
  country_calling_codes: z.record(z.string(), z.array(z.string())),
  countries: z.record(z.string(), z.unknown()),
  nonGeographic: z.record(z.string(), z.unknown()),
});
const data = metadataSchema.parse(metadata);

const entirely = (pattern: string): RegExp => new RegExp(`^(?:${pattern})$`);
const atStart = (pattern: string): RegExp => new RegExp(`^(?:${pattern})`);

function compile(country: string, raw: unknown): NumberingPlan {
  const plan = planSchema.parse(raw);
  const possibleLengths = plan[3];
  const prefix = plan[7] || plan[5];
  const types = plan[11];
  return {
    country,
    callingCode: plan[0],
    iddPrefix: plan[1] ? atStart(plan[1]) : null,
    nationalNumber: entirely(plan[2]),
    possibleLengths,
    trunkPrefix: plan[5] || null,
    nationalPrefix: prefix ? atStart(prefix) : null,
    nationalPrefixTransform: plan[8] || null,
    leadingDigits: plan[10] ? atStart(plan[10]) : null,
    types: types && types.length > 0
      ? TYPE_PLACES.flatMap(([name, place]) => {
          const type = types[place];
          if (!type || type[0] === '') return [];
          const lengths = lengthsSchema.safeParse(type[1]);
          return [{ type: name, pattern: entirely(type[0]), lengths: lengths.success ? lengths.data : possibleLengths }];
        })
      : null,
    mobileAsFixed: !types || !types[1] || types[1][0] === '',
  };
}

const plans = new Map<string, NumberingPlan | null>();
const callingCodePlans = new Map<string, readonly NumberingPlan[] | null>();

/** The plan of an ISO 3166 country, null if there is none. */
export function planOf(country: string): NumberingPlan | null {
  let plan = plans.get(country);
  if (plan === undefined) {
    plan = Object.hasOwn(data.countries, country) ? compile(country, data.countries[country]) : null;
    plans.set(country, plan);
  }
  return plan;
}

/**
 * The plans that share a calling code, the main country first; a code that belongs to no country (freephone,
 * satellites) has one plan with the country `001`. Null if nobody has the code.
 */
export function plansOfCallingCode(callingCode: string): readonly NumberingPlan[] | null {
  let found = callingCodePlans.get(callingCode);
  if (found === undefined) {
    const countries = Object.hasOwn(data.country_calling_codes, callingCode) ? data.country_calling_codes[callingCode]! : [];
    if (countries.length > 0) found = countries.map((country) => planOf(country)!);
    else if (Object.hasOwn(data.nonGeographic, callingCode)) found = [compile('001', data.nonGeographic[callingCode])];
    else found = null;
    // Calling codes come out of hostile text, but have three digits at most: the cache is bounded.
    callingCodePlans.set(callingCode, found);
  }
  return found;
}

/** Every country that has a plan. */
export function plannedCountries(): string[] {
  return Object.keys(data.countries);
}
