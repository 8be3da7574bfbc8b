/**
 * Splits a file of SQL into its statements at the semicolons that end them: not at those inside strings, quoted names
 * or comments. Comments before a statement stay with it; a file's last semicolon may be missing.
 */
export function splitStatements(sql: string): string[] {
  const statements: string[] = [];
  let start = 0;
  let hasWords = false;
  let i = 0;
  while (i < sql.length) {
    const skipped = endOfQuoted(sql, i) ?? endOfComment(sql, i);
    if (skipped) {
      hasWords ||= skipped.words;
      i = skipped.end;
    } else {
      if (sql[i] === ';') {
        if (hasWords) statements.push(sql.slice(start, i).trim());
        start = i + 1;
        hasWords = false;
      } else if (!/\s/.test(sql[i]!)) {
        hasWords = true;
      }
      i += 1;
    }
  }
  if (hasWords) statements.push(sql.slice(start).trim());
  return statements;
}

interface Skipped {
  readonly end: number;
  /** False for what is no part of a statement. */
  readonly words: boolean;
}

/** A string or a quoted name; a quote in it is doubled or follows a backslash. */
function endOfQuoted(sql: string, at: number): Skipped | undefined {
  const quote = sql[at];
  if (quote !== "'" && quote !== '"' && quote !== '`') return undefined;
  let i = at + 1;
  while (i < sql.length) {
    if (sql[i] === '\\') i += 2;
    else if (sql[i] !== quote) i += 1;
    else if (sql[i + 1] === quote) i += 2;
    else return { end: i + 1, words: true };
  }
  return { end: sql.length, words: true };
}

function endOfComment(sql: string, at: number): Skipped | undefined {
  if (sql.startsWith('--', at)) return { end: endAfter(sql, '\n', at), words: false };
  if (sql.startsWith('/*', at)) return { end: endAfter(sql, '*/', at), words: false };
  return undefined;
}

function endAfter(sql: string, mark: string, from: number): number {
  const found = sql.indexOf(mark, from);
  return found < 0 ? sql.length : found + mark.length;
}
