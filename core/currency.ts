const exponents = new Map<string, number>();

/** Digits after the point of a currency (ISO 4217): 2 for UAH, 0 for JPY. */
export function minorDigits(currency: string): number {
  const known = exponents.get(currency);
  if (known !== undefined) return known;
  const digits = /^[A-Z]{3}$/.test(currency) ? (new Intl.NumberFormat('en-US', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2) : 2;
  exponents.set(currency, digits);
  return digits;
}
