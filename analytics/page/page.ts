import type { Language } from '../../core/contact.ts';
import type { FunnelStep } from '../report.ts';
import { curvesChart, hoursChart, LEAST_CALLS_OF_AN_HOUR, outcomesChart } from './charts.ts';
import { printable } from '../table.ts';
import { escapeHtml, Figures, LOCALES } from './figures.ts';
import type { PageReport } from './model.ts';
import { PAGE_STYLE } from './style.ts';
import { fill, PAGE_TEXTS, reasonText, type PageTexts } from './texts.ts';

/**
 * The director's page: one HTML file without a script, an image or an address of its own, so it opens from a mail and without a network. Every number on
 * it names its place in the report (`data-path`). It holds no phone and no name of a debtor.
 */
export function renderPage(report: PageReport, language: Language): string {
  const figures = new Figures(report, language);
  const texts = PAGE_TEXTS[language];
  const card = (title: string, hint: string | null, body: string, id: string): string =>
    `<section class="card" id="${id}"><h2>${escapeHtml(title)}</h2>${hint === null ? '' : `<p class="hint">${escapeHtml(hint)}</p>`}${body}</section>`;
  const side = (...cards: readonly string[]): string => `<div class="grid2">${cards.join('')}</div>`;
  const body = [
    `<header><h1>${escapeHtml(texts.title)}: ${escapeHtml(printable(report.name))}</h1><p class="hint">${fill(escapeHtml(texts.dataUntil), { time: figures.show('dataUntilMs', 'time') })}</p></header>`,
    `<section class="card effect" id="effect">${effect(figures, texts)}</section>`,
    side(card(texts.funnel, texts.funnelHint, funnel(figures, texts, language), 'funnel'), `<div>${card(texts.curves, texts.curvesHint, curvesChart(figures, texts), 'curves')}<div style="height:16px"></div>${card(texts.hours, texts.hoursHint, `${hoursChart(figures, texts)}${bestHour(figures, texts)}`, 'hours')}</div>`),
    side(card(texts.outcomes, texts.outcomesHint, outcomesChart(figures, texts), 'outcomes'), card(texts.validity, null, validity(figures, texts), 'validity')),
    side(card(texts.paidButCalled, null, paidButCalled(figures, texts), 'paid'), card(texts.trunks, null, trunks(figures, texts), 'trunks')),
    ...(report.uplift.arms.length === 0 ? [] : [`<div style="height:16px"></div>${card(texts.tried, texts.triedHint, tried(figures, texts), 'tried')}`]),
    `<div style="height:16px"></div>${card(texts.callerIds, null, callerIds(figures, texts), 'caller-ids')}`,
  ];
  return `<!doctype html>
<html lang="${LOCALES[language]}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<link rel="icon" href="data:,">
<title>${escapeHtml(`${texts.title}: ${printable(report.name)}`)}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<main>
${body.join('\n')}
</main>
</body>
</html>
`;
}

/** What the calls were worth, in words, before anything else. */
function effect(figures: Figures, texts: PageTexts): string {
  const { uplift, cost } = figures.report;
  const last = uplift.days.length - 1;
  const caused = uplift.causedMinor;
  const lines: string[] = [];
  if (caused === null || uplift.days[last]?.share === null) {
    lines.push(`<p class="big">${escapeHtml(uplift.heldOut > 0 ? texts.tooFew : texts.noHoldOut)}</p>`, ...beforeAfter(figures, texts));
  } else {
    lines.push(`<p class="big">${fill(escapeHtml(uplift.days[last]?.complete === true ? texts.effect : texts.effectSoFar), { days: figures.show('uplift.horizonDays', 'count'), money: figures.show('uplift.causedMinor.difference', 'money', { absolute: true }), direction: escapeHtml(caused.difference < 0 ? texts.less : texts.more) })}</p>`);
    lines.push(`<p class="range">${fill(escapeHtml(texts.interval), { low: figures.show('uplift.causedMinor.low', 'money'), high: figures.show('uplift.causedMinor.high', 'money') })}${caused.low <= 0 && caused.high >= 0 ? ` <span class="chance">${escapeHtml(texts.chance)}</span>` : ''}</p>`);
    // The same estimate as that of the sum: what it is less by what earlier payments tell, if there were any.
    const horizon = uplift.horizons.findIndex((one) => one.day === uplift.horizonDays);
    const effects = uplift.horizons[horizon];
    if (effects !== undefined) {
      const money = `uplift.horizons.${horizon}.${effects.adjusted.moneyMinor === null ? '' : 'adjusted.'}moneyMinor`;
      lines.push(`<p>${fill(escapeHtml(texts.perContact), { money: figures.show(`${money}.difference`, 'money'), low: figures.show(`${money}.low`, 'money'), high: figures.show(`${money}.high`, 'money') })}</p>`);
      const share = `uplift.horizons.${horizon}.paidShare`;
      lines.push(`<p>${fill(escapeHtml(texts.sharePoints), { points: figures.show(`${share}.difference`, 'points', { absolute: true }), direction: escapeHtml((effects.paidShare?.difference ?? 0) < 0 ? texts.shareFewer : texts.shareMore), low: figures.show(`${share}.low`, 'points'), high: figures.show(`${share}.high`, 'points') })}</p>`);
    }
  }
  cost.totals.forEach((total, i) => {
    lines.push(`<p>${fill(escapeHtml(texts.costLine), { cost: figures.show(`cost.totals.${i}.costMinor`, 'money', { currency: total.currency }), human: figures.show(`cost.totals.${i}.perHumanMinor`, 'money', { currency: total.currency }) })}</p>`);
  });
  if (cost.withoutTariff > 0) lines.push(`<p class="hint">${fill(escapeHtml(texts.costMissing), { calls: figures.show('cost.withoutTariff', 'count') })}</p>`);
  lines.push(`<p class="hint">${fill(escapeHtml(texts.basis), { called: figures.show('uplift.called', 'count'), heldOut: figures.show('uplift.heldOut', 'count') })}</p>`);
  return lines.join('');
}

/** What stands in for a hold-out, stamped as what it is. */
function beforeAfter(figures: Figures, texts: PageTexts): string[] {
  const { beforeAfter: found } = figures.report.uplift;
  if (found === null) return [];
  const at = 'uplift.beforeAfter';
  const text = fill(escapeHtml(texts.beforeAfter), { days: figures.show(`${at}.periodDays`, 'count'), money: figures.show(`${at}.difference`, 'money'), low: figures.show(`${at}.low`, 'money'), high: figures.show(`${at}.high`, 'money') });
  return [`<p class="range" id="indicative"><span class="badge attention">${escapeHtml(texts.indicative)}</span> ${text} ${escapeHtml(found.parallel ? texts.parallel : texts.notParallel)}</p>`];
}

/** Steps that lead off the way to the payment. */
const ASIDE: readonly FunnelStep['step'][] = ['refused', 'duplicates', 'held_out', 'suppressed'];

function funnel(figures: Figures, texts: PageTexts, language: Language): string {
  const { funnel: steps, suppressed } = figures.report.reach;
  const widest = Math.max(1, ...steps.map((step) => step.count));
  const rows = steps.map((step, i) => {
    const path = `reach.funnel.${i}`;
    const of = step.of === null ? '' : `<div class="of">${figures.show(`${path}.count`, 'share', { of: `${path}.base` })} ${fill(escapeHtml(texts.of), { base: figures.show(`${path}.base`, 'count'), step: escapeHtml(texts.steps[step.of]) })}</div>`;
    return `<div class="step${ASIDE.includes(step.step) ? ' side' : ''}"><div>${escapeHtml(texts.steps[step.step])}</div><div class="count">${figures.show(`${path}.count`, 'count')}</div><div class="bar"><i ${figures.mark(`${path}.count`)} style="width:${((100 * step.count) / widest).toFixed(2)}%"></i></div>${of}</div>`;
  });
  const why = suppressed.length === 0 ? '' : `<h2 style="margin-top:12px">${escapeHtml(texts.suppressedWhy)}</h2><table>${suppressed.slice(0, 8).map((one, i) => `<tr><td>${escapeHtml(printable(reasonText(one.reason, language)))}</td><td>${figures.show(`reach.suppressed.${i}.contacts`, 'count')}</td></tr>`).join('')}</table>`;
  return rows.join('') + why;
}

function bestHour(figures: Figures, texts: PageTexts): string {
  const cells = figures.report.reach.byWeekHour;
  let best = -1;
  cells.forEach((cell, i) => {
    const top = cells[best];
    if (cell.attempts >= LEAST_CALLS_OF_AN_HOUR && (top === undefined || cell.human / cell.attempts > top.human / top.attempts)) best = i;
  });
  const cell = cells[best];
  if (cell === undefined) return '';
  const path = `reach.byWeekHour.${best}`;
  return `<p class="hint" style="margin:8px 0 0">${fill(escapeHtml(texts.best), { weekday: escapeHtml(texts.weekdays[cell.weekday - 1] ?? ''), hour: figures.show(`${path}.hour`, 'count'), share: figures.show(`${path}.human`, 'share', { of: `${path}.attempts` }), calls: figures.show(`${path}.attempts`, 'count') })}</p>`;
}

function validity(figures: Figures, texts: PageTexts): string {
  const { uplift, data } = figures.report;
  const { checks } = texts;
  const days = figures.show('uplift.horizonDays', 'count');
  const items: [ok: boolean, text: string][] = [];
  if (uplift.heldOut < 100) items.push([false, fill(escapeHtml(checks.heldOutSize), { n: figures.show('uplift.heldOut', 'count') })]);
  const mature = uplift.days.at(-1)?.complete === true;
  items.push([mature, fill(escapeHtml(mature ? checks.maturity : checks.immature), { days })]);
  const { maturity, contamination, otherChannels } = uplift.validity;
  if (mature && maturity !== null) items.push([maturity.mature, fill(escapeHtml(maturity.mature ? checks.known : checks.notKnown), { time: figures.show('uplift.validity.maturity.knownAtMs', 'time') })]);
  if (uplift.heldOut > 0) items.push([contamination.heldOutSharingPhone === 0, fill(escapeHtml(checks.sharing), { n: figures.show('uplift.validity.contamination.heldOutSharingPhone', 'count') })]);
  otherChannels.forEach((one, i) => {
    const at = `uplift.validity.otherChannels.${i}.since`;
    items.push([one.since.balanced && one.before.balanced, fill(escapeHtml(checks.channel), { channel: escapeHtml(printable(one.channel)), called: figures.show(`${at}.called`, 'count'), heldOut: figures.show(`${at}.heldOut`, 'count') })]);
  });
  if (uplift.heldOut > 0) items.push([contamination.heldOutCalledElsewhere === 0, fill(escapeHtml(checks.elsewhere), { n: figures.show('uplift.validity.contamination.heldOutCalledElsewhere', 'count') })]);
  items.push([data.heldOutCalled === 0, fill(escapeHtml(checks.contamination), { n: figures.show('data.heldOutCalled', 'count') })]);
  items.push([data.paidButCalled.calledAfterKnown === 0, fill(escapeHtml(checks.calledKnown), { n: figures.show('data.paidButCalled.calledAfterKnown', 'count') })]);
  const { sampleRatio, balance } = uplift.validity;
  if (sampleRatio !== null) items.push([!sampleRatio.alarm, fill(escapeHtml(checks.ratio), { found: figures.show('uplift.validity.sampleRatio.heldOutShare', 'fraction'), planned: figures.show('uplift.validity.sampleRatio.plannedShare', 'fraction') })]);
  if (balance.length > 0) items.push([balance.every((row) => row.balanced), escapeHtml(balance.every((row) => row.balanced) ? checks.balanced : checks.unbalanced)]);
  if (data.payments.knownAfterP95Ms !== null) items.push([data.payments.knownAfterP95Ms < 3 * 86_400_000, fill(escapeHtml(checks.lag), { lag: figures.show('data.payments.knownAfterP95Ms', 'hours') })]);
  items.push([data.payments.otherCurrency === 0, fill(escapeHtml(checks.currencies), { n: figures.show('data.payments.otherCurrency', 'count') })]);
  items.push([data.payments.unmatched <= 0.05 * (data.payments.unmatched + data.payments.matched), fill(escapeHtml(checks.unmatched), { n: figures.show('data.payments.unmatched', 'count') })]);
  const attempts = data.tables.findIndex((one) => one.table === 'attempts');
  if (attempts >= 0) items.push([true, fill(escapeHtml(checks.once), { stored: figures.show(`data.tables.${attempts}.stored`, 'count'), rows: figures.show(`data.tables.${attempts}.rows`, 'count') })]);
  return `<ul class="checks">${items.map(([ok, text]) => `<li><span class="badge ${ok ? 'ok' : 'attention'}">${escapeHtml(ok ? texts.ok : texts.attention)}</span><span>${text}</span></li>`).join('')}</ul>`;
}

function paidButCalled(figures: Figures, texts: PageTexts): string {
  const at = 'data.paidButCalled';
  const rows: [string, string][] = [
    [texts.paidRows.paid, figures.show(`${at}.paid`, 'count')],
    [texts.paidRows.silenced, figures.show(`${at}.silenced`, 'count')],
    [texts.paidRows.silentAfter, figures.show(`${at}.silentAfterP95Ms`, 'seconds')],
    [texts.paidRows.calledAfterPaid, figures.show(`${at}.calledAfterPaid`, 'count')],
    [texts.paidRows.calledAfterKnown, figures.show(`${at}.calledAfterKnown`, 'count')],
    [texts.paidRows.promises, `${figures.show('reach.promises.kept', 'count')} / ${figures.show('reach.promises.promised', 'count')}`],
  ];
  return `<table>${rows.map(([label, value]) => `<tr><td>${escapeHtml(label)}</td><td>${value}</td></tr>`).join('')}</table>`;
}

/** On a phone each row is a block of its own, every cell under its first with the name of its column. */
const table = (headings: readonly string[], rows: readonly (readonly string[])[]): string =>
  `<table class="wide"><tr>${headings.map((heading) => `<th>${escapeHtml(heading)}</th>`).join('')}</tr>${rows.map((row) => `<tr>${row.map((cell, i) => `<td data-column="${escapeHtml(headings[i] ?? '')}">${cell === '' ? '' : `<span>${cell}</span>`}</td>`).join('')}</tr>`).join('')}</table>`;

/** Each value of what was tried beside the first. */
function tried(figures: Figures, texts: PageTexts): string {
  return table([texts.tried, texts.contacts, texts.paidShare, texts.besideBase, 'p'], figures.report.uplift.arms.map((one, i) => {
    const path = `uplift.arms.${i}`;
    const beside = `${path}.againstBase.paidShare`;
    const name = one.tried === 'message' && one.arm === 'main' ? texts.versions.main : one.tried === 'first_hour' ? `${one.arm}:00` : one.arm;
    return [
      escapeHtml(`${texts.triedNames[one.tried]}: ${printable(name)}`), figures.show(`${path}.contacts`, 'count'), figures.show(`${path}.paidShare`, 'fraction'),
      one.isBase ? escapeHtml(texts.base) : `${figures.show(`${beside}.difference`, 'points')} (${figures.show(`${beside}.low`, 'points')} – ${figures.show(`${beside}.high`, 'points')})`,
      one.isBase ? '' : figures.show(`${beside}.holm`, 'probability'),
    ];
  }));
}

function trunks(figures: Figures, texts: PageTexts): string {
  return table([texts.trunk, texts.calls, texts.answered, texts.failedShare, texts.delay], figures.report.quality.trunks.map((one, i) => {
    const path = `quality.trunks.${i}`;
    return [escapeHtml(printable(one.trunk)), figures.show(`${path}.attempts`, 'count'), figures.show(`${path}.answered`, 'share', { of: `${path}.attempts` }), figures.show(`${path}.failed`, 'share', { of: `${path}.attempts` }), figures.show(`${path}.postDialDelayP95Ms`, 'seconds')];
  }));
}

function callerIds(figures: Figures, texts: PageTexts): string {
  return table([texts.callerId, texts.calls, texts.before, texts.lately, texts.rejected, texts.state], figures.report.quality.callerIds.slice(0, 20).map((one, i) => {
    const path = `quality.callerIds.${i}`;
    return [
      escapeHtml(one.callerId), figures.show(`${path}.attempts`, 'count'), figures.show(`${path}.early.answered`, 'share', { of: `${path}.early.attempts` }), figures.show(`${path}.late.answered`, 'share', { of: `${path}.late.attempts` }),
      figures.show(`${path}.rejected`, 'share', { of: `${path}.attempts` }), `<span class="${one.health}">${escapeHtml(texts.health[one.health])}</span>`,
    ];
  }));
}
