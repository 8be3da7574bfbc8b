import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { configSchema, notesOf } from './config-schema.ts';
import type { KeyNotes, WrittenConfig } from './config-schema.ts';
import { ObzvonError } from './errors.ts';
import { nearest } from './nearest.ts';
import { pathText, shown, valueFaults } from './schema-issues.ts';
import { maskUrl } from './switch-url.ts';
import { readYamlFile } from './yaml-file.ts';
import type { YamlFile } from './yaml-file.ts';

export type { Trunk } from './config-schema.ts';

type Group<T, K extends keyof T> = Omit<T, K> & { readonly [P in K]-?: Exclude<T[P], undefined> };

/** The configuration in force: every key that has a default is there. */
export interface Config extends Omit<WrittenConfig, 'bus' | 'ledger' | 'analytics' | 'dialer' | 'amd' | 'prompts'> {
  readonly bus: { readonly url: string };
  readonly ledger: { readonly url: string };
  readonly analytics: Group<WrittenConfig['analytics'], 'url'>;
  readonly dialer: Group<WrittenConfig['dialer'], 'id'>;
  readonly amd: Group<WrittenConfig['amd'], 'token' | 'recordDir'>;
  readonly prompts: { readonly dir: string; readonly switchDir: string };
}

/** Where a key's value came from. */
export type Origin = { readonly kind: 'default' } | { readonly kind: 'file'; readonly file: string; readonly line: number } | { readonly kind: 'env'; readonly name: string } | { readonly kind: 'option' };

export interface LoadedConfig {
  readonly config: Config;
  /** By key, `data.dir`. */
  readonly origins: ReadonlyMap<string, Origin>;
}

export interface ConfigSources {
  /** Usually `process.env`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of --config; absent: OBZVON_CONFIG, then ./obzvon.yaml if it is there. */
  readonly path?: string | undefined;
  /** Of the command line, by key, `data.dir`; they win over everything. */
  readonly overrides?: Readonly<Record<string, unknown>>;
}

interface Key extends KeyNotes {
  readonly path: readonly string[];
  readonly name: string;
  readonly env: string;
  readonly schema: z.ZodType;
}

const KEYS: readonly Key[] = keysOf(configSchema, []);

function keysOf(schema: z.ZodType, path: readonly string[]): Key[] {
  const about = notesOf(schema);
  if (about) return [{ ...about, path, name: path.join('.'), env: `OBZVON_${path.join('_').replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`, schema }];
  const object = schema instanceof z.ZodPrefault ? schema.unwrap() : schema;
  if (!(object instanceof z.ZodObject)) throw new Error(`configuration key ${path.join('.')} has no notes`);
  return Object.entries(object.shape).flatMap(([name, inner]) => keysOf(inner as z.ZodType, [...path, name]));
}

/**
 * Reads the configuration: command line over environment over file over defaults. The only place that reads the
 * environment.
 * @throws ObzvonError bad_config with a line for each fault: file and line or variable, key, found, expected; not_found
 *   if a file that was named is not there
 */
export async function loadConfig(sources: ConfigSources): Promise<LoadedConfig> {
  const named = sources.path ?? (sources.env.OBZVON_CONFIG || undefined);
  const path = named ?? (existsSync('obzvon.yaml') ? 'obzvon.yaml' : undefined);
  const file = path === undefined ? undefined : await readYamlFile(path, 'bad_config');
  const faults: string[] = [];

  const written = fileValue(file, faults);
  const origins = new Map<string, Origin>(KEYS.map((key) => [key.name, originInFile(file, written, key)]));
  for (const [key, value, name] of fromEnvironment(sources.env, faults)) {
    assign(written, key.path, value);
    origins.set(key.name, { kind: 'env', name });
  }
  for (const [name, value] of Object.entries(sources.overrides ?? {})) {
    const key = KEYS.find((each) => each.name === name);
    if (!key) throw new ObzvonError('usage', `configuration key "${name}" is unknown; did you mean "${nearest(name, KEYS.map((each) => each.name)) ?? 'data.dir'}"?`);
    if (value === undefined) continue;
    assign(written, key.path, typeof value === 'string' ? fromText(key, value) : value);
    origins.set(key.name, { kind: 'option' });
  }

  const parsed = configSchema.safeParse(written);
  if (!parsed.success) {
    const hidden = (at: readonly PropertyKey[]): boolean => KEYS.some((key) => key.secret && key.path.every((part, i) => at[i] === part));
    for (const fault of valueFaults(configSchema, written, parsed.error, hidden)) {
      const key = KEYS.find((each) => each.path.every((part, i) => fault.path[i] === part));
      faults.push(`${placeOf(key && origins.get(key.name), file, fault.path)}${pathText(fault.path)}: ${fault.text}`);
    }
  }
  if (faults.length > 0 || !parsed.success) throw new ObzvonError('bad_config', faults.join('\n'));
  return { config: settle(parsed.data), origins };
}

function fileValue(file: YamlFile | undefined, faults: string[]): Record<string, unknown> {
  if (!file || file.value === null || file.value === undefined) return {};
  if (typeof file.value === 'object' && !Array.isArray(file.value)) return withoutEmptyGroups(file.value as Record<string, unknown>);
  faults.push(`${file.path}:1: found ${shown(file.value)}; expected keys such as data: and bus:`);
  return {};
}

/** `dialer:` with every key below it commented out is an empty group, not a wrong value. */
function withoutEmptyGroups(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== null));
}

function originInFile(file: YamlFile | undefined, written: Record<string, unknown>, key: Key): Origin {
  let at: unknown = written;
  for (const part of key.path) at = typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[part] : undefined;
  return file && at !== undefined ? { kind: 'file', file: file.path, line: file.lineOf(key.path) } : { kind: 'default' };
}

function* fromEnvironment(env: ConfigSources['env'], faults: string[]): Generator<[Key, unknown, string]> {
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith('OBZVON_') || name === 'OBZVON_CONFIG' || text === undefined || text === '') continue;
    const key = KEYS.find((each) => each.env === name);
    if (key) yield [key, fromText(key, text), name];
    else {
      const meant = nearest(name, KEYS.map((each) => each.env));
      faults.push(`environment ${name}: unknown; ${meant === null ? 'expected a key that `obzvon config` lists' : `did you mean ${meant}?`}`);
    }
  }
}

/** A key's value written as one text: numbers and texts as they are, URLs of a list between spaces or commas, trunks as YAML. */
function fromText(key: Key, text: string): unknown {
  if (key.name === 'trunks') {
    try {
      return parseYaml(text) as unknown;
    } catch {
      return text;
    }
  }
  if (key.unit === 'list of URLs') return text.split(/[\s,]+/).filter((part) => part !== '');
  const isNumber = key.schema.safeParse(0).success || key.schema.safeParse(10).success;
  return isNumber && text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

function assign(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [first, ...rest] = path;
  if (first === undefined) return;
  if (rest.length === 0) target[first] = value;
  else {
    const inner = target[first];
    // A wrong value in the file stays, to be refused with its line.
    if (inner !== undefined && (typeof inner !== 'object' || inner === null)) return;
    const next = { ...(inner as Record<string, unknown> | undefined) };
    target[first] = next;
    assign(next, rest, value);
  }
}

function placeOf(origin: Origin | undefined, file: YamlFile | undefined, path: readonly PropertyKey[]): string {
  if (origin?.kind === 'env') return `environment ${origin.name}: `;
  if (origin?.kind === 'option') return 'command line: ';
  return file ? `${file.path}:${file.lineOf(path)}: ` : '';
}

/** Fills in what is made from other keys, from the host or by chance. */
function settle(written: WrittenConfig): Config {
  const { dir } = written.data;
  const prompts = written.prompts.dir ?? join(dir, 'prompts');
  const host = hostname().replace(/[^\w.-]/g, '-').slice(0, 60);
  return {
    ...written,
    bus: { url: written.bus.url ?? `embedded:${join(dir, 'bus')}` },
    ledger: { url: written.ledger.url ?? `embedded:${join(dir, 'ledger')}` },
    analytics: { ...written.analytics, url: written.analytics.url ?? `chdb:${join(dir, 'analytics')}` },
    dialer: { ...written.dialer, id: written.dialer.id ?? `${host}-${process.pid}` },
    amd: { ...written.amd, token: written.amd.token ?? randomBytes(24).toString('hex'), recordDir: written.amd.recordDir ?? join(dir, 'amd-recordings') },
    prompts: { dir: prompts, switchDir: written.prompts.switchDir ?? prompts },
  };
}

/** One key as `obzvon config` shows it. */
export interface ConfigRow {
  readonly key: string;
  readonly env: string;
  /** In force, secrets masked. */
  readonly value: string;
  readonly unit: string;
  readonly default: string;
  readonly meaning: string;
  readonly origin: string;
}

/** What is in force, key by key, with secrets masked. */
export function describeConfig(loaded: LoadedConfig): ConfigRow[] {
  return KEYS.map((key) => {
    let value: unknown = loaded.config;
    for (const part of key.path) value = (value as Record<string, unknown>)[part];
    const origin = loaded.origins.get(key.name) ?? { kind: 'default' };
    const fallback = key.schema instanceof z.ZodDefault ? masked(key, key.schema.def.defaultValue) : '';
    return { key: key.name, env: key.env, value: masked(key, value), unit: key.unit, default: key.defaultText ?? fallback, meaning: key.meaning, origin: originText(origin) };
  });
}

function masked(key: Key, value: unknown): string {
  if (value === undefined) return '';
  if (key.name === 'amd.token') return '***';
  const text = typeof value === 'string' ? value : Array.isArray(value) && value.every((each) => typeof each === 'string') ? value.join(' ') : JSON.stringify(value, (name, inner: unknown) => (name === 'password' ? '***' : inner));
  return key.secret ? maskUrl(text) : text;
}

function originText(origin: Origin): string {
  switch (origin.kind) {
    case 'default':
      return 'default';
    case 'file':
      return `${origin.file}:${origin.line}`;
    case 'env':
      return origin.name;
    case 'option':
      return 'command line';
  }
}
