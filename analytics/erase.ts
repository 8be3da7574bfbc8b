import { createHmac } from 'node:crypto';
import { z } from 'zod';
import type { Analytics, Parameters } from './client.ts';
import { literal, renderStatement } from './layout.ts';

/** Under which ids a person's rows go on. Each list has the new ones in the order of the former. */
export interface Renamed {
  readonly accountId: string;
  readonly mark: string;
  readonly contactIds: readonly string[];
  readonly contactMarks: readonly string[];
  readonly paymentIds: readonly string[];
  readonly paymentMarks: readonly string[];
}

/**
 * The marks of a person: HMAC-SHA256 (RFC 2104, FIPS 180-4), cut to 128 bits, under the key that phones are hashed with. The same at every try, so that rows
 * copied by one that failed are not copied twice; a contact's and a payment's are drawn from its own id, so that what is loaded later gets others.
 */
export function renamed(key: string, accountId: string, contactIds: readonly string[], paymentIds: readonly string[]): Renamed {
  const hash = (kind: string, id: string): string => createHmac('sha256', key).update(`${kind}:${id}`).digest('hex').slice(0, 32);
  const mark = `erased-${hash('account', accountId)}`;
  return {
    accountId, mark, contactIds, paymentIds,
    contactMarks: contactIds.map((id) => `${mark}-${hash('contact', id)}`), paymentMarks: paymentIds.map((id) => `${mark}-payment-${hash('payment', id)}`),
  };
}

/** What the store itself knows of an account: messages may have left the bus. */
export async function idsOfAccount(analytics: Analytics, accountId: string): Promise<{ readonly contactIds: readonly string[]; readonly paymentIds: readonly string[] }> {
  const idsIn = async (column: string, tables: readonly string[]): Promise<string[]> => {
    const union = tables.map((table) => `SELECT ${column} AS id FROM ${table} WHERE account_id = {accountId:String}`).join(' UNION DISTINCT ');
    return (await analytics.query(union, z.object({ id: z.string() }), { accountId })).map((row) => row.id);
  };
  return { contactIds: await idsIn('contact_id', ['contacts', 'attempts', 'dispositions', 'debts']), paymentIds: await idsIn('payment_id', ['payments']) };
}

/** Rows of a person, by table. */
export type ErasedRows = Readonly<Record<string, number>>;

const CONTACT_ID = `transform(contact_id, {contactIds:Array(String)}, {contactMarks:Array(String)}, concat({mark:String}, '-', campaign_id))`;
const PAYMENT_ID = `transform(payment_id, {paymentIds:Array(String)}, {paymentMarks:Array(String)}, concat({mark:String}, '-', hex(sipHash64({mark:String}, payment_id))))`;

/** What takes the place of what names a person; every other column stays, so that counts and sums do. The hour of a call and the sum owed stay too. */
const IN_PLACE: Readonly<Record<string, string>> = {
  contact_id: CONTACT_ID, account_id: '{mark:String}', payment_id: PAYMENT_ID, reverses: "if(reverses = '', '', concat({mark:String}, '-reversed'))",
  phone_masked: "''", phone_hash: 'lower(hex(sipHash64({mark:String})))', digits: "''", due_date: 'NULL', cluster: "if(cluster = '', '', {mark:String})",
};
/** Tables whose rows go on under the mark. What is made of them by views (debts, how far a contact was reached) is made anew with them. */
const RENAMED = ['contacts', 'attempts', 'dispositions', 'payments', 'touches'] as const;

/**
 * Takes a person out of the store: rows go on under a mark that leads nowhere without its key, so that every count and sum stays what it was; the former ones are
 * deleted, and ClickHouse has written its files anew without them when this resolves (it removes the former files from the disk within some minutes). Orders not to
 * call stay: they must be honoured. Can be repeated.
 */
export async function eraseAccount(analytics: Analytics, person: Renamed, nowMs: number): Promise<ErasedRows> {
  const parameters: Parameters = { ...person };
  const erased: Record<string, number> = {};
  const countSchema = z.object({ n: z.coerce.number() });
  for (const table of RENAMED) {
    const [found] = await analytics.query(`SELECT count() AS n FROM ${table} FINAL WHERE account_id = {accountId:String}`, countSchema, { accountId: person.accountId });
    erased[table] = found?.n ?? 0;
    if (erased[table] === 0) continue;
    const columns = await analytics.query("SELECT name FROM system.columns WHERE database = currentDatabase() AND table = {table:String} AND default_kind IN ('', 'DEFAULT') ORDER BY position", z.object({ name: z.string() }), { table });
    const names = columns.map((column) => column.name);
    const used = Object.fromEntries(Object.entries(parameters).filter(([name]) => names.some((column) => IN_PLACE[column]?.includes(`{${name}:`)) || name === 'accountId'));
    await analytics.command(`INSERT INTO ${table} (${names.join(', ')}) SELECT ${names.map((name) => IN_PLACE[name] ?? name).join(', ')} FROM ${table} FINAL WHERE account_id = {accountId:String}`, used);
  }
  const byAccount = `account_id = ${literal(person.accountId)}`;
  const byContact = `contact_id IN (${person.contactIds.map(literal).join(', ')})`;
  // First what is found by the contacts' ids: the other tables know them if this is tried again.
  const deletions: [table: string, where: string][] = [...(person.contactIds.length > 0 ? [['contact_progress', byContact] as [string, string]] : []), ...RENAMED.map((table): [string, string] => [table, byAccount]), ['debts', byAccount], ['opt_outs', `${byAccount} AND kind = 'asked'`]];
  for (const [table, where] of deletions) await analytics.command(renderStatement(`ALTER TABLE ${table} DELETE WHERE ${where} SETTINGS mutations_sync = 2`, analytics.layout));
  // Counted under the mark: a try before this one may have moved some.
  const marked = await rowsOfAccount(analytics, person.mark, []);
  await analytics.insert('erasures', ['mark', 'erased_at', 'contacts', 'attempts'], [[person.mark, nowMs, marked['contacts'] ?? 0, marked['attempts'] ?? 0]]);
  return erased;
}

/** How many rows of the person there are in any table: none, once erased. */
export async function rowsOfAccount(analytics: Analytics, accountId: string, contactIds: readonly string[]): Promise<ErasedRows> {
  const counts: Record<string, number> = {};
  for (const table of [...RENAMED, 'debts', 'opt_outs']) {
    const [row] = await analytics.query(`SELECT count() AS n FROM ${table} WHERE account_id = {accountId:String}${table === 'opt_outs' ? " AND kind = 'asked'" : ''}`, z.object({ n: z.coerce.number() }), { accountId });
    counts[table] = row?.n ?? 0;
  }
  const [row] = await analytics.query('SELECT count() AS n FROM contact_progress WHERE contact_id IN {contactIds:Array(String)}', z.object({ n: z.coerce.number() }), { contactIds });
  counts['contact_progress'] = row?.n ?? 0;
  return counts;
}
