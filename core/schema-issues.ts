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
  if (issue.code === 'invalid_union' && issue.discriminator !== undefined) {
    const union = schemaAt(schema, value, path.slice(0, -1));
    if (union instanceof z.ZodDiscriminatedUnion) return [{ path, text: `found ${found}; expected one of ${optionsOf(union).flatMap(([, word]) => wordsOf(word)).join(', ')}` }];
  }
  return [{ path, text: `found ${found}; ${expectation(issue)}` }];
}

function expectation(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_union') {
    const ways = issue.errors.flatMap((errors) => errors.slice(0, 1).map(expectation));
    return ways.length > 0 ? [...new Set(ways)].join(', or ') : 'expected another value';
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

/** The schema of the value at `path`, without defaults and the like; a union not yet narrowed to an option. */
function schemaAt(schema: z.ZodType, value: unknown, path: readonly PropertyKey[]): z.ZodType | undefined {
  let at: z.ZodType | undefined = bare(schema);
  path.forEach((part, depth) => {
    const around = narrowed(at, valueAt(value, path.slice(0, depth)));
    let next: unknown;
    if (around instanceof z.ZodObject) next = around.shape[String(part)];
    else if (around instanceof z.ZodRecord) next = around.valueType;
    else if (around instanceof z.ZodArray) next = around.element;
    at = bare(next as z.ZodType | undefined);
  });
  return at;
}

/** The keys a schema knows in the object at `path`. */
function keysAt(schema: z.ZodType, value: unknown, path: readonly PropertyKey[]): string[] {
  const object = narrowed(schemaAt(schema, value, path), valueAt(value, path));
  if (object instanceof z.ZodObject) return Object.keys(object.shape);
  return object instanceof z.ZodRecord ? wordsOf(object.keyType as z.ZodType) : [];
}

/** The words an enum, a literal or a union of such allows. */
function wordsOf(schema: z.ZodType): string[] {
  if (schema instanceof z.ZodEnum) return schema.options.map(String);
  if (schema instanceof z.ZodLiteral) return [...schema.values].map(String);
  return schema instanceof z.ZodUnion ? (schema.options as z.ZodType[]).flatMap(wordsOf) : [];
}

/** Takes off defaults, transforms and the like. */
function bare(schema: z.ZodType | undefined): z.ZodType | undefined {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodPrefault) return bare(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodPipe) return bare((schema.out instanceof z.ZodTransform ? schema.in : schema.out) as z.ZodType);
  return schema;
}

function optionsOf(union: z.ZodDiscriminatedUnion): [option: z.ZodObject, word: z.ZodType][] {
  return union.options.flatMap((option) => (option instanceof z.ZodObject ? [[option, option.shape[union.def.discriminator] as z.ZodType]] : []));
}

/** Of a union the option that the value names. */
function narrowed(schema: z.ZodType | undefined, value: unknown): z.ZodType | undefined {
  if (!(schema instanceof z.ZodDiscriminatedUnion)) return schema;
  const named = valueAt(value, [schema.def.discriminator]);
  return optionsOf(schema).find(([, word]) => word.safeParse(named).success)?.[0];
}

/** `flow.steps.ask.tries`, as a person names a key. */
export function pathText(path: readonly PropertyKey[]): string {
  return path.map((part) => (typeof part === 'number' ? `[${part}]` : String(part))).join('.').replaceAll('.[', '[');
}
