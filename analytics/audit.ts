import { z } from 'zod';
import { dispositionSchema, type Disposition } from '../core/outcome.ts';
import type { Analytics } from './client.ts';

const countSchema = z.object({ n: z.coerce.number() });

/** Attempts of a campaign in the store, each once. */
export async function countAttempts(analytics: Analytics, campaignId: string): Promise<number> {
  const rows = await analytics.query('SELECT count() AS n FROM v_attempts WHERE campaign_id = {campaign:String}', countSchema, { campaign: campaignId });
  return rows[0]?.n ?? 0;
}

/** Contacts of a campaign in the store, each once. */
export async function countContacts(analytics: Analytics, campaignId: string): Promise<number> {
  const rows = await analytics.query('SELECT count() AS n FROM v_contacts WHERE campaign_id = {campaign:String}', countSchema, { campaign: campaignId });
  return rows[0]?.n ?? 0;
}

/** Contacts of a campaign by disposition; those with none are not in it. */
export async function countDispositions(analytics: Analytics, campaignId: string): Promise<Partial<Record<Disposition, number>>> {
  const sql = 'SELECT disposition, count() AS n FROM v_dispositions WHERE campaign_id = {campaign:String} GROUP BY disposition';
  const rows = await analytics.query(sql, countSchema.extend({ disposition: dispositionSchema }), { campaign: campaignId });
  return Object.fromEntries(rows.map((row) => [row.disposition, row.n]));
}

const PAGE = 50_000;

/** Ids of a campaign's attempts in their order, a page at a time: a campaign of any size fits in memory. */
export async function* attemptIds(analytics: Analytics, campaignId: string): AsyncGenerator<string, void, undefined> {
  const sql = `SELECT DISTINCT attempt_id FROM attempts WHERE campaign_id = {campaign:String} AND attempt_id > {after:String} ORDER BY attempt_id LIMIT {page:UInt32}`;
  let after = '';
  for (;;) {
    const rows = await analytics.query(sql, z.object({ attempt_id: z.string() }), { campaign: campaignId, after, page: PAGE });
    for (const row of rows) yield row.attempt_id;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = last.attempt_id;
  }
}
