import type { Language } from '../../core/contact.ts';
import { minorDigits } from '../../core/currency.ts';
import type { PageReport } from './model.ts';

/** How a number of the report is shown. `share` is taken of another number, `fraction` is one already. */
export type As = 'probability' | 'count' | 'share' | 'fraction' | 'points' | 'money' | 'seconds' | 'hours' | 'time';

export const LOCALES: Readonly<Record<Language, string>> = { uk: 'uk-UA', ru: 'ru-UA', en: 'en-GB' };

/** Writes numbers as a language does, by Intl. */
export class NumberTexts {
  readonly #locale: string;
  readonly #currency: string;
  readonly #formats = new Map<string, Intl.NumberFormat>();

  constructor(language: Language, currency: string) {
    this.#locale = LOCALES[language];
    this.#currency = currency;
  }

  #format(options: Intl.NumberFormatOptions): Intl.NumberFormat {
    const key = JSON.stringify(options);
    const known = this.#formats.get(key);
    if (known !== undefined) return known;
    const made = new Intl.NumberFormat(this.#locale, options);
    this.#formats.set(key, made);
    return made;
  }

  /** @param value minor units for `money`, ms for times */
  text(value: number, as: As, currency = this.#currency): string {
    switch (as) {
      case 'count':
        return this.#format({ maximumFractionDigits: 0 }).format(value);
      case 'probability':
        return this.#format({ minimumFractionDigits: 3, maximumFractionDigits: 3 }).format(value);
      case 'share':
      case 'fraction':
        return this.#format({ style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(value);
      case 'points':
        return this.#format({ minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(100 * value);
      case 'money': {
        const whole = value / 10 ** minorDigits(currency);
        // Kopecks tell nothing beside thousands.
        const digits = Math.abs(whole) >= 1000 ? 0 : minorDigits(currency);
        return this.#format({ style: 'currency', currency, currencyDisplay: 'narrowSymbol', minimumFractionDigits: digits, maximumFractionDigits: digits }).format(whole);
      }
      case 'seconds':
        return this.#format({ style: 'unit', unit: 'second', maximumFractionDigits: value < 10_000 ? 1 : 0 }).format(value / 1000);
      case 'hours':
        return this.#format({ style: 'unit', unit: 'hour', maximumFractionDigits: 1 }).format(value / 3_600_000);
      case 'time':
        return `${new Intl.DateTimeFormat(this.#locale, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' }).format(value)} UTC`;
      default:
        return as satisfies never;
    }
  }
}

/** The number at a path of the report, such as `reach.funnel.3.count`; null if there is none. */
export function numberAt(report: PageReport, path: string): number | null {
  let at: unknown = report;
  for (const step of path.split('.')) at = typeof at === 'object' && at !== null ? (at as Readonly<Record<string, unknown>>)[step] : undefined;
  return typeof at === 'number' ? at : null;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (letter) => ENTITIES[letter] ?? letter);

/**
 * Numbers of the page. Each is named by its path in the report and carries it, so that the page can be held against the report: none is
 * written by hand.
 */
export class Figures {
  readonly report: PageReport;
  readonly numbers: NumberTexts;

  constructor(report: PageReport, language: Language) {
    this.report = report;
    this.numbers = new NumberTexts(language, report.uplift.currency);
  }

  /** A number in a sentence or a table; `–` where there is none. */
  show(path: string, as: As, more: { readonly of?: string; readonly currency?: string; readonly absolute?: boolean } = {}): string {
    const text = this.text(path, as, more);
    const attributes = [`data-path="${escapeHtml(path)}"`, `data-as="${as}"`, ...(more.of === undefined ? [] : [`data-of="${escapeHtml(more.of)}"`]), ...(more.currency === undefined ? [] : [`data-currency="${escapeHtml(more.currency)}"`]), ...(more.absolute === true ? ['data-absolute=""'] : [])];
    return `<span class="n" ${attributes.join(' ')}>${escapeHtml(text)}</span>`;
  }

  text(path: string, as: As, { of, currency, absolute }: { readonly of?: string; readonly currency?: string; readonly absolute?: boolean } = {}): string {
    const value = numberAt(this.report, path);
    const base = of === undefined ? 1 : numberAt(this.report, of);
    if (value === null || base === null || base === 0) return '–';
    return this.numbers.text((absolute === true ? Math.abs(value) : value) / base, as, currency);
  }

  /** Attributes of a mark in a chart that stands for a number. */
  mark(path: string): string {
    return `data-path="${escapeHtml(path)}" data-value="${numberAt(this.report, path) ?? ''}"`;
  }
}
