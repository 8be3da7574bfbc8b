import type { ListSource } from './list-source.ts';
import { MOMENTS, momentOf } from './moment.ts';
import { idOf, readSideList, refuse, type Cells, type RowResult, type SideListReport } from './side-list.ts';

/** A letter, an SMS or the like that went out to an account. */
export interface Touch {
  readonly accountId: string;
  readonly channel: string;
  readonly atMs: number;
}

export interface TouchListOptions {
  /** Of rows that name none; null: each must. */
  readonly channel: string | null;
  /** IANA zone of times and dates written without an offset. */
  readonly timezone: string;
  readonly refusedPath: string | null;
  readonly take: (touches: readonly Touch[]) => Promise<void>;
}

const CHANNEL = /^[\p{L}\p{N}][\p{L}\p{N} _.-]{0,39}$/u;

/** Reads what other channels sent: `account_id`, `at`, and `channel` (sms, letter, …) if it is there. Each row is one touch; said twice it is one. */
export function readTouches(source: ListSource, { channel: usual, timezone, refusedPath, take }: TouchListOptions): Promise<SideListReport> {
  const read = (cells: Cells): RowResult<Touch> => {
    const accountId = idOf(cells, 'account_id');
    if (accountId.kind === 'refused') return accountId;
    const channel = ((cells.get('channel') ?? '') || (usual ?? '')).toLowerCase();
    if (!CHANNEL.test(channel)) return refuse('channel', channel === '' ? 'missing' : 'not_text', cells.get('channel') ?? '', 'a name such as sms or letter, at most 40 letters, or --channel for all rows');
    const atMs = momentOf(cells.get('at') ?? '', timezone);
    if (atMs === null) return refuse('at', 'not_a_date', cells.get('at') ?? '', MOMENTS);
    return { kind: 'ok', value: { accountId: accountId.value, channel, atMs } };
  };
  return readSideList({ required: [['account_id'], ['at']], read }, source, refusedPath, take);
}
