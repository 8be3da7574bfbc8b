import { scaleLinear } from 'd3-scale';
import { area, curveMonotoneX, line } from 'd3-shape';
import { escapeHtml, type Figures } from './figures.ts';
import type { CurvePoint } from './model.ts';
import type { PageTexts } from './texts.ts';

// Charts are drawn here, as SVG, with scales and shapes of d3: the page then needs no script, opens from a mail, prints, and holds nothing but what is
// shown. They are drawn 360 wide, as on a phone, so that text is never scaled down there; a wide screen sets two side by side.
const WIDTH = 360;

const n = (value: number): string => value.toFixed(1).replace(/\.0$/, '');

interface Axis {
  (value: number): number;
}

function svg(height: number, label: string, body: readonly string[]): string {
  return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escapeHtml(label)}">${body.join('')}</svg>`;
}

const text = (x: number, y: number, content: string, style: string): string => `<text x="${n(x)}" y="${n(y)}" ${style}>${escapeHtml(content)}</text>`;

/** Share of each group that has paid, over days, each with its band. */
export function curvesChart(figures: Figures, texts: PageTexts): string {
  const { called, heldOut } = figures.report.curves;
  const all = [...called, ...heldOut];
  if (all.length === 0) return `<p class="none">${escapeHtml(texts.noData)}</p>`;
  const height = 230;
  const left = 44;
  const bottom = height - 34;
  const top = 12;
  const lastDay = Math.max(...all.map((point) => point.day));
  const x = scaleLinear().domain([0, lastDay]).range([left, WIDTH - 12]);
  const y = scaleLinear().domain([0, Math.max(0.001, ...all.map((point) => point.high))]).nice(4).range([bottom, top]);
  const body: string[] = [];
  for (const tick of y.ticks(4)) {
    body.push(`<line class="grid" x1="${left}" x2="${WIDTH - 12}" y1="${n(y(tick))}" y2="${n(y(tick))}"/>`, text(left - 6, y(tick) + 4, figures.numbers.text(tick, 'fraction'), 'class="tick" text-anchor="end"'));
  }
  for (const tick of x.ticks(Math.min(7, lastDay)).filter(Number.isInteger)) body.push(text(x(tick), bottom + 16, figures.numbers.text(tick, 'count'), 'class="tick" text-anchor="middle"'));
  body.push(text(WIDTH - 12, height - 4, texts.day, 'class="tick" text-anchor="end"'));
  for (const [name, points] of [['heldOut', heldOut], ['called', called]] as const) body.push(curve(figures, name, points, x, y));
  const keys = [['called', texts.called], ['held-out', texts.heldOut]].map(([key, label]) => `<span class="key ${key}">${escapeHtml(label ?? '')}</span>`).join('');
  return `<div class="keys">${keys}</div>${svg(height, texts.curves, body)}`;
}

function curve(figures: Figures, name: 'called' | 'heldOut', points: readonly CurvePoint[], x: Axis, y: Axis): string {
  // Nobody has paid on day 0.
  const from = [{ day: 0, share: 0, low: 0, high: 0 }, ...points];
  const band = area<CurvePoint>().x((point) => x(point.day)).y0((point) => y(point.low)).y1((point) => y(point.high)).curve(curveMonotoneX)(from) ?? '';
  const middle = line<CurvePoint>().x((point) => x(point.day)).y((point) => y(point.share)).curve(curveMonotoneX)(from) ?? '';
  const dots = points.map((point, i) => {
    const path = `curves.${name}.${i}.share`;
    return `<circle ${figures.mark(path)} cx="${n(x(point.day))}" cy="${n(y(point.share))}" r="2.4"><title>${escapeHtml(`${point.day}: ${figures.text(path, 'fraction')} (${figures.text(`curves.${name}.${i}.low`, 'fraction')} – ${figures.text(`curves.${name}.${i}.high`, 'fraction')})`)}</title></circle>`;
  });
  return `<g class="curve ${name === 'called' ? 'called' : 'held-out'}"><path class="band" d="${band}"/><path class="middle" d="${middle}"/>${dots.join('')}</g>`;
}

/** Share of calls that a human answered, by weekday and hour: the darker, the more. Few calls are drawn pale, for their share is chance. */
export function hoursChart(figures: Figures, texts: PageTexts): string {
  const cells = figures.report.reach.byWeekHour;
  if (cells.length === 0) return `<p class="none">${escapeHtml(texts.noData)}</p>`;
  const first = Math.min(...cells.map((cell) => cell.hour));
  const last = Math.max(...cells.map((cell) => cell.hour));
  const left = 30;
  const step = (WIDTH - left - 4) / Math.max(8, last - first + 1);
  const row = 24;
  const most = Math.max(0.01, ...cells.filter(isTrusted).map((cell) => cell.human / cell.attempts));
  const strength = scaleLinear().domain([0, most]).range([0.06, 1]).clamp(true);
  const body: string[] = texts.weekdays.map((weekday, i) => text(0, 18 + i * row + 16, weekday, 'class="tick"'));
  for (let hour = first; hour <= last; hour++) if ((hour - first) % (last - first > 12 ? 3 : 2) === 0) body.push(text(left + (hour - first + 0.5) * step, 11, String(hour), 'class="tick" text-anchor="middle"'));
  cells.forEach((cell, i) => {
    const path = `reach.byWeekHour.${i}`;
    const title = `${texts.weekdays[cell.weekday - 1] ?? ''} ${cell.hour}:00: ${figures.text(`${path}.human`, 'share', { of: `${path}.attempts` })} (${figures.text(`${path}.human`, 'count')} / ${figures.text(`${path}.attempts`, 'count')})`;
    body.push(`<rect ${figures.mark(`${path}.human`)} class="cell${isTrusted(cell) ? '' : ' few'}" x="${n(left + (cell.hour - first) * step)}" y="${18 + (cell.weekday - 1) * row}" width="${n(step - 2)}" height="${row - 2}" rx="3" fill-opacity="${strength(cell.human / cell.attempts).toFixed(2)}"><title>${escapeHtml(title)}</title></rect>`);
  });
  return svg(18 + 7 * row, texts.hours, body);
}

/** An hour with so few calls says nothing yet. */
export const LEAST_CALLS_OF_AN_HOUR = 30;
const isTrusted = (cell: { readonly attempts: number }): boolean => cell.attempts >= LEAST_CALLS_OF_AN_HOUR;

const KINDS = ['human', 'machine', 'noAnswer', 'failed'] as const;

/** How the first, second, … attempts ended, each as one bar of the whole. */
export function outcomesChart(figures: Figures, texts: PageTexts): string {
  const rows = figures.report.outcomeKinds;
  if (rows.length === 0) return `<p class="none">${escapeHtml(texts.noData)}</p>`;
  const left = 22;
  const right = 64;
  const rowHeight = 26;
  const x = scaleLinear().domain([0, 1]).range([left, WIDTH - right]);
  const body: string[] = [];
  rows.forEach((row, i) => {
    const top = i * rowHeight;
    body.push(text(0, top + 16, figures.numbers.text(row.attemptNumber, 'count'), 'class="tick"'));
    let from = 0;
    for (const kind of KINDS) {
      const path = `outcomeKinds.${i}.${kind}`;
      const share = row.attempts === 0 ? 0 : row[kind] / row.attempts;
      body.push(`<rect ${figures.mark(path)} class="kind ${kind}" x="${n(x(from))}" y="${top + 2}" width="${n(Math.max(0, x(from + share) - x(from) - 1))}" height="${rowHeight - 6}"><title>${escapeHtml(`${texts.kinds[kind]}: ${figures.text(path, 'share', { of: `outcomeKinds.${i}.attempts` })} (${figures.text(path, 'count')})`)}</title></rect>`);
      if (share > 0.11) body.push(text(x(from + share / 2), top + 16, figures.numbers.text(share, 'share'), `class="on ${kind}" text-anchor="middle"`));
      from += share;
    }
    body.push(`<text ${figures.mark(`outcomeKinds.${i}.attempts`)} class="tick" x="${WIDTH}" y="${top + 16}" text-anchor="end">${escapeHtml(figures.text(`outcomeKinds.${i}.attempts`, 'count'))}</text>`);
  });
  const keys = KINDS.map((kind) => `<span class="key ${kind}">${escapeHtml(texts.kinds[kind])}</span>`).join('');
  return `<div class="keys">${keys}</div>${svg(rows.length * rowHeight, texts.outcomes, body)}`;
}
