import { basename, resolve } from 'node:path';
import type { Bus, OutgoingMessage } from '../core/bus/port.ts';
import { contactsTopic, loadsTopic } from '../core/bus/topics.ts';
import type { Campaign } from '../core/campaign.ts';
import type { Contact } from '../core/contact.ts';
import { ObzvonError } from '../core/errors.ts';
import { checkRow } from './check-row.ts';
import type { RowContext } from './check-row.ts';
import { ContactIdSet, NumberSet } from './compact-sets.ts';
import type { KnownContacts } from './known-contacts.ts';
import type { ReadRow } from './list-row.ts';
import type { ListSource } from './list-source.ts';
import { ProblemCounts } from './load-report.ts';
import type { LoadProgress, LoadReport } from './load-report.ts';
import { openRows } from './open-rows.ts';
import type { OpenRows } from './open-rows.ts';
import type { ReadOptions } from './read-options.ts';
import type { Problem } from './problem.ts';
import { ProblemFile } from './refused-file.ts';

export interface LoadOptions {
  readonly campaign: Campaign;
  readonly source: ListSource;
  /** What the reader is told beforehand. */
  readonly reading?: ReadOptions;
  /** Needed unless `dryRun`. */
  readonly bus?: Bus;
  /** Which contacts the campaign already has; see `knownContacts`. Absent: none. */
  readonly known?: KnownContacts;
  readonly nowMs: () => number;
  readonly loadId: string;
  /** Where refused rows go; remarks on accepted rows go beside it. Null: nowhere (the report still counts them). */
  readonly refusedPath: string | null;
  /** Called at most four times a second, and at the end. */
  readonly onProgress?: (progress: LoadProgress) => void;
  /** Check everything, publish nothing. */
  readonly dryRun?: boolean;
}

/** Rows between two looks at the known contacts, and messages in one publish. Small, so that what is made for a row dies young. */
const BATCH_ROWS = 500;
/** Publishes on their way at once; the bus writes those that wait together. */
const MAX_PUBLISHES = 8;
const PROGRESS_MS = 250;

/** `list.csv` -> `list.refused.csv`. */
export function refusedPathOf(listPath: string): string {
  return `${listPath.replace(/\.(csv|tsv|txt|ndjson|jsonl)$/i, '')}.refused.csv`;
}

/** Where remarks on accepted rows go: `list.refused.csv` -> `list.remarks.csv`. */
export function remarksPathOf(refusedPath: string): string {
  return `${refusedPath.replace(/(\.refused)?\.csv$/i, '')}.remarks.csv`;
}

/**
 * Loads a list into a campaign: reads it as a stream, checks each row, publishes the contacts and, at the end, a Load record. Each row
 * read is accepted, a duplicate of what the campaign has, or refused with a line in the refused file.
 *
 * Contacts have ids made of campaign and account, and those already on the bus are passed over: after a crash the
 * same load is simply run again. At most a few batches are on their way to the bus while the next is read.
 * @throws ObzvonError not_found, bad_input (no list, wrong headings); what the bus throws
 */
export async function loadList(options: LoadOptions): Promise<LoadReport> {
  const { refusedPath, source } = options;
  if (options.bus === undefined && options.dryRun !== true) throw new ObzvonError('usage', 'a load needs a bus to publish to');
  if (refusedPath !== null && source.kind === 'file' && [refusedPath, remarksPathOf(refusedPath)].some((path) => resolve(path) === resolve(source.path))) {
    throw new ObzvonError('bad_input', `${source.path}: refused rows would be written over the list itself; expected another path for them`);
  }
  const list = await openRows(source, options.reading);
  const run = new LoadRun(options, list);
  try {
    return await run.load();
  } catch (error) {
    await run.abandon();
    throw error;
  } finally {
    await list.close();
  }
}

/** As {@link loadList}, but only checks: no bus, nothing published. */
export function validateList(options: Omit<LoadOptions, 'dryRun' | 'bus'>): Promise<LoadReport> {
  return loadList({ ...options, dryRun: true });
}

/** A good row that waits to be compared with what the campaign has. */
interface Candidate {
  readonly contact: Contact;
  readonly line: number;
  readonly remarks: readonly Problem[];
  /** Empty if there are no remarks: rows kept longer than needed are what a load's time goes into (moved by the collector). */
  readonly original: readonly string[];
}
const NOTHING: readonly string[] = [];

/** One load from start to end. */
class LoadRun {
  readonly #options: LoadOptions;
  readonly #list: OpenRows;
  readonly #context: RowContext;
  readonly #refusedFile: ProblemFile | null;
  readonly #remarksFile: ProblemFile | null;
  readonly #refused = new ProblemCounts();
  readonly #remarks = new ProblemCounts();
  /** Contacts of the good rows so far. */
  readonly #seen = new ContactIdSet();
  readonly #phones = new NumberSet();
  readonly #sharedPhones = new NumberSet();
  #batch: Candidate[] = [];
  /** Publishes not known to have ended, oldest first. */
  readonly #publishing: Promise<void>[] = [];
  #counts = { rows: 0, accepted: 0, heldOut: 0, duplicates: 0, refused: 0 };
  #progressAt = 0;

  constructor(options: LoadOptions, list: OpenRows) {
    this.#options = options;
    this.#list = list;
    this.#context = { campaign: options.campaign, loadId: options.loadId, loadedAtMs: options.nowMs() };
    this.#refusedFile = options.refusedPath === null ? null : new ProblemFile(options.refusedPath);
    this.#remarksFile = options.refusedPath === null ? null : new ProblemFile(remarksPathOf(options.refusedPath));
  }

  async load(): Promise<LoadReport> {
    const started = performance.now();
    for await (const rows of this.#list.rows) await this.#take(rows);
    await this.#settle();
    await Promise.all(this.#publishing);
    await this.#refusedFile?.finish();
    await this.#remarksFile?.finish();
    const report = this.#report(performance.now() - started);
    if (this.#options.dryRun !== true) await this.#publishLoad(report);
    this.#progress(true);
    return report;
  }

  async abandon(): Promise<void> {
    await Promise.allSettled(this.#publishing);
    await this.#refusedFile?.abandon();
    await this.#remarksFile?.abandon();
  }

  async #take(rows: readonly ReadRow[]): Promise<void> {
    for (const read of rows) {
      this.#counts.rows += 1;
      if (read.kind === 'broken') {
        this.#refuse(read.line, [read.problem], read.original);
        continue;
      }
      const { line, original } = read.row;
      const verdict = checkRow(read.row, this.#context);
      if (verdict.kind === 'refused') this.#refuse(line, verdict.problems, original);
      else if (this.#seen.add(verdict.contact.contactId)) {
        const { contact, remarks } = verdict;
        this.#batch.push({ contact, line, remarks, original: remarks.length > 0 ? original : NOTHING });
        if (this.#batch.length >= BATCH_ROWS) await this.#settle();
      } else this.#refuse(line, [{ field: 'account_id', code: 'duplicate_account', found: verdict.contact.accountId, expected: 'each account once; an earlier row of this list has it' }], original);
    }
    await this.#refusedFile?.flush();
    this.#progress(false);
  }

  /** Passes over what the campaign has and sends the new contacts off. */
  async #settle(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    const known: ReadonlySet<string> | undefined = await this.#options.known?.(batch.map(({ contact }) => contact.contactId));
    const fresh: OutgoingMessage<Contact>[] = [];
    for (const candidate of batch) {
      const { contact } = candidate;
      if (known?.has(contact.contactId) === true) this.#counts.duplicates += 1;
      else {
        this.#accept(candidate);
        fresh.push({ key: contact.contactId, value: contact });
      }
    }
    await this.#remarksFile?.flush();
    const { bus } = this.#options;
    if (bus === undefined || this.#options.dryRun === true || fresh.length === 0) return;
    if (this.#publishing.length >= MAX_PUBLISHES) await this.#publishing.shift();
    const publish = bus.publish(contactsTopic, fresh);
    // Awaited later; until then a failure must not count as unhandled.
    publish.catch(() => undefined);
    this.#publishing.push(publish);
  }

  #refuse(line: number, problems: readonly Problem[], original: readonly string[]): void {
    this.#counts.refused += 1;
    this.#refused.add(line, problems[0]!);
    this.#refusedFile?.add(this.#list.headings, line, problems, original);
  }

  #accept({ contact, line, remarks, original }: Candidate): void {
    this.#counts.accepted += 1;
    if (contact.group === 'held_out') this.#counts.heldOut += 1;
    for (const phone of contact.phones) {
      const number = Number(phone.slice(1));
      if (!this.#phones.add(number)) this.#sharedPhones.add(number);
    }
    if (remarks.length === 0) return;
    for (const remark of remarks) this.#remarks.add(line, remark);
    this.#remarksFile?.add(this.#list.headings, line, remarks, original);
  }

  #progress(last: boolean): void {
    const { onProgress } = this.#options;
    if (onProgress === undefined) return;
    const now = performance.now();
    if (!last && now - this.#progressAt < PROGRESS_MS) return;
    this.#progressAt = now;
    const { rows, accepted, refused } = this.#counts;
    onProgress({ rows, accepted, refused, bytes: this.#list.bytes(), totalBytes: this.#list.totalBytes });
  }

  #report(ms: number): LoadReport {
    const { rows, accepted, heldOut, duplicates, refused } = this.#counts;
    return {
      loadId: this.#options.loadId,
      campaignId: this.#options.campaign.id,
      source: this.#list.name,
      dryRun: this.#options.dryRun === true,
      rows,
      accepted,
      heldOut,
      duplicates,
      refusedRows: refused,
      refused: this.#refused.report(),
      remarks: this.#remarks.report(),
      sharedPhones: this.#sharedPhones.size,
      bytes: this.#list.bytes(),
      ms: Math.round(ms),
      refusedPath: this.#refusedFile !== null && this.#refusedFile.rows > 0 ? this.#refusedFile.path : null,
      remarksPath: this.#remarksFile !== null && this.#remarksFile.rows > 0 ? this.#remarksFile.path : null,
    };
  }

  async #publishLoad(report: LoadReport): Promise<void> {
    const value = {
      loadId: report.loadId,
      campaignId: report.campaignId,
      source: basename(report.source).slice(-500),
      rows: report.rows,
      accepted: report.accepted,
      heldOut: report.heldOut,
      refused: Object.fromEntries(Object.entries(report.refused).map(([key, count]) => [key, count.rows])),
      duplicates: report.duplicates,
      startedAtMs: this.#context.loadedAtMs,
      endedAtMs: this.#options.nowMs(),
    };
    await this.#options.bus?.publish(loadsTopic, [{ key: report.campaignId, value }]);
  }
}
