import type { z } from 'zod';

/** True only for a value that the schema accepts and hands back as it is. False says nothing: ask the schema. */
export type Check = (value: unknown) => boolean;

/**
 * Makes a quick check from a schema, once, for values as `JSON.parse` gives them. The schema stays the definition of what
 * is valid: what the check does not know (defaults to be filled in, keys to be dropped, transforms, refinements, formats of
 * a kind not listed here) it answers with false, and the caller lets the schema decide. A test compares the two on
 * every topic.
 *
 * Measured on attempts (33 fields): 0.8 µs, where the schema's `safeParse` takes 3.0 µs and makes the object anew.
 */
export function compileCheck(schema: z.core.$ZodType): Check {
  return checkOf(schema) ?? never;
}

const never: Check = () => false;

/** Null if this schema always needs to be asked. */
function checkOf(schema: z.core.$ZodType): Check | null {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  const rules = def.checks ?? [];
  switch (def.type) {
    case 'string':
      return stringCheck(def, rules);
    case 'number':
      return numberCheck(def, rules);
    case 'array':
      return arrayCheck(def.element, rules);
    default:
      // Refinements of other kinds are the schema's affair.
      if (rules.length > 0) return null;
  }
  switch (def.type) {
    case 'boolean':
      return def.coerce === true ? null : (value) => typeof value === 'boolean';
    case 'enum':
      return Object.values(def.entries).every((one) => typeof one === 'string') ? memberCheck(Object.values(def.entries)) : null;
    case 'literal':
      return memberCheck(def.values);
    case 'nullable': {
      const inner = checkOf(def.innerType);
      return inner && ((value) => value === null || inner(value));
    }
    case 'optional':
    case 'default': {
      // Where the value is absent a default has to be filled in: that is left to the schema.
      const inner = checkOf(def.innerType);
      return inner && ((value) => value !== undefined && inner(value));
    }
    case 'object':
      return objectCheck(def.shape);
    case 'record':
      return recordCheck(def);
    case 'union':
      return 'discriminator' in def ? unionCheck(def as z.core.$ZodDiscriminatedUnionDef) : null;
    default:
      return null;
  }
}

type Rules = readonly z.core.$ZodCheck[];
type StringDef = z.core.$ZodStringDef & Partial<z.core.$ZodStringFormatDef>;
type Rule = z.core.$ZodChecks['_zod']['def'];

interface Bounds {
  least: number;
  most: number;
}

/** Narrows `bounds` by a rule on a length; false if it is another rule. */
function takeLength(bounds: Bounds, rule: Rule): boolean {
  if (rule.check === 'min_length') bounds.least = Math.max(bounds.least, rule.minimum);
  else if (rule.check === 'max_length') bounds.most = Math.min(bounds.most, rule.maximum);
  else return false;
  return true;
}

/** Formats whose whole meaning is their pattern. */
const PATTERN_FORMATS: readonly string[] = ['regex', 'date'];

function stringCheck(def: StringDef, rules: Rules): Check | null {
  const bounds: Bounds = { least: 0, most: Infinity };
  const patterns: RegExp[] = [];
  const takeFormat = (format: string, pattern: RegExp | undefined): boolean => {
    if (!PATTERN_FORMATS.includes(format) || pattern === undefined || pattern.global || pattern.sticky) return false;
    patterns.push(pattern);
    return true;
  };
  if (def.coerce === true) return null;
  if (def.format !== undefined && !takeFormat(def.format, def.pattern)) return null;
  for (const one of rules) {
    const rule = (one as z.core.$ZodChecks)._zod.def;
    if (takeLength(bounds, rule)) continue;
    if (rule.check !== 'string_format' || !takeFormat(rule.format, rule.pattern)) return null;
  }
  const { least, most } = bounds;
  const [pattern, ...others] = patterns;
  if (pattern === undefined) {
    if (least === 0 && most === Infinity) return (value) => typeof value === 'string';
    return (value) => typeof value === 'string' && value.length >= least && value.length <= most;
  }
  if (others.length > 0) return null;
  return (value) => typeof value === 'string' && value.length >= least && value.length <= most && pattern.test(value);
}

function numberCheck(def: z.core.$ZodNumberDef, rules: Rules): Check | null {
  if (def.coerce === true || 'format' in def) return null;
  let whole = false;
  let least = -Infinity;
  let most = Infinity;
  /** Not themselves allowed. */
  let above = -Infinity;
  let below = Infinity;
  for (const one of rules) {
    const rule = (one as z.core.$ZodChecks)._zod.def;
    if (rule.check === 'number_format' && rule.format === 'safeint') whole = true;
    else if (rule.check === 'greater_than' && typeof rule.value === 'number') {
      if (rule.inclusive) least = Math.max(least, rule.value);
      else above = Math.max(above, rule.value);
    } else if (rule.check === 'less_than' && typeof rule.value === 'number') {
      if (rule.inclusive) most = Math.min(most, rule.value);
      else below = Math.min(below, rule.value);
    } else return null;
  }
  // Infinity and NaN fail: `above` and `below` are not allowed themselves.
  if (whole) return (value) => Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most && (value as number) > above && (value as number) < below;
  return (value) => typeof value === 'number' && value >= least && value <= most && value > above && value < below;
}

function memberCheck(values: readonly unknown[]): Check {
  const members = new Set(values);
  return (value) => members.has(value);
}

function arrayCheck(element: z.core.$ZodType, rules: Rules): Check | null {
  const bounds: Bounds = { least: 0, most: Infinity };
  for (const rule of rules) if (!takeLength(bounds, (rule as z.core.$ZodChecks)._zod.def)) return null;
  const inner = checkOf(element);
  if (inner === null) return null;
  const { least, most } = bounds;
  return (value) => {
    if (!Array.isArray(value) || value.length < least || value.length > most) return false;
    for (let i = 0; i < value.length; i++) if (!inner(value[i])) return false;
    return true;
  };
}

/** An object as JSON.parse makes them. */
const isPlain = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

/** Quicker than `Object.keys(value).length`, which makes an array. */
function countKeys(value: Readonly<Record<string, unknown>>): number {
  let count = 0;
  for (const name in value) if (name.length >= 0) count += 1;
  return count;
}

function objectCheck(shape: Readonly<Record<string, z.core.$ZodType>>): Check | null {
  const names = Object.keys(shape);
  const checks: Check[] = [];
  const optional: boolean[] = [];
  for (const name of names) {
    const field = shape[name]!;
    const inner = checkOf(field);
    // A field that every object has by birth cannot be told from an absent one by a look.
    if (inner === null || name in Object.prototype) return null;
    checks.push(inner);
    optional.push((field as z.core.$ZodTypes)._zod.def.type === 'optional');
  }
  return (value) => {
    if (!isPlain(value)) return false;
    let found = 0;
    for (let i = 0; i < names.length; i++) {
      const field = value[names[i]!];
      if (field === undefined) {
        if (!optional[i]) return false;
      } else if (checks[i]!(field)) {
        found += 1;
      } else {
        return false;
      }
    }
    // Further keys are for the schema to drop or to refuse.
    return found === countKeys(value);
  };
}

function recordCheck(def: z.core.$ZodRecordDef): Check | null {
  // Keys of an enum would all have to be there.
  const keyType = (def.keyType as z.core.$ZodTypes)._zod.def.type;
  const key = checkOf(def.keyType);
  const inner = checkOf(def.valueType);
  if (keyType !== 'string' || key === null || inner === null) return null;
  if (def.mode !== undefined || def.partial !== undefined) return null;
  return (value) => {
    if (!isPlain(value)) return false;
    for (const name in value) if (name === '__proto__' || !key(name) || !inner(value[name])) return false;
    return true;
  };
}

function unionCheck(def: z.core.$ZodDiscriminatedUnionDef): Check | null {
  const { discriminator } = def;
  const kinds = new Map<unknown, Check>();
  for (const option of def.options) {
    const own = (option as z.core.$ZodTypes)._zod.def;
    if (own.type !== 'object') return null;
    const kind = own.shape[discriminator] as z.core.$ZodTypes | undefined;
    if (kind?._zod.def.type !== 'literal') return null;
    const check = checkOf(option) ?? never;
    for (const value of kind._zod.def.values) kinds.set(value, check);
  }
  return (value) => isPlain(value) && (kinds.get(value[discriminator]) ?? never)(value);
}
