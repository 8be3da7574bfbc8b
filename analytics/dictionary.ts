import { z } from 'zod';
import type { Analytics } from './client.ts';

const tableSchema = z.object({ name: z.string(), comment: z.string(), sorting_key: z.string() });
const columnSchema = z.object({ table: z.string(), name: z.string(), type: z.string(), comment: z.string() });

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/**
 * The data dictionary as Markdown, made from the comments in the schema itself: tables, what each holds and how it is ordered, their columns; then the
 * views with their columns.
 */
export async function dictionary(analytics: Analytics): Promise<string> {
  const tables = await analytics.query("SELECT name, comment, sorting_key FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree' AND name != 'migrations' AND name NOT LIKE '.inner%' ORDER BY name", tableSchema);
  const columns = await analytics.query("SELECT table, name, type, comment FROM system.columns WHERE database = currentDatabase() ORDER BY table, position", columnSchema);
  const views = [...new Set(columns.map((column) => column.table).filter((name) => name.startsWith('v_')))].sort();
  const lines: string[] = [];
  for (const { name, comment, sorting_key } of tables) {
    lines.push(`#### ${name}`, '', `${comment}. Ordered by \`${sorting_key}\`.`, '', '| column | type | meaning |', '| --- | --- | --- |');
    for (const column of columns) if (column.table === name && column.name !== 'version') lines.push(`| \`${column.name}\` | ${cell(column.type)} | ${cell(column.comment)} |`);
    lines.push('');
  }
  lines.push('#### Views', '', '| view | columns |', '| --- | --- |');
  for (const view of views) lines.push(`| \`${view}\` | ${columns.filter((column) => column.table === view && column.name !== 'version').map((column) => `\`${column.name}\``).join(', ')} |`);
  return `${lines.join('\n')}\n`;
}

const BEGIN = '<!-- dictionary: made by `obzvon analytics dictionary`; a test holds it against the schema -->';
const END = '<!-- end of the dictionary -->';

/** The page with its dictionary put in place of the former one. */
export function withDictionary(page: string, text: string): string {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`the page has no place for the dictionary: expected ${BEGIN} … ${END}`);
  return `${page.slice(0, from + BEGIN.length)}\n\n${text}\n${page.slice(to)}`;
}
