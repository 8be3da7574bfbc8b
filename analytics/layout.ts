/**
 * How the tables lie: on one server, or as copies on every replica of one shard of a cluster.
 *
 * One shard with N replicas is the form that is supported: a campaign's rows fit one machine many times over (a million
 * attempts are some 40 MB), and over several shards the views would need Distributed tables under them and FINAL would
 * no longer see the copies of a row together.
 */
export type Layout = { readonly kind: 'single' } | ReplicatedLayout;

export interface ReplicatedLayout {
  readonly kind: 'replicated';
  /** Name of the cluster in the server's remote_servers. */
  readonly cluster: string;
  /** Where Keeper keeps a table; the server fills in {shard}, {database}, {table}. */
  readonly replicaPath: string;
  /**
   * Replicas that must have a row before its insert counts as done: after that the bus lets go of it. `auto` is more
   * than half, so the loss of a replica loses no row; with two replicas that is both, and while one is away rows wait on
   * the bus. 1 goes on with one replica, and loses what it had alone if its disk dies.
   */
  readonly insertQuorum: number | 'auto';
}

/** Longer than the server may be away with an insert of unknown end behind it: a week. */
const DEDUPLICATION_SECONDS = 604_800;

const COMMENTS = /^(?:\s*--[^\n]*\n)*\s*/;
const FORMS = [
  /^CREATE TABLE IF NOT EXISTS \w+(?= \()/,
  /^CREATE OR REPLACE VIEW \w+(?= AS\s)/,
  /^CREATE MATERIALIZED VIEW IF NOT EXISTS \w+(?= TO \w+ AS\s)/,
  /^ALTER TABLE \w+(?= (?:MODIFY SETTING|ADD COLUMN IF NOT EXISTS|ADD INDEX IF NOT EXISTS|MATERIALIZE COLUMN|MODIFY TTL|REMOVE TTL|MATERIALIZE TTL|DELETE WHERE)\b)/,
];
/** Run by the replica that is asked; the others get the rows by replication. */
const PLAIN_FORM = /^INSERT INTO \w+ \([\w, ]+\)\s+SELECT\s/;

/**
 * A statement of a migration, written for one server, as it is for `layout`. Migrations are written in few forms, so
 * that this is a matter of a few places; one in any other form is refused, not passed on half done.
 */
export function renderStatement(sql: string, layout: Layout): string {
  if (layout.kind === 'single') return sql;
  const comments = COMMENTS.exec(sql)?.[0] ?? '';
  const statement = sql.slice(comments.length);
  if (PLAIN_FORM.test(statement)) return sql;
  const head = FORMS.map((form) => form.exec(statement)?.[0]).find((found) => found !== undefined);
  if (head === undefined) throw new Error(`a migration's statement has no form for a cluster: ${statement.slice(0, 80)}`);
  const rest = statement
    .slice(head.length)
    .replace(/^(\) ENGINE = )(\w*MergeTree)(?:\(([^)]*)\))?/m, (_all, before: string, engine: string, parameters?: string) => {
      const path = [`'${layout.replicaPath}'`, `'{replica}'`, ...(parameters ? [parameters] : [])];
      return `${before}Replicated${engine}(${path.join(', ')})`;
    })
    .replace(/\bnon_(replicated_deduplication_window = \d+)/, `$1, replicated_deduplication_window_seconds = ${DEDUPLICATION_SECONDS}`);
  return `${comments}${head} ON CLUSTER \`${layout.cluster}\`${rest}`;
}

/**
 * Settings of every insert. They stand in the statement: as settings of the embedded connection they would outlast it.
 * @param token names the rows (see `insertToken`): a second insert under it stores nothing
 */
export function insertSettings(layout: Layout, token?: string): string {
  const settings = [
    // A server may be set up to gather inserts; what is answered here must be durable.
    'async_insert = 0',
  ];
  if (token !== undefined) {
    settings.push(
      'insert_deduplicate = 1',
      `insert_deduplication_token = ${literal(token)}`,
      // What hangs on the table gets a repeated batch once, too; obzvon's own views would come to no harm by it.
      'deduplicate_blocks_in_dependent_materialized_views = 1',
    );
  }
  // 30 s: the rows are stored in any case, the insert is tried again, and its token makes that a mere question.
  if (layout.kind === 'replicated') settings.push(`insert_quorum = '${layout.insertQuorum}'`, 'insert_quorum_timeout = 30000');
  return settings.join(', ');
}

/** A text as ClickHouse reads it in a statement, where no parameter may stand: among settings, and in mutations on some servers. */
export const literal = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
