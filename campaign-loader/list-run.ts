import type { Campaign } from '../core/campaign.ts';
import type { Contact } from '../core/contact.ts';
import { checkRow } from './check-row.ts';
import type { RowContext } from './check-row.ts';
import type { ContactSink } from './contact-sinks.ts';
import type { CampaignKnowledge } from './known-contacts.ts';
import type { DecimalMark } from './debt.ts';
import { ListChecks } from './list-checks.ts';
import type { ReadRow } from './list-row.ts';
import { ProblemCounts } from './load-report.ts';
import type { LoadEnd, LoadProgress, LoadReport } from './load-report.ts';
import type { OpenRows } from './open-rows.ts';
import type { Problem } from './problem.ts';
import { ProblemFile, remarksPathOf } from './refused-file.ts';
import type { Understanding } from './understanding.ts';

export interface ListRunOptions {
  readonly campaign: Campaign;
  readonly list: OpenRows;
  readonly knowledge: CampaignKnowledge;
  readonly loadId: string;
  readonly loadedAtMs: number;
  /** Where refused rows go; remarks on accepted rows go beside it. Null: nowhere (the report still counts them). */
  readonly refusedPath: string | null;
  /** Called at most four times a second, and at the end. */
  readonly onProgress?: (progress: LoadProgress) => void;
  /** Marks contacts as waiting for their load's commit. */
  readonly staged: boolean;
}

/** Contacts handed on at once. Small, so that what is made for a row dies young. */
const BATCH_ROWS = 500;
const PROGRESS_MS = 250;

/** The decimal mark that the first rows of the list's files show, if none shows another. */
function markOf({ files }: Understanding): DecimalMark | null {
  const marks = new Set(files.flatMap(({ decimalMark }) => decimalMark ?? []));
  return marks.size === 1 ? [...marks][0]! : null;
}

/**
 * One list from its first row to its last: each row becomes a contact that goes to the sink, a duplicate that is passed over, or a line of the
 * refused file. No more is read while the sink has no room.
 */
export class ListRun {
  readonly #options: ListRunOptions;
  readonly #sink: ContactSink;
  readonly #context: RowContext;
  readonly #checks: ListChecks;
  readonly #refusedFile: ProblemFile | null;
  readonly #remarksFile: ProblemFile | null;
  readonly #refused = new ProblemCounts();
  readonly #remarks = new ProblemCounts();
  #batch: Contact[] = [];
  #counts = { rows: 0, accepted: 0, heldOut: 0, duplicates: 0, refused: 0 };
  #progressAt = 0;
  readonly #startedAt = performance.now();

  constructor(options: ListRunOptions, sink: ContactSink) {
    const { campaign, loadId, loadedAtMs, refusedPath } = options;
    this.#options = options;
    this.#sink = sink;
    this.#context = { campaign, loadId, loadedAtMs, decimalMark: markOf(options.list.understood) };
    this.#checks = new ListChecks(campaign, options.knowledge.list);
    this.#refusedFile = refusedPath === null ? null : new ProblemFile(refusedPath);
    this.#remarksFile = refusedPath === null ? null : new ProblemFile(remarksPathOf(refusedPath));
  }

  /** Rows refused of all, 0 to 1. */
  get refusedShare(): number {
    return this.#counts.rows === 0 ? 0 : this.#counts.refused / this.#counts.rows;
  }

  /** Reads the list to its end; when it resolves every contact is safe in the sink, and the files are in their places. */
  async read(): Promise<void> {
    for await (const rows of this.#options.list.rows) {
      for (const read of rows) {
        this.#take(read);
        if (this.#batch.length >= BATCH_ROWS) await this.#handOn();
      }
      await this.#refusedFile?.flush();
      await this.#remarksFile?.flush();
      this.#progress(false);
    }
    await this.#handOn();
    await this.#sink.finish();
    await this.#refusedFile?.finish();
    await this.#remarksFile?.finish();
    this.#progress(true);
  }

  async abandon(): Promise<void> {
    await this.#sink.abandon();
    await this.#refusedFile?.abandon();
    await this.#remarksFile?.abandon();
  }

  #take(read: ReadRow): void {
    this.#counts.rows += 1;
    if (read.kind === 'broken') {
      this.#refuse(read.line, [read.problem], read.original);
      return;
    }
    const { row } = read;
    const checked = checkRow(row, this.#context);
    if (checked.kind === 'refused') {
      this.#refuse(row.line, checked.problems, row.original);
      return;
    }
    const verdict = this.#checks.judge(this.#options.knowledge.asNew(checked.contact), checked.remarks);
    switch (verdict.kind) {
      case 'refused':
        this.#refuse(row.line, verdict.problems, row.original);
        return;
      case 'duplicate':
        this.#counts.duplicates += 1;
        return;
      case 'accepted':
      case 'closed':
        this.#accept(verdict.contact, row.line, verdict.remarks, row.original);
        return;
      default:
        verdict satisfies never;
    }
  }

  #accept(contact: Contact, line: number, remarks: readonly Problem[], original: readonly string[]): void {
    this.#counts.accepted += 1;
    if (contact.closedAtLoad === undefined && contact.group === 'held_out') this.#counts.heldOut += 1;
    this.#batch.push(this.#options.staged ? { ...contact, awaitsCommit: true } : contact);
    if (remarks.length === 0) return;
    for (const remark of remarks) this.#remarks.add(line, remark);
    this.#remarksFile?.add(this.#options.list.headings, line, remarks, original);
  }

  #refuse(line: number, problems: readonly Problem[], original: readonly string[]): void {
    this.#counts.refused += 1;
    this.#refused.add(line, problems[0]!);
    this.#refusedFile?.add(this.#options.list.headings, line, problems, original);
  }

  #handOn(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    return this.#sink.take(batch);
  }

  #progress(last: boolean): void {
    const { onProgress, list } = this.#options;
    if (onProgress === undefined) return;
    const now = performance.now();
    if (!last && now - this.#progressAt < PROGRESS_MS) return;
    this.#progressAt = now;
    const { rows, accepted, refused } = this.#counts;
    onProgress({ rows, accepted, refused, bytes: list.bytes(), totalBytes: list.totalBytes });
  }

  report(end: LoadEnd): LoadReport {
    const { loadId, campaign, list } = this.#options;
    const { rows, accepted, heldOut, duplicates, refused } = this.#counts;
    const seen = this.#checks.report();
    return {
      loadId,
      campaignId: campaign.id,
      source: list.name,
      dryRun: end.kind === 'validated',
      end,
      rows,
      accepted,
      heldOut,
      suppressed: seen.closed,
      duplicates,
      refusedRows: refused,
      refused: this.#refused.report(),
      remarks: this.#remarks.report(),
      sharedPhones: seen.sharedPhones,
      mostAccountsOnOnePhone: seen.mostAccountsOnOnePhone,
      callableByZone: Object.fromEntries(seen.callableByZone),
      balance: seen.balance,
      passedOver: list.passedOver(),
      contentHash: list.contentHash(),
      bytes: list.bytes(),
      ms: Math.round(performance.now() - this.#startedAt),
      refusedPath: this.#refusedFile !== null && this.#refusedFile.rows > 0 ? this.#refusedFile.path : null,
      remarksPath: this.#remarksFile !== null && this.#remarksFile.rows > 0 ? this.#remarksFile.path : null,
    };
  }
}
