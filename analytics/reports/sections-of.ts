import { unreachable } from '../../core/errors.ts';
import { spoken } from '../table.ts';
import type { AttemptsReport } from './attempts.ts';
import type { CostReport } from './cost.ts';
import type { DataReport } from './data.ts';
import type { QualityReport } from './quality.ts';
import { counts, type Section } from './sections.ts';

export type SectionedReport = AttemptsReport | QualityReport | CostReport | DataReport;

/** The tables of a report. */
export function sectionsOf(report: SectionedReport): Section[] {
  switch (report.kind) {
    case 'attempts':
      return attemptsSections(report);
    case 'quality':
      return qualitySections(report);
    case 'cost':
      return costSections(report);
    case 'data':
      return dataSections(report);
    default:
      return unreachable(report);
  }
}

function attemptsSections({ byAttemptNumber, outcomes, promises, attempts, currency }: AttemptsReport): Section[] {
  return [
    {
      name: 'attempt', title: 'Attempts by their number for the contact', label: 'attempt',
      measures: counts(['attempts', 'calls'], ['answered', 'answered', 'attempts'], ['human', 'human', 'attempts'], ['heard', 'heard', 'attempts'], ['promised', 'promised', 'attempts']),
      rows: byAttemptNumber.map((one) => ({ label: String(one.attemptNumber), values: [one.attempts, one.answered, one.human, one.heard, one.promised] })),
    },
    { name: 'outcome', title: `Outcomes of ${attempts} calls`, label: 'outcome', measures: counts(['attempts', 'calls']), rows: outcomes.map((one) => ({ label: spoken(one.outcome), values: [one.attempts] })) },
    {
      name: 'promises', title: 'Promises to pay, one a contact', label: 'promises',
      measures: [...counts(['promised', 'promised'], ['kept', 'kept', 'promised'], ['late', 'late', 'promised'], ['broken', 'broken', 'promised'], ['open', 'open', 'promised']), { name: 'kept_minor', title: 'came in time', unit: 'money' }],
      rows: [{ label: 'all', values: [promises.promised, promises.kept, promises.late, promises.broken, promises.open, promises.keptMinor], currency }],
    },
  ];
}

function qualitySections({ trunks, callerIds, verdicts, causes }: QualityReport): Section[] {
  return [
    {
      name: 'trunk', title: 'Trunks', label: 'trunk',
      measures: [
        ...counts(['attempts', 'calls'], ['answered', 'answered', 'attempts'], ['human', 'human', 'attempts'], ['failed', 'failed', 'attempts'], ['refused', 'refused', 'attempts']),
        { name: 'post_dial_delay_p50_ms', title: 'post-dial delay', unit: 'ms' }, { name: 'post_dial_delay_p95_ms', title: 'of 95 %', unit: 'ms' }, { name: 'talk_ms', title: 'talk', unit: 'hours' },
      ],
      rows: trunks.map((one) => ({ label: one.trunk, values: [one.attempts, one.answered, one.human, one.failed, one.refused, one.postDialDelayP50Ms, one.postDialDelayP95Ms, one.talkMs] })),
    },
    {
      name: 'caller_id', title: 'Caller ids: the last seven days of calling beside those before', label: 'caller id',
      measures: counts(['attempts', 'calls'], ['answered', 'answered', 'attempts'], ['rejected', 'rejected', 'attempts'], ['early_attempts', 'calls before'], ['early_answered', 'answered before', 'early_attempts'], ['late_attempts', 'calls of 7 days'], ['late_answered', 'answered', 'late_attempts']),
      rows: callerIds.map((one) => ({ label: `${one.callerId}${one.health === 'falling' ? ' FALLING' : ''}`, values: [one.attempts, one.answered, one.rejected, one.early.attempts, one.early.answered, one.late.attempts, one.late.answered] })),
    },
    {
      name: 'verdict', title: 'Verdicts of answering-machine detection', label: 'verdict',
      measures: [...counts(['attempts', 'calls'], ['human', 'human', 'attempts'], ['heard', 'heard', 'attempts']), { name: 'latency_p50_ms', title: 'after the answer', unit: 'ms' }, { name: 'latency_p95_ms', title: 'of 95 %', unit: 'ms' }],
      rows: verdicts.map((one) => ({ label: one.verdict, values: [one.attempts, one.human, one.heard, one.latencyP50Ms, one.latencyP95Ms] })),
    },
    {
      name: 'cause', title: 'Calls not answered, by what the network said', label: 'outcome, SIP status, Q.850 cause', measures: counts(['attempts', 'calls']),
      rows: causes.map((one) => ({ label: `${spoken(one.outcome)} ${one.sipStatus} ${one.q850Cause}`, values: [one.attempts] })),
    },
  ];
}

function costSections({ trunks, totals }: CostReport): Section[] {
  return [
    {
      name: 'trunk', title: 'Cost by trunk', label: 'trunk',
      measures: [
        ...counts(['attempts', 'calls'], ['answered', 'answered', 'attempts'], ['human', 'human', 'attempts'], ['promised', 'promised', 'attempts'], ['without_tariff', 'answered without tariff', 'answered']),
        { name: 'talk_ms', title: 'talk', unit: 'hours' }, { name: 'paid_seconds', title: 'seconds paid', unit: 'count' }, { name: 'cost_minor', title: 'cost', unit: 'money' },
      ],
      rows: trunks.map((one) => ({ label: trunks.filter((other) => other.trunk === one.trunk).length === 1 ? one.trunk : `${one.trunk}, ${one.currency ?? 'no tariff'}`, values: [one.attempts, one.answered, one.human, one.promised, one.withoutTariff, one.talkMs, one.paidSeconds, one.costMinor], currency: one.currency ?? '' })),
    },
    {
      name: 'total', title: 'In all', label: 'currency',
      measures: [{ name: 'cost_minor', title: 'cost', unit: 'money' }, { name: 'per_attempt_minor', title: 'a call', unit: 'money' }, { name: 'per_human_minor', title: 'a human answer', unit: 'money' }, { name: 'per_promise_minor', title: 'a promise', unit: 'money' }],
      rows: totals.map((one) => ({ label: one.currency, values: [one.costMinor, one.perAttemptMinor, one.perHumanMinor, one.perPromiseMinor], currency: one.currency })),
    },
  ];
}

function dataSections({ tables, payments: p, paidButCalled: c, heldOutCalled, currency }: DataReport): Section[] {
  return [
    {
      name: 'table', title: 'What lies in the store', label: 'table', measures: [...counts(['stored', 'rows stored'], ['rows', 'each once']), { name: 'until_ms', title: 'until', unit: 'time' }],
      rows: tables.map((one) => ({ label: one.table, values: [one.stored, one.rows, one.untilMs] })),
    },
    {
      name: 'payments', title: 'Payments since the first load', label: '', measures: [...counts(['payments', 'payments']), { name: 'minor', title: 'sum', unit: 'money' }],
      rows: [
        { label: 'matched', values: [p.matched, p.matchedMinor] }, { label: 'reversed', values: [p.reversed, p.reversedMinor] }, { label: 'unmatched', values: [p.unmatched, p.unmatchedMinor] },
        { label: 'in another currency', values: [p.otherCurrency, null] }, { label: 'with a posting date', values: [p.withPostingDate, null] },
      ].map((row) => ({ ...row, currency })),
    },
    {
      name: 'lag', title: 'How late payments are known', label: '', measures: [{ name: 'p50_ms', title: 'half within', unit: 'hours' }, { name: 'p95_ms', title: '95 % within', unit: 'hours' }],
      rows: [{ label: 'paid to known', values: [p.knownAfterP50Ms, p.knownAfterP95Ms] }, { label: 'paid to posted', values: [p.postedAfterP50Ms, p.postedAfterP95Ms] }],
    },
    {
      name: 'silence', title: 'From a payment known to the contact silenced', label: '', measures: [{ name: 'p50_ms', title: 'half within', unit: 'ms' }, { name: 'p95_ms', title: '95 % within', unit: 'ms' }, { name: 'max_ms', title: 'all within', unit: 'ms' }],
      rows: [{ label: 'contacts silenced', values: [c.silentAfterP50Ms, c.silentAfterP95Ms, c.silentAfterMaxMs] }],
    },
    {
      name: 'paid_but_called', title: 'Paid, but called', label: '', measures: counts(['contacts', 'contacts'], ['calls', 'calls']),
      rows: [
        { label: 'paid', values: [c.paid, null] }, { label: 'silenced by it', values: [c.silenced, null] }, { label: 'ended before', values: [c.endedBefore, null] }, { label: 'not ended', values: [c.notEnded, null] },
        { label: 'called after they had paid', values: [c.calledAfterPaid, c.callsAfterPaid] }, { label: 'called after it was known', values: [c.calledAfterKnown, c.callsAfterKnown] },
        { label: 'held out, but called', values: [heldOutCalled, null] },
      ],
    },
  ];
}
