import type { Attempt } from '../core/attempt.ts';
import { VERDICTS, type Verdict } from '../core/outcome.ts';
import type { JournalEntry, PersonaKind } from '../dialer/simulator/journal.ts';

/** The verdict that would have been right for what answered; personas that never answer have none. */
const RIGHT: Partial<Record<PersonaKind, Verdict>> = {
  human: 'human', voicemail: 'machine', announcement_early: 'announcement', announcement_answered: 'announcement', sit: 'announcement', fax: 'fax', silence: 'silence',
};

export interface ConfusionRow {
  readonly persona: PersonaKind;
  readonly right: Verdict;
  readonly calls: number;
  readonly verdicts: Readonly<Record<Verdict | 'none', number>>;
}

/** What the detector said of each kind of party, over the calls in which it heard anything. */
export function confusion(attempts: Iterable<Attempt>, journal: readonly JournalEntry[]): ConfusionRow[] {
  const personas = new Map<string, PersonaKind>();
  for (const entry of journal) if (entry.kind === 'invite') personas.set(entry.attemptId, entry.persona);
  const rows = new Map<PersonaKind, Record<Verdict | 'none', number>>();
  for (const attempt of attempts) {
    const persona = personas.get(attempt.attemptId);
    if (persona === undefined || RIGHT[persona] === undefined || (attempt.answeredAtMs === null && attempt.verdict === null)) continue;
    let row = rows.get(persona);
    if (row === undefined) rows.set(persona, (row = { human: 0, machine: 0, announcement: 0, fax: 0, silence: 0, unsure: 0, none: 0 }));
    row[attempt.verdict ?? 'none']++;
  }
  return [...rows]
    .map(([persona, verdicts]) => ({ persona, right: RIGHT[persona]!, calls: Object.values(verdicts).reduce((sum, count) => sum + count, 0), verdicts }))
    .sort((a, b) => b.calls - a.calls);
}

/** The confusion as a table; right verdicts in brackets. `none`: hung up before a verdict fell. */
export function confusionText(rows: readonly ConfusionRow[]): string {
  const columns = [...VERDICTS, 'none'] as const;
  const line = (cells: readonly string[]): string => cells.map((cell, index) => (index === 0 ? cell.padEnd(22) : cell.padStart(13))).join('');
  return [
    'AMD verdicts against who really answered (simulated channel, proxy languages)',
    line(['answered by', 'calls', ...columns]),
    ...rows.map((row) => line([row.persona, String(row.calls), ...columns.map((column) => (column === row.right ? `[${row.verdicts[column]}]` : String(row.verdicts[column])))])),
  ].join('\n');
}
