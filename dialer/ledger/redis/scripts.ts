import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

/** A Lua script as Redis gets it. */
export interface Script {
  readonly name: string;
  readonly source: string;
  readonly sha: string;
}

const FOLDER = new URL('./lua/', import.meta.url);

/** What a script's file says of itself before its first statement. */
export const HEADER_PARTS = ['KEYS:', 'ARGV:', 'Returns:', 'Complexity:', 'Repeat:'] as const;

const SCRIPT_NAMES = [
  'ack-outbox', 'add-dnc', 'admit', 'adopt', 'begin', 'campaigns', 'claim', 'close-waiting', 'contact-by-account', 'counts', 'decide-load', 'define-campaign', 'facts', 'forget',
  'finish-rebuild', 'late-start', 'list-dnc', 'move-start', 'outbox-size', 'prepare', 'read-outbox', 'record-payments', 'remove-dnc', 'renew', 'replay', 'restore',
  'set-limits', 'set-mode', 'settle', 'start-rebuild', 'stop-calls', 'stop-requests', 'take-start',
] as const;
export type ScriptName = (typeof SCRIPT_NAMES)[number];

/** Every script by its name. */
export const SCRIPTS: Readonly<Record<ScriptName, Script>> = Object.fromEntries(SCRIPT_NAMES.map((name) => [name, load(name)])) as Record<ScriptName, Script>;

/** The files in the folder of scripts and in that of their common parts, with their text. */
export function scriptFiles(folder: '' | 'lib/' = ''): { name: string; text: string }[] {
  const url = new URL(folder, FOLDER);
  return readdirSync(url).filter((name) => name.endsWith('.lua')).map((name) => ({ name: name.slice(0, -'.lua'.length), text: readFileSync(new URL(name, url), 'utf8') }));
}

/** Reads a script; `-- use part.lua` becomes the text of lib/part.lua. Comments and indentation are left out: Redis keeps the text in memory. */
function load(name: ScriptName): Script {
  const own = readFileSync(new URL(`${name}.lua`, FOLDER), 'utf8');
  const joined = own.replace(/^-- use (\S+)$/gm, (_line, part: string) => readFileSync(new URL(`lib/${part}`, FOLDER), 'utf8'));
  const source = joined.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('--')).join('\n');
  return { name, source, sha: createHash('sha1').update(source).digest('hex') };
}
