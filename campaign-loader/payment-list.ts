import { currencySchema } from '../core/contact.ts';
import type { Payment } from '../core/payment.ts';
import { amountOf } from './debt.ts';
import type { ListSource } from './list-source.ts';
import { MOMENTS, momentOf } from './moment.ts';
import { idOf, readSideList, refuse, type Cells, type RowResult, type SideListReport } from './side-list.ts';

/** What reading payments did. The counts beside those of every side list are of accepted rows. */
export interface PaymentListReport extends SideListReport {
  /** Rows that say again what an earlier row of the list says. */
  readonly repeated: number;
  /** Rows that say what was told before: accepted, but not told again. */
  readonly alreadyTold: number;
  /** Rows that take a payment back. */
  readonly reversed: number;
  /** Rows of accounts that no campaign has: told all the same, but nobody's calls stop. */
  readonly unmatched: number;
  /** Lines of the first of them. */
  readonly unmatchedLines: readonly number[];
}

export interface PaymentListOptions {
  /** Of rows that name none. */
  readonly currency: string;
  /** IANA zone of times and dates written without an offset. */
  readonly timezone: string;
  /** When billing told us. */
  readonly nowMs: number;
  readonly refusedPath: string | null;
  /** Whether any campaign has the account. */
  readonly isKnown: (accountId: string) => boolean;
  /** Whether the last word about the payment said the same. */
  readonly isTold: (payment: Payment) => boolean;
  readonly take: (payments: readonly Payment[]) => Promise<void>;
}

const UNMATCHED_LINES = 20;
/**
 * When a payment was paid or booked. A date alone is its last second, for a call of that day comes before the money that it may have brought; but it
 * is not after `nowMs`, nor after `bookedAtMs` if that is a time within the day or later (at its midnight or before, it tells nothing of the day).
 */
function paymentMomentOf(raw: string, timezone: string, nowMs: number, bookedAtMs: number | null = null): number | null {
  const ms = momentOf(raw, timezone);
  if (ms === null || raw.includes(':')) return ms;
  const lastSecondMs = momentOf(`${raw.trim()} 23:59:59`, timezone)!;
  return Math.min(lastSecondMs, nowMs, bookedAtMs !== null && bookedAtMs > ms ? bookedAtMs : nowMs);
}

/** Beginnings of what billings write for a payment that stands, and for one taken back. */
const STANDS = /^(?:$|paid|posted|ok|success|done|settled|complete|оплач|проведен|зарахован|зачислен|успіш|успеш)/i;
const TAKEN_BACK = /^(?:revers|cancel|refund|void|storno|chargeback|сторно|скасов|відмін|відклик|поверн|отмен|возвра|аннул|анульов)/i;

/**
 * Reads payments: `payment_id`, `account_id`, `amount`, `paid_at`; and if they are there `posted_at` (when billing booked it), `currency`, `status`
 * and `reverses` (the payment that this one takes back). A date alone is its last second, or now if that is not over.
 *
 * A payment is taken back by a negative amount under an id of its own, or by its status in a list that names it again: then it is told together with
 * its contrary, `<id>/reversed`, so that the sum is right whether or not the first was told before. A row that says it in two ways takes it back once. An id told twice is one payment; told again in one
 * list with another account or amount it is refused, for one of the two is wrong.
 */
export async function readPayments(source: ListSource, options: PaymentListOptions): Promise<PaymentListReport> {
  const told = new Map<string, string>();
  let [repeated, alreadyTold, reversed, unmatched] = [0, 0, 0, 0];
  const unmatchedLines: number[] = [];
  const read = (cells: Cells, line: number): RowResult<readonly Payment[]> => {
    const row = paymentsOfRow(cells, options);
    if (row.kind === 'refused') return row;
    const [payment] = row.value;
    if (payment === undefined) return row;
    const said = [payment.accountId, payment.amountMinor, payment.currency, row.value.length].join('\0');
    const before = told.get(payment.paymentId);
    if (before !== undefined && before !== said) return refuse('payment_id', 'told_otherwise', payment.paymentId, 'each payment once: an earlier row gives it another account, amount or status');
    told.set(payment.paymentId, said);
    if (before !== undefined) repeated++;
    if (row.value.some((one) => one.amountMinor < 0)) reversed++;
    if (!options.isKnown(payment.accountId)) {
      unmatched++;
      if (unmatchedLines.length < UNMATCHED_LINES) unmatchedLines.push(line);
    }
    const news = row.value.filter((one) => !options.isTold(one));
    if (news.length === 0) alreadyTold++;
    return { kind: 'ok', value: news };
  };
  const report = await readSideList({ required: [['payment_id'], ['account_id'], ['amount'], ['paid_at']], read }, source, options.refusedPath, async (rows) => {
    const news = rows.flat();
    if (news.length > 0) await options.take(news);
  });
  return { ...report, repeated, alreadyTold, reversed, unmatched, unmatchedLines };
}

function paymentsOfRow(cells: Cells, { currency: usual, timezone, nowMs }: PaymentListOptions): RowResult<readonly Payment[]> {
  const paymentId = idOf(cells, 'payment_id');
  if (paymentId.kind === 'refused') return paymentId;
  const accountId = idOf(cells, 'account_id');
  if (accountId.kind === 'refused') return accountId;
  const text = cells.get('amount') ?? '';
  const negative = /^[-\u2212]\s?(?=\d)/.exec(text);
  const amount = amountOf(negative === null ? text : text.slice(negative[0].length));
  if (amount.kind === 'bad') return refuse('amount', amount.code, text, 'an amount such as 1234.56 or 1 234,56, or -1234.56 for one taken back');
  const posted = cells.get('posted_at') ?? '';
  const postedAtMs = posted === '' ? null : paymentMomentOf(posted, timezone, nowMs);
  if (posted !== '' && postedAtMs === null) return refuse('posted_at', 'not_a_date', posted, `${MOMENTS}, or nothing`);
  const paid = cells.get('paid_at') ?? '';
  const paidAtMs = paymentMomentOf(paid, timezone, nowMs, postedAtMs);
  if (paidAtMs === null) return refuse('paid_at', 'not_a_date', paid, MOMENTS);
  const currency = currencySchema.safeParse((cells.get('currency') ?? '') || usual);
  if (!currency.success) return refuse('currency', 'unknown_currency', cells.get('currency') ?? '', 'an ISO 4217 code such as UAH');
  if (amount.value.currencies?.includes(currency.data) === false) return refuse('amount', 'other_currency', text, `an amount in ${currency.data}`);
  const status = cells.get('status') ?? '';
  const takenBack = TAKEN_BACK.test(status);
  if (!takenBack && !STANDS.test(status)) return refuse('status', 'unknown_status', status, 'paid or reversed, or a word that begins so in Ukrainian or Russian; or nothing');
  const reverses = (cells.get('reverses') ?? '') === '' ? null : idOf(cells, 'reverses');
  if (reverses?.kind === 'refused') return reverses;
  const minor = negative === null && reverses === null ? amount.value.minor : -amount.value.minor;
  const payment: Payment = {
    paymentId: paymentId.value, accountId: accountId.value, amountMinor: minor, currency: currency.data, paidAtMs, receivedAtMs: nowMs,
    ...(postedAtMs === null ? {} : { postedAtMs }), ...(reverses === null ? {} : { reverses: reverses.value }),
  };
  if (!takenBack || reverses !== null) return { kind: 'ok', value: [payment] };
  const contraryId = `${payment.paymentId}/reversed`;
  if (contraryId.length > 128) return refuse('payment_id', 'too_long', payment.paymentId, 'at most 119 characters, for a payment taken back');
  // The sign says already that it takes money back: its contrary would give it again.
  if (negative !== null) return { kind: 'ok', value: [{ ...payment, paymentId: contraryId }] };
  return { kind: 'ok', value: [payment, { ...payment, paymentId: contraryId, amountMinor: -payment.amountMinor, reverses: payment.paymentId }] };
}
