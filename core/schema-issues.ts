import { z } from 'zod';
import { nearest } from './nearest.ts';

/** One thing wrong with a value somebody wrote, in words for that person. */
export interface ValueFault {
  readonly path: readonly PropertyKey[];
  /** `found X; expected Y`. */
  readonly text: string;
}

/**
 * Says what a schema refused: what was found and what was expected, and for an unknown key the one that was meant.
 * @param hidden true for paths whose value must not be shown
 */
export function valueFaults(schema: z.ZodType, value: unknown, error: z.ZodError, hidden: (path: readonly PropertyKey[]) => boolean = () => false): ValueFault[] {
  return error.issues.flatMap((issue) => faultsOf(schema, value, issue, [], hidden));
}

function faultsOf(schema: z.ZodType, value: unknown, issue: z.core.$ZodIssue, above: readonly PropertyKey[], hidden: (path: readonly PropertyKey[]) => boolean): ValueFault[] {
  const path = [...above, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, value, path);
    return issue.keys.map((key) => {
      const meant = nearest(key, known);
      const expected = meant !== null ? `did you mean "${meant}"?` : known.length > 0 ? `expected one of ${known.join(', ')}` : 'expected no such key';
      return { path: [...path, key], text: `unknown key "${key.slice(0, 80)}"; ${expected}` };
    });
  }
  if (issue.code === 'invalid_key') return issue.issues.flatMap((inner) => [{ path, text: `found the key "${String(path.at(-1)).slice(0, 80)}"; ${expectation(inner)}` }]);
  if (issue.code === 'custom' && !issue.message.startsWith('expected ')) return [{ path, text: issue.message }];
  const found = hidden(path) ? '***' : shown(valueAt(value, path));
  return [{ path, text: `found ${found}; ${expectation(issue)}` }];
}

function expectation(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_union') {
    const ways = issue.errors.flatMap((errors) => errors.slice(0, 1).map(expectation));
    return ways.length > 0 ? [...new Set(ways)].join(', or ') : issue.discriminator !== undefined ? `expected a known ${issue.discriminator}` : 'expected another value';
  }
  const at = issue.message.indexOf('expected ');
  if (at < 0) return issue.message;
  return issue.message.slice(at).replace(/, received .*$/, '');
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value;
  for (const part of path) at = typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[part] : undefined;
  return at;
}

/** A value as a person wrote it, short. */
export function shown(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  const text = typeof value === 'object' ? (Array.isArray(value) ? `a list of ${value.length}` : 'a group of keys') : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** The keys a schema knows in the object at `path`. */
function keysAt(schema: z.ZodType, value: unknown, path: readonly PropertyKey[]): string[] {
  let at: z.ZodType | undefined = schema;
  path.forEach((part, depth) => {
    const object = inner(at, valueAt(value, path.slice(0, depth)));
    if (object instanceof z.ZodObject) at = object.shape[String(part)] as z.ZodType | undefined;
    else if (object instanceof z.ZodRecord) at = object.valueType as z.ZodType;
    else if (object instanceof z.ZodArray) at = object.element as z.ZodType;
    else at = undefined;
  });
  const object = inner(at, valueAt(value, path));
  return object instanceof z.ZodObject ? Object.keys(object.shape) : [];
}

/** Takes off defaults, transforms and the like, and picks the option of a union that the value names. */
function inner(schema: z.ZodType | undefined, value: unknown): z.ZodType | undefined {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodPrefault) return inner(schema.unwrap() as z.ZodType, value);
  if (schema instanceof z.ZodPipe) return inner((schema.out instanceof z.ZodTransform ? schema.in : schema.out) as z.ZodType, value);
  if (schema instanceof z.ZodDiscriminatedUnion) {
    const { discriminator } = schema.def;
    const named = valueAt(value, [discriminator]);
    return schema.options.find((option) => option instanceof z.ZodObject && (option.shape[discriminator] as z.ZodType | undefined)?.safeParse(named).success) as z.ZodType | undefined;
  }
  return schema;
}

/** `flow.steps.ask.tries`, as a person names a key. */
export function pathText(path: readonly PropertyKey[]): string {
  return path.map((part) => (typeof part === 'number' ? `[${part}]` : String(part))).join('.').replaceAll('.[', '[');
}
