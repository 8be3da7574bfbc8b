import { z } from 'zod';

/** A phone number in E.164 form: `+`, 7 to 15 digits, no leading zero (ITU-T E.164). */
export const e164Schema = z.string().regex(/^\+[1-9]\d{6,14}$/, 'expected a phone in E.164 form, such as +380671234567');
export type E164 = z.infer<typeof e164Schema>;

/** Hides the middle of a phone for logs and reports: `+380671234567` becomes `+38067***4567`. */
export function maskPhone(phone: string): string {
  if (phone.length <= 6) return '***';
  const tail = phone.slice(-4);
  const head = phone.slice(0, Math.min(6, phone.length - 5));
  return `${head}***${tail}`;
}
