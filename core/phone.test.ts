import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { e164Schema, maskPhone } from './phone.ts';

describe('e164Schema', () => {
  test.each(['+380671234567', '+48500000123', '+77010001122', '+1234567', '+123456789012345'])('%s is one', (phone) => {
    expect(e164Schema.parse(phone)).toBe(phone);
  });

  test.each(['380671234567', '+0671234567', '+123456', '+1234567890123456', '+38067123456a', '+380 67 1234567', ' +380671234567', '+380671234567\r\nX: 1', '+380671234567\n', '', 'sip:+380671234567', '+٣٨٠٦٧١٢٣٤٥٦٧'])('%j is none', (phone) => {
    expect(e164Schema.safeParse(phone).success).toBe(false);
  });
});

describe('maskPhone', () => {
  test.each([
    ['+380671234567', '+38067***4567'],
    ['+48500000123', '+48500***0123'],
    ['+1234567', '+12***4567'],
    ['+1234', '***'],
    ['', '***'],
  ])('%s becomes %s', (phone, masked) => {
    expect(maskPhone(phone)).toBe(masked);
  });

  test('never gives a phone back whole', () => {
    fc.assert(fc.property(fc.stringMatching(/^\+[1-9][0-9]{6,14}$/), (phone) => {
      const masked = maskPhone(phone);
      return !masked.includes(phone) && masked.replace(/\D/g, '').length < phone.length - 1;
    }));
  });
});
