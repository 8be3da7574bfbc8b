import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { Bus } from '../core/bus/port.ts';
import { loadsTopic } from '../core/bus/topics.ts';
import type { Load, LoadState } from '../core/load.ts';
import type { LoadReport } from './load-report.ts';
import type { OpenRows } from './open-rows.ts';

/** What a manifest tells of who loads and with what. */
export interface LoadedBy {
  /** `--by`, or the user and machine. */
  readonly by: string;
  /** Of obzvon. */
  readonly version: string;
  /** See `Load.sinceMs`. */
  readonly sinceMs: number | null;
  /** Tells sources apart without naming them; see {@link sourceMarkOf}. */
  readonly sourceMark: string;
}

/** A source as a manifest may show it: the last part of a path; of a URL host and path, without user, password and query. */
export function shownSource(name: string): string {
  const url = /^([a-z][a-z0-9+]*):\/\/(?:[^/@]*@)?([^?#]*)/i.exec(name);
  return (url === null ? basename(name) : `${url[1]!}://${url[2]!}`).slice(-500);
}

/** The same for the same source and query, whoever asks; nobody can read a path, a password or a query out of it. */
export function sourceMarkOf(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 32);
}

/** The manifest of a load that has just begun. */
export function begunManifest(parts: { loadId: string; campaignId: string; list: OpenRows; loadedBy: LoadedBy; atOnce: boolean; nowMs: number }): Load {
  const { loadId, campaignId, list, loadedBy, atOnce, nowMs } = parts;
  const formats = new Set(list.understood.files.map((file) => file.format));
  const encodings = new Set(list.understood.files.flatMap((file) => file.encoding ?? []));
  return {
    loadId,
    campaignId,
    source: shownSource(list.name),
    sourceMark: loadedBy.sourceMark,
    state: 'running',
    reason: null,
    contentHash: null,
    format: joined(formats),
    encoding: joined(encodings),
    by: loadedBy.by.slice(0, 200),
    version: loadedBy.version,
    atOnce,
    sinceMs: loadedBy.sinceMs,
    rows: 0,
    accepted: 0,
    heldOut: 0,
    suppressed: {},
    refused: {},
    duplicates: 0,
    startedAtMs: nowMs,
    endedAtMs: nowMs,
  };
}

const joined = (names: ReadonlySet<string>): string | null => (names.size === 0 ? null : [...names].join(', ').slice(0, 40));

/** The manifest of a load that has ended, with what its report counted. */
export function endedManifest(begun: Load, report: LoadReport, state: LoadState, reason: string | null, nowMs: number): Load {
  return {
    ...begun,
    state,
    reason,
    contentHash: report.contentHash === '' ? null : report.contentHash,
    rows: report.rows,
    accepted: report.accepted,
    heldOut: report.heldOut,
    suppressed: report.suppressed,
    refused: Object.fromEntries(Object.entries(report.refused).map(([key, count]) => [key, count.rows])),
    duplicates: report.duplicates,
    endedAtMs: Math.max(nowMs, begun.startedAtMs),
  };
}

export async function tellLoad(bus: Bus, load: Load): Promise<void> {
  await bus.publish(loadsTopic, [{ key: load.campaignId, value: load }]);
}

/** Every load on the bus by its last word, in the order they began. */
export async function loadsOf(bus: Bus, campaignId?: string): Promise<Load[]> {
  const loads = new Map<string, Load>();
  for await (const { value } of bus.scan(loadsTopic)) if (campaignId === undefined || value.campaignId === campaignId) loads.set(value.loadId, value);
  return [...loads.values()].sort((a, b) => a.startedAtMs - b.startedAtMs);
}
