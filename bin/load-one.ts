import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { finishBrokenOff, loadList, refusedPathOf, sourceMarkOf, type LoadedBy, type LoadProgress, type LoadReport, type OpenRows } from '../campaign-loader/index.ts';
import type { Bus } from '../core/bus/port.ts';
import type { Campaign } from '../core/campaign.ts';
import type { Clock } from '../core/clock.ts';
import { newId } from '../core/ids.ts';
import type { Context } from './context.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { listSource, refusedStem, sourceNameOf } from './list-source.ts';
import { openList } from './open-list.ts';
import type { Terminal } from './terminal.ts';
import { VERSION } from './version.ts';

/** What is loaded and how, beside the list itself. */
export interface LoadOrder {
  readonly campaign: Campaign;
  readonly refusedPath: string;
  /** `--by`. */
  readonly by: string | undefined;
  readonly sourceMark: string;
  readonly sinceMs: number | null;
  /** `--all-or-nothing` with its limit, 0 to 1; null: good rows are loaded. */
  readonly maxRefusedShare: number | null;
}

/** Loads an opened list into a campaign that the bus has been told of. */
export async function loadOne(context: Context, bus: Bus, clock: Clock, list: OpenRows, order: LoadOrder): Promise<LoadReport> {
  const nowMs = (): number => clock.nowMs();
  const spoolDir = spoolDirOf(context);
  const loadedBy: LoadedBy = { by: order.by ?? currentUser(), version: VERSION, sinceMs: order.sinceMs, sourceMark: order.sourceMark };
  for (const load of await finishBrokenOff(bus, spoolDir, order.campaign.id, nowMs)) {
    context.terminal.say(`the all-or-nothing load ${load.loadId} of ${load.source} was broken off; it is finished now: ${load.accepted} contacts`);
  }
  try {
    return await loadList(
      { campaign: order.campaign, list, nowMs, loadId: newId(nowMs()), refusedPath: order.refusedPath, onProgress: showProgress(context.terminal) },
      { bus, loadedBy, atOnce: order.maxRefusedShare === null ? null : { maxRefusedShare: order.maxRefusedShare, spoolDir } },
    );
  } finally {
    context.terminal.endStatus();
  }
}

/** Loads a list, as the command line names it, with nothing else said about it. */
export async function loadNamed(context: Context, bus: Bus, clock: Clock, campaign: Campaign, list: string): Promise<LoadReport> {
  const source = listSource(list);
  const rows = await openList(context, source, {}, 'ask');
  return loadOne(context, bus, clock, rows, { campaign, refusedPath: refusedPathOf(refusedStem(source)), by: undefined, sourceMark: sourceMarkOf(...sourceNameOf(source)), sinceMs: null, maxRefusedShare: null });
}

/** Where all-or-nothing loads of this machine wait to be decided. */
export const spoolDirOf = (context: Context): string => join(context.config.data.dir, 'loads');

function currentUser(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    // A container may run under a user without a name.
    return `uid ${String(process.getuid?.())}@${hostname()}`;
  }
}

const shownTime = (seconds: number): string => (seconds < 100 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`);

/** Rows, rate and what is left: live on a terminal, a plain line now and then otherwise. */
export function showProgress(terminal: Terminal): (progress: LoadProgress) => void {
  const startedAt = performance.now();
  return (progress) => {
    const seconds = (performance.now() - startedAt) / 1000;
    const rate = Math.round(progress.rows / Math.max(0.1, seconds));
    const share = progress.totalBytes === null || progress.totalBytes === 0 ? null : Math.min(1, progress.bytes / progress.totalBytes);
    const left = share === null || share === 0 ? '' : `, ${Math.floor(share * 100)} %, ${shownTime((seconds / share) * (1 - share))} left`;
    terminal.status([`${progress.rows} rows, ${progress.accepted} accepted, ${progress.refused} refused, ${rate} rows/s${left}`]);
  };
}

/** What a command ends with: bad input if nothing was good, or all or nothing was asked for and too much was bad. */
export function endOfLoad(report: LoadReport): ExitCode {
  if (report.end.kind === 'refused_whole') return EXIT.usage;
  if (report.refusedRows === 0) return EXIT.done;
  return report.accepted + report.duplicates === 0 ? EXIT.usage : EXIT.partial;
}
