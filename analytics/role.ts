import type { Layout } from './layout.ts';

export const ANALYST_ROLE = 'obzvon_analyst';

/**
 * The statements that make a role for analysts on a ClickHouse server: it may read every table and view of the database, whose phones are masked, and
 * change nothing; a query of it ends after five minutes or at 10 GB. Who may create roles runs them; then `GRANT obzvon_analyst TO <user>`.
 * Source: ClickHouse documentation, "Access Control and Account Management" (CREATE ROLE, CREATE SETTINGS PROFILE, GRANT).
 * @param database as it may stand between backquotes
 */
export function roleStatements(database: string, layout: Layout): string[] {
  const quoted = `\`${database.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;
  const on = layout.kind === 'replicated' ? ` ON CLUSTER \`${layout.cluster}\`` : '';
  return [
    `CREATE ROLE IF NOT EXISTS ${ANALYST_ROLE}${on}`,
    `CREATE SETTINGS PROFILE IF NOT EXISTS ${ANALYST_ROLE}${on} SETTINGS readonly = 2, max_execution_time = 300, max_memory_usage = 10000000000 TO ${ANALYST_ROLE}`,
    `GRANT${on} SELECT ON ${quoted}.* TO ${ANALYST_ROLE}`,
  ];
}
