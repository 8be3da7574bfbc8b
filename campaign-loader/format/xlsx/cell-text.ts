/** How a style shows numbers, as far as it changes what is read. */
export type NumberStyle = { readonly kind: 'plain' } | { readonly kind: 'date' } | { readonly kind: 'digits'; readonly count: number };
export const PLAIN: NumberStyle = { kind: 'plain' };

/** Built-in formats of dates and times (ECMA-376 part 1, 18.8.30), those of East Asian locales among them. */
const isDateFormatId = (id: number): boolean => (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58);

/** What a number format does: `dd.mm.yyyy` makes a date of a number, `0000000` gives it leading zeros. */
export function numberStyleOf(id: number, code: string | undefined): NumberStyle {
  if (code === undefined) return isDateFormatId(id) ? { kind: 'date' } : PLAIN;
  const bare = code.split(';', 1)[0]!.replace(/"[^"]*"|\\.|_.|\*.|\[[^\]]*\]/g, '');
  if (/^0{2,}$/.test(bare)) return { kind: 'digits', count: bare.length };
  return /[ymdhs]/i.test(bare) && !/general/i.test(bare) ? { kind: 'date' } : PLAIN;
}

/** Beyond it the spreadsheet itself has lost digits (it keeps 15). */
const MOST_DIGITS = 1e15;
const DAY_MS = 86_400_000;

/**
 * The text of a number as it stands in the XML. Sums are rounded to the 15 digits a spreadsheet has; a whole number too long for it is given as the
 * spreadsheet shows it (`3.80671234567123E+17`), so that it is refused and not taken for another.
 * @param raw such as `1234.5599999999999` or `3.8E+11`
 */
export function numberText(raw: string, style: NumberStyle, date1904: boolean): string {
  const value = Number(raw);
  if (raw.trim() === '' || !Number.isFinite(value)) return raw;
  if (style.kind === 'date' && value >= 0 && value < 2_958_466) return dateText(value, date1904);
  if (Math.abs(value) >= MOST_DIGITS) return value.toExponential(14).replace(/\.?0*e/, 'E').replace('E+', 'E+');
  const text = String(Number(value.toPrecision(15)));
  const plain = text.includes('e') ? value.toFixed(15).replace(/\.?0+$/, '') : text;
  return style.kind === 'digits' && /^\d+$/.test(plain) ? plain.padStart(style.count, '0') : plain;
}

/** ISO 8601 of a day number; serial 60 is the 29 February 1900 that never was (ECMA-376 part 1, 18.17.4.1). */
function dateText(serial: number, date1904: boolean): string {
  const days = Math.floor(serial);
  // To the second: the fraction of a day is binary.
  const seconds = Math.round((serial - days) * 86_400);
  const epoch = date1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, days < 60 ? 31 : 30);
  const iso = new Date(epoch + days * DAY_MS + seconds * 1000).toISOString();
  return seconds === 0 ? iso.slice(0, 10) : iso.slice(0, 19);
}

/** `_x000D_` stands for a character XML has not (ECMA-376 part 1, 22.9.2.19). */
export function unescaped(text: string): string {
  return text.includes('_x') ? text.replace(/_x([\dA-Fa-f]{4})_/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))) : text;
}

/** `BC12` -> 54. Null if it is no reference. */
export function columnOf(reference: string): number | null {
  let column = 0;
  for (let at = 0; at < reference.length; at += 1) {
    const code = reference.charCodeAt(at);
    if (code < 65 || code > 90) return at === 0 ? null : column - 1;
    column = column * 26 + (code - 64);
    if (column > 16_384) return null;
  }
  return null;
}
