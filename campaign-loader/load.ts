import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Bus } from '../core/bus/port.ts';
import { commandsTopic } from '../core/bus/topics.ts';
import type { Campaign } from '../core/campaign.ts';
import { ObzvonError } from '../core/errors.ts';
import type { Load } from '../core/load.ts';
import { BusSink, nowhere } from './contact-sinks.ts';
import { knowingNothing, knowledgeOf, stagedContacts } from './known-contacts.ts';
import { ListRun, type ListRunOptions } from './list-run.ts';
import { begunManifest, endedManifest, loadsOf, tellLoad, type LoadedBy } from './load-manifest.ts';
import type { LoadProgress, LoadReport } from './load-report.ts';
import type { OpenRows } from './open-rows.ts';
import { remarksPathOf } from './refused-file.ts';
import { brokenOffLoads, spooledContacts, SpoolSink, type Spooled } from './spool.ts';

export interface LoadOptions {
  readonly campaign: Campaign;
  /** Opened by whoever showed how it is understood; closed here. */
  readonly list: OpenRows;
  readonly nowMs: () => number;
  readonly loadId: string;
  /** Where refused rows go; remarks on accepted rows go beside it. Null: nowhere (the report still counts them). */
  readonly refusedPath: string | null;
  /** Called at most four times a second, and at the end. */
  readonly onProgress?: (progress: LoadProgress) => void;
}

export interface IntoCampaign {
  readonly bus: Bus;
  readonly loadedBy: LoadedBy;
  /** All or nothing: above this share of refused rows (0 to 1) nobody is loaded. Null: good rows are loaded whatever is refused. */
  readonly atOnce: { readonly maxRefusedShare: number; readonly spoolDir: string } | null;
}

const RUNNING_TAKEN_OVER = 'broken off; a later load of the campaign went on';

/** Checks a list: nothing is published. With a bus it is looked at beside what that knows. @throws ObzvonError bad_input, unreachable; what the bus throws */
export async function validateList(options: LoadOptions & { readonly bus?: Bus }): Promise<LoadReport> {
  const { campaign, list, bus } = options;
  refuseOverwriting(options);
  const nowMs = options.nowMs();
  try {
    const knowledge = bus === undefined ? knowingNothing(campaign, nowMs) : await knowledgeOf(bus, campaign, nowMs);
    const run = new ListRun({ ...options, knowledge, loadedAtMs: nowMs, staged: false }, nowhere);
    await readOrAbandon(run);
    return run.report({ kind: 'validated' });
  } finally {
    await list.close();
  }
}

/**
 * Loads a list into a campaign: reads it as a stream, checks each row, publishes the contacts, and tells the load's manifest when it begins and when it
 * ends. Each row read is accepted, a duplicate of what the campaign has, or refused with a line in the refused file.
 *
 * Contacts have ids made of campaign and account, and those already on the bus are passed over: after a crash the same load is simply run
 * again.
 *
 * All or nothing: contacts first go to a file of this machine ({@link SpoolSink}), for only at the list's end is it known what share is refused, and
 * a source such as stdin gives its rows once. Then the load is decided, with the file synced: from here on it will be whole, whoever is killed. Its
 * contacts are published with `awaitsCommit`, which keeps dialers from calling them, and a `commit_load` command follows the last: that frees
 * them all. A load that was killed after the decision is finished from the file by the campaign's next load, before its own.
 * (A Kafka transaction would do this for Kafka alone, would hold up every other reader of the topic while it is open, and lasts 15 minutes at most.)
 * @throws ObzvonError bad_input, unreachable (the list; what was accepted before is loaded, unless all or nothing); what the bus throws
 */
export async function loadList(options: LoadOptions, into: IntoCampaign): Promise<LoadReport> {
  const { campaign, list, loadId } = options;
  const { bus, atOnce } = into;
  refuseOverwriting(options);
  try {
    if (atOnce !== null) await finishBrokenOff(bus, atOnce.spoolDir, campaign.id, options.nowMs);
    const startedAtMs = options.nowMs();
    const begun = begunManifest({ loadId, campaignId: campaign.id, list, loadedBy: into.loadedBy, atOnce: atOnce !== null, nowMs: startedAtMs });
    await takeOverRunning(bus, campaign.id, startedAtMs);
    await tellLoad(bus, begun);
    const runOptions: ListRunOptions = { ...options, knowledge: await knowledgeOf(bus, campaign, startedAtMs), loadedAtMs: startedAtMs, staged: atOnce !== null };
    try {
      return await (atOnce === null ? loadAsRead(runOptions, begun, bus, options.nowMs) : loadAtOnce(runOptions, begun, bus, atOnce, options.nowMs));
    } catch (error) {
      // Told as well as may be: the bus may be what failed.
      await tellLoad(bus, { ...begun, state: 'failed', reason: error instanceof ObzvonError ? error.message.slice(0, 500) : 'a fault of obzvon; see its log', endedAtMs: Math.max(options.nowMs(), startedAtMs) }).catch(() => undefined);
      throw error;
    }
  } finally {
    await list.close();
  }
}

async function loadAsRead(options: ListRunOptions, begun: Load, bus: Bus, nowMs: () => number): Promise<LoadReport> {
  const run = new ListRun(options, new BusSink(bus));
  await readOrAbandon(run);
  const report = run.report({ kind: 'loaded' });
  await tellLoad(bus, endedManifest(begun, report, 'done', null, nowMs()));
  return report;
}

async function loadAtOnce(options: ListRunOptions, begun: Load, bus: Bus, atOnce: { maxRefusedShare: number; spoolDir: string }, nowMs: () => number): Promise<LoadReport> {
  const spool = new SpoolSink(atOnce.spoolDir, begun.campaignId, begun.loadId);
  const run = new ListRun(options, spool);
  await readOrAbandon(run);
  const { refusedShare } = run;
  if (refusedShare > atOnce.maxRefusedShare) {
    await spool.abandon();
    const report = run.report({ kind: 'refused_whole', refusedShare, maxRefusedShare: atOnce.maxRefusedShare });
    await tellLoad(bus, { ...endedManifest(begun, report, 'failed', `${percent(refusedShare)} of the rows were refused, and at most ${percent(atOnce.maxRefusedShare)} may be: nobody was loaded`, nowMs()), accepted: 0, heldOut: 0 });
    return report;
  }
  const report = run.report({ kind: 'loaded' });
  await finish(bus, await spool.decide(endedManifest(begun, report, 'done', null, nowMs())), null, nowMs);
  return report;
}

/** @param isThere which contacts the bus has already; null: none of them */
async function finish(bus: Bus, spooled: Spooled, isThere: ((contactId: string) => boolean) | null, nowMs: () => number): Promise<void> {
  const { manifest, path } = spooled;
  const sink = new BusSink(bus);
  try {
    for await (const contacts of spooledContacts(spooled)) await sink.take(isThere === null ? contacts : contacts.filter(({ contactId }) => !isThere(contactId)));
    await sink.finish();
  } catch (error) {
    await sink.abandon();
    throw error;
  }
  const atMs = nowMs();
  await bus.publish(commandsTopic, [{ key: manifest.campaignId, value: { kind: 'commit_load', campaignId: manifest.campaignId, loadId: manifest.loadId, atMs } }]);
  await tellLoad(bus, { ...manifest, endedAtMs: Math.max(atMs, manifest.startedAtMs) });
  await rm(path, { force: true });
}

/**
 * Finishes the campaign's all-or-nothing loads that were decided on this machine and then broken off.
 * @returns their manifests
 */
export async function finishBrokenOff(bus: Bus, spoolDir: string, campaignId: string, nowMs: () => number): Promise<readonly Load[]> {
  const brokenOff = await brokenOffLoads(spoolDir, campaignId);
  if (brokenOff.length === 0) return [];
  const there = await stagedContacts(bus, new Set(brokenOff.map(({ manifest }) => manifest.loadId)));
  for (const spooled of brokenOff) await finish(bus, spooled, there, nowMs);
  return brokenOff.map(({ manifest }) => manifest);
}

const percent = (share: number): string => `${(share * 100).toFixed(share < 0.1 ? 2 : 1)} %`;

/** A manifest left running is that of a process that was killed: one campaign is loaded by one process at a time. */
async function takeOverRunning(bus: Bus, campaignId: string, nowMs: number): Promise<void> {
  for (const load of await loadsOf(bus, campaignId)) {
    if (load.state === 'running') await tellLoad(bus, { ...load, state: 'failed', reason: RUNNING_TAKEN_OVER, endedAtMs: Math.max(nowMs, load.startedAtMs) });
  }
}

async function readOrAbandon(run: ListRun): Promise<void> {
  try {
    await run.read();
  } catch (error) {
    await run.abandon();
    throw error;
  }
}

function refuseOverwriting({ refusedPath, list }: LoadOptions): void {
  if (refusedPath === null) return;
  const written = [refusedPath, remarksPathOf(refusedPath)].map((path) => resolve(path));
  for (const name of [list.name, ...list.understood.files.map((file) => file.name)]) {
    if (written.includes(resolve(name))) throw new ObzvonError('bad_input', `${name}: refused rows would be written over the list itself; expected another path for them`);
  }
}
