import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LANGUAGES, type ContactClosed, type Language } from '../../core/contact.ts';
import { hashFraction } from '../../core/ids.ts';
import { loadSchema } from '../../core/load.ts';
import type { Payment } from '../../core/payment.ts';
import { CHROMIUM_ARGUMENTS, chromiumForTests } from '../../deploy/local/chromium-program.ts';
import { migrate } from '../migrate.ts';
import { phoneMarks } from '../phone-mark.ts';
import { attemptRows, contactRows, dispositionRows, loadRows, paymentRows, type RowMaker } from '../rows.ts';
import { SAMPLE_START_MS, sampleAttempt, sampleContact } from '../samples.ts';
import { setTariff } from '../tariffs.ts';
import { openTestStore, type TestStore } from '../testing/stores.ts';
import { addTouches } from '../touches.ts';
import { NumberTexts, type As } from './figures.ts';
import { pageReport, type PageReport } from './model.ts';
import { renderPage } from './page.ts';

const CAMPAIGN = 'november';
const DAY_MS = 86_400_000;
/** Where screenshots are kept to be looked at; without it they go with the test. */
const SHOTS = process.env['OBZVON_SCREENSHOTS'];

const chance = (...parts: (string | number)[]): number => hashFraction('page-test', ...parts.map(String));
const contacts = Array.from({ length: 4000 }, (_, i) => sampleContact(CAMPAIGN, i, { group: chance('group', i) < 0.15 ? 'held_out' : 'called', arms: { attempts: chance('arm', i) < 0.5 ? 2 : 4, message: chance('message', i) < 0.5 ? 'main' : 'short' } }));
const called = contacts.filter((contact) => contact.group === 'called');
const uncalled = called.filter((_, i) => chance('suppressed', i) < 0.06);
const attempts = called.filter((contact) => !uncalled.includes(contact)).flatMap((contact, i) =>
  Array.from({ length: 1 + Math.floor(chance('attempts', i) * 4) }, (_, n) => sampleAttempt(contact, n + 1, { callerId: `+38044111223${i % 4}`, startedAtMs: SAMPLE_START_MS - 2 * 3_600_000 + Math.floor(chance('day', i, n) * 6) * DAY_MS + Math.floor(chance('hour', i, n) * 11) * 3_600_000 })),
);
const payments: Payment[] = contacts.filter((contact, i) => chance('pays', i) < (contact.group === 'called' ? 0.24 : 0.17)).map((contact, i) => {
  const paidAtMs = SAMPLE_START_MS + Math.floor(chance('paid', i) ** 1.6 * 15 * DAY_MS);
  return { paymentId: `pay-${i}`, accountId: contact.accountId, amountMinor: contact.debtMinor, currency: 'UAH', paidAtMs, receivedAtMs: paidAtMs + Math.floor(chance('told', i) * 2 * DAY_MS) };
});
const closed: ContactClosed[] = uncalled.map((contact, i) => ({ contactId: contact.contactId, campaignId: CAMPAIGN, accountId: contact.accountId, group: 'called', attempts: 0, disposition: 'suppressed', reason: chance('why', i) < 0.7 ? 'every phone is on the do-not-call list' : 'the person opted out before', closedAtMs: SAMPLE_START_MS }));

async function fillStore(store: TestStore): Promise<void> {
  const put = async <T>(maker: RowMaker<T>, values: readonly T[]): Promise<void> => store.analytics.insert(maker.table, maker.columns, values.map((value) => maker.cells(value)!));
  const mark = phoneMarks('test');
  await migrate(store.analytics);
  await put(contactRows(mark), contacts);
  await put(attemptRows(mark), attempts);
  await put(paymentRows, payments);
  await put(dispositionRows, closed);
  await put(loadRows, [loadSchema.parse({ loadId: 'l1', campaignId: CAMPAIGN, source: 'a.csv', rows: 4300, accepted: 4000, heldOut: 1, refused: { 'phone:shape': 250 }, duplicates: 50, startedAtMs: 1, endedAtMs: 2 })]);
  await addTouches(store.analytics, contacts.filter((_, i) => chance('letter', i) < 0.3).map((contact) => ({ accountId: contact.accountId, channel: 'letter', atMs: SAMPLE_START_MS + 2 * DAY_MS })), 1);
  for (const trunk of ['trunk-0', 'trunk-1', 'trunk-2']) await setTariff(store.analytics, { trunk, validFromMs: 0, currency: 'UAH', perMinuteMinor: 45, perCallMinor: 0, firstSeconds: 1, stepSeconds: 1, setAtMs: 1 });
}

/** Looked up anew, not by the code under test. */
const at = (report: unknown, path: string): unknown => path.split('.').reduce<unknown>((found, step) => (found as Record<string, unknown> | undefined)?.[step], report);

interface Shown { readonly path: string; readonly text: string; readonly as: string | null; readonly of: string | null; readonly currency: string | null; readonly absolute: boolean; readonly value: string | null }

const program = await chromiumForTests();

describe.skipIf(program === null)("the director's page in Chromium", () => {
  let store: TestStore;
  let report: PageReport;
  let dir: string;
  let browser: BrowserContext;

  beforeAll(async () => {
    store = await openTestStore('chdb');
    await fillStore(store);
    report = JSON.parse(JSON.stringify(await pageReport(store.analytics, CAMPAIGN))) as PageReport;
    dir = await mkdtemp(join(tmpdir(), 'obzvon-page-'));
    if (SHOTS !== undefined) await mkdir(SHOTS, { recursive: true });
    browser = await chromium.launchPersistentContext(join(dir, 'profile'), { executablePath: program!, headless: true, args: CHROMIUM_ARGUMENTS, offline: true, locale: 'en-GB' });
  });
  afterAll(async () => {
    await browser.close();
    await store.close();
    await rm(dir, { recursive: true, force: true });
  });

  async function look(language: Language, width: number, scheme: 'light' | 'dark' = 'light') {
    const path = join(dir, `${language}.html`);
    await writeFile(path, renderPage(report, language));
    const page = await browser.newPage();
    const trouble: string[] = [];
    page.on('console', (message) => trouble.push(`console ${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => trouble.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith('file:') && !request.url().startsWith('data:')) trouble.push(`asks for ${request.url()}`);
    });
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme: scheme });
    await page.goto(pathToFileURL(path).href);
    if (SHOTS !== undefined) await page.screenshot({ path: join(SHOTS, `${language}-${width}-${scheme}.png`), fullPage: true });
    return { page, trouble };
  }

  test.each([['uk', 1200], ['ru', 1200], ['en', 1200], ['uk', 390], ['ru', 390], ['en', 390]] as const)('%s at %i px: no error, nothing asked of the network, nothing wider than the screen', async (language, width) => {
    const { page, trouble } = await look(language, width);
    expect(trouble).toEqual([]);
    expect(await page.evaluate('[document.documentElement.scrollWidth, innerWidth, document.documentElement.lang]')).toEqual([width, width, { uk: 'uk-UA', ru: 'ru-UA', en: 'en-GB' }[language]]);
    // Text in a chart is as large as it is drawn, or larger.
    const smallest = await page.evaluate<number>(`Math.min(...[...document.querySelectorAll('svg')].map((svg) => svg.getBoundingClientRect().width / svg.viewBox.baseVal.width))`);
    expect(smallest).toBeGreaterThan(0.85);
    await page.close();
  });

  test('in the dark the page is dark, on paper it is light', async () => {
    const { page, trouble } = await look('uk', 1200, 'dark');
    const ground = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
    expect(await ground()).toBe('rgb(16, 21, 28)');
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    expect(await ground()).toBe('rgb(255, 255, 255)');
    // As wide as A4 less its margins.
    await page.setViewportSize({ width: 688, height: 900 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(688);
    if (SHOTS !== undefined) {
      await page.pdf({ path: join(SHOTS, 'uk-print.pdf') });
      await page.screenshot({ path: join(SHOTS, 'uk-print.png'), fullPage: true });
    }
    expect(trouble).toEqual([]);
    await page.close();
  });

  test('where one was held out it is not said that nobody was', () => {
    const one = { ...report, uplift: { ...report.uplift, heldOut: 1, causedMinor: null } };
    expect(renderPage(one, 'en')).toMatch(/class="big">Too few contacts in one of the groups/);
    expect(renderPage({ ...one, uplift: { ...one.uplift, heldOut: 0 } }, 'en')).toMatch(/class="big">Nobody was held out/);
  });

  test.each(LANGUAGES)('%s: on paper no heading of a table breaks inside a word', async (language) => {
    const { page } = await look(language, 688);
    await page.emulateMedia({ media: 'print' });
    const broken = await page.evaluate<string[]>(`[...document.querySelectorAll('th')].flatMap((heading) => {
      const text = heading.firstChild;
      return text === null ? [] : [...text.data.matchAll(/[^ \\u00a0-]+/g)].filter((word) => {
        const range = document.createRange();
        range.setStart(text, word.index);
        range.setEnd(text, word.index + word[0].length);
        return new Set([...range.getClientRects()].map((line) => line.top)).size > 1;
      }).map((word) => word[0]);
    })`);
    expect(broken).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(688);
    await page.close();
  });

  test.each(LANGUAGES)('%s: every number on the page is the one of the JSON report', async (language) => {
    const { page } = await look(language, 1200);
    const shown: Shown[] = await page.evaluate(`[...document.querySelectorAll('[data-path]')].map(({ dataset, textContent }) => ({
      path: dataset.path, text: textContent, as: dataset.as ?? null, of: dataset.of ?? null, currency: dataset.currency ?? null, absolute: dataset.absolute !== undefined, value: dataset.value ?? null,
    }))`);
    const numbers = new NumberTexts(language, report.uplift.currency);
    for (const one of shown) {
      const value = at(report, one.path);
      if (one.value !== null) {
        expect([one.path, Number(one.value)]).toEqual([one.path, value]);
        continue;
      }
      const base = one.of === null ? 1 : at(report, one.of);
      const expected = typeof value !== 'number' || typeof base !== 'number' || base === 0 ? '–' : numbers.text((one.absolute ? Math.abs(value) : value) / base, one.as as As, one.currency ?? undefined);
      expect([one.path, one.text]).toEqual([one.path, expected]);
    }
    const paths = new Set(shown.map((one) => one.path));
    for (const path of ['uplift.causedMinor.difference', 'uplift.causedMinor.low', 'uplift.causedMinor.high', 'data.paidButCalled.calledAfterPaid', 'reach.promises.kept', 'cost.totals.0.costMinor', 'quality.callerIds.0.attempts', 'uplift.arms.1.againstBase.paidShare.difference', 'uplift.validity.otherChannels.0.since.called']) expect([...paths]).toContain(path);
    report.reach.funnel.forEach((_, i) => expect(paths.has(`reach.funnel.${i}.count`)).toBe(true));
    expect(shown.filter((one) => one.path.startsWith('reach.byWeekHour.') && one.value !== null)).toHaveLength(report.reach.byWeekHour.length);
    expect(shown.filter((one) => one.path.startsWith('curves.called.'))).toHaveLength(report.uplift.days.length);
    // A number that names no place in the report would be one written by hand.
    const loose = await page.evaluate<string[]>(`(() => {
      const found = [];
      const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      for (let node = walk.nextNode(); node; node = walk.nextNode()) if (node.parentElement.closest('[data-path], .tick, .on, td:first-child') === null) found.push(node.textContent);
      return found;
    })()`);
    expect(loose.map((text) => text.replace(/95 %|99 (?:зі|из|of) 100|:00|(?<=(?:останні|последние|last) )7(?= )/g, '')).filter((text) => /\d/.test(text))).toEqual([]);
    await page.close();
  });

  test('the marks of the charts stand where their numbers say', async () => {
    const { page } = await look('en', 1200);
    const dots = await page.evaluate<(readonly [number, number])[]>(`[...document.querySelectorAll('circle[data-path^="curves.called."]')].map((dot) => [Number(dot.dataset.value), Number(dot.getAttribute('cy'))])`);
    const [first, last] = [dots[0]!, dots.at(-1)!];
    // One straight scale: the height of every dot follows from two of them.
    for (const [value, y] of dots) expect(y).toBeCloseTo(first[1] + ((value - first[0]) / (last[0] - first[0])) * (last[1] - first[1]), 0);
    const bars = await page.evaluate<(readonly [number, number])[]>(`[...document.querySelectorAll('.bar i')].map((bar) => [Number(bar.dataset.value), bar.getBoundingClientRect().width / bar.parentElement.getBoundingClientRect().width])`);
    const most = Math.max(...bars.map(([value]) => value));
    for (const [value, width] of bars) expect(width).toBeCloseTo(value / most, 2);
    await page.close();
  });

  test('no phone and no name of a debtor is in it', () => {
    for (const language of LANGUAGES) {
      const html = renderPage(report, language);
      expect(html).not.toContain('Somebody');
      expect(html).not.toMatch(/38067\d/);
      expect(html).not.toContain('account-');
      expect(html).not.toMatch(/<script|https?:\/\//);
    }
  });
});

test('without a hold-out the page tells the comparison with others, stamped as indicative, in every language', async () => {
  const store = await openTestStore('chdb');
  await fillStore(store);
  const report = await pageReport(store.analytics, CAMPAIGN);
  const alone: PageReport = { ...report, uplift: { ...report.uplift, causedMinor: null, heldOut: 0, beforeAfter: { difference: 1250, low: -300, high: 2800, trends: [], parallel: true, stamp: 'indicative', accounts: 10, comparedAccounts: 20, periodDays: 14 } } };
  for (const [language, stamp] of [['uk', 'Лише орієнтовно'], ['ru', 'Лишь ориентировочно'], ['en', 'Indicative only']] as const) {
    const html = renderPage(alone, language);
    expect(html).toMatch(new RegExp(`${stamp}</span>[^]*data-path="uplift.beforeAfter.difference"`));
    expect(renderPage(report, language)).not.toContain(stamp);
    expect(renderPage({ ...alone, uplift: { ...alone.uplift, beforeAfter: { ...alone.uplift.beforeAfter!, parallel: false } } }, language)).not.toBe(html);
  }
  await store.close();
});

test('a campaign without calls, hold-out or payments has a page, and a name that is markup stays text', async () => {
  const store = await openTestStore('chdb');
  await migrate(store.analytics);
  const maker = contactRows(phoneMarks('test'));
  await store.analytics.insert(maker.table, maker.columns, [maker.cells({ ...contacts[0]!, campaignId: 'empty', group: 'called' })!]);
  const report = await pageReport(store.analytics, 'empty');
  const html = renderPage({ ...report, name: '<b onload=x>"&' }, 'uk');
  expect(html).toContain('Нікого не залишено без дзвінків');
  expect(html).toContain('&lt;b onload=x&gt;&quot;&amp;');
  expect(html).not.toContain('<b onload');
  expect(html).not.toMatch(/NaN|undefined|Infinity/);
  await store.close();
});
