import { describe, expect, test } from 'vitest';
import { BASE_SHARE, PAYING_PERIOD_MS, paymentIfReached, paymentWithout, REACHED_SHARE, SimulatedPayers, type Payer } from './payments.ts';

const LOADED = Date.UTC(2026, 10, 2, 7);
const payer = (index: number, group: Payer['group'] = 'called'): Payer => ({
  accountId: `A-${index}`, debtMinor: 10_000 + index, currency: 'UAH', phones: [`+38067${1_000_000 + index}`], loadedAtMs: LOADED, group,
});
const accounts = Array.from({ length: 4000 }, (_, index) => `A-${index}`);

describe('potential outcomes', () => {
  test('the base share pays uncalled, within two weeks, part of it within two hours', () => {
    const paid = accounts.map((id) => paymentWithout('s', id, 50_000, LOADED)).filter((due) => due !== null);
    expect(paid.length / accounts.length).toBeCloseTo(BASE_SHARE, 1.5);
    for (const due of paid) {
      expect(due.atMs).toBeGreaterThanOrEqual(LOADED);
      expect(due.atMs).toBeLessThanOrEqual(LOADED + PAYING_PERIOD_MS);
      expect(Number.isInteger(due.amountMinor) && due.amountMinor > 0 && due.amountMinor <= 50_000).toBe(true);
    }
    const early = paid.filter((due) => due.atMs < LOADED + 7_200_000).length / paid.length;
    expect(early).toBeGreaterThan(0.1);
    expect(paid.some((due) => due.amountMinor < 10_000)).toBe(true);
  });

  test('being reached adds its share, only among those who would not pay, more if they promised', () => {
    const added = accounts.filter((id) => paymentIfReached('s', id, 50_000, LOADED) !== null);
    expect(added.length / accounts.length).toBeCloseTo(REACHED_SHARE, 1.5);
    for (const id of added) expect(paymentWithout('s', id, 50_000, LOADED)).toBeNull();
    expect(accounts.filter((id) => paymentIfReached('s', id, 50_000, LOADED, true)).length).toBeGreaterThan(added.length * 1.8);
  });
});

describe('SimulatedPayers', () => {
  test('tells each payment once, in order of time', () => {
    const payers = new SimulatedPayers('s');
    for (let i = 0; i < 500; i++) payers.add(payer(i));
    payers.add(payer(3));
    const next = payers.nextAtMs();
    expect(next).not.toBeNull();
    expect(payers.due((next ?? 0) - 1)).toEqual([]);
    const first = payers.due(LOADED + PAYING_PERIOD_MS / 2);
    const second = payers.due(Infinity);
    const all = [...first, ...second];
    expect(first.length).toBeGreaterThan(10);
    expect(second.length).toBeGreaterThan(10);
    expect(all.map((payment) => payment.receivedAtMs)).toEqual(all.map((payment) => payment.receivedAtMs).sort((a, b) => a - b));
    expect(new Set(all.map((payment) => payment.paymentId)).size).toBe(all.length);
    expect(payers.due(Infinity)).toEqual([]);
    expect(payers.nextAtMs()).toBeNull();
  });

  test('knows the true effect: only people who heard the message, only in the called group', () => {
    const payers = new SimulatedPayers('s');
    for (let i = 0; i < 3000; i++) payers.add(payer(i, i % 10 === 0 ? 'held_out' : 'called'));
    const before = payers.plantedEffect();
    expect(before).toMatchObject({ called: 2700, reached: 0, effect: 0 });
    for (let i = 0; i < 3000; i++) {
      const phone = payer(i).phones[0]!;
      if (i % 3 === 0) payers.callEnded({ phone, persona: 'human', heardMs: 12_000, atMs: LOADED + 3_600_000 });
      if (i % 3 === 1) payers.callEnded({ phone, persona: 'human', heardMs: 900, atMs: LOADED + 3_600_000 });
      if (i % 3 === 2) payers.callEnded({ phone, persona: 'voicemail', heardMs: 12_000, atMs: LOADED + 3_600_000 });
    }
    const { reached, effect, paidShareWith, paidShareWithout, amountMinorWith, amountMinorWithout } = payers.plantedEffect();
    expect(reached).toBe(900);
    expect(effect).toBeCloseTo(REACHED_SHARE / 3, 1.6);
    expect(paidShareWith - paidShareWithout).toBeCloseTo(effect, 10);
    expect(amountMinorWith).toBeGreaterThan(amountMinorWithout);
    const paid = new Set(payers.due(Infinity).map((payment) => payment.accountId));
    expect([...paid].filter((id) => Number(id.slice(2)) % 10 !== 0).length / 2700).toBeCloseTo(paidShareWith, 10);
    expect(payers.plantedEffect(LOADED + 3_000_000).effect).toBe(0);
  });

  test('a second conversation changes nothing', () => {
    const payers = new SimulatedPayers('s');
    for (let i = 0; i < 200; i++) payers.add(payer(i));
    for (let i = 0; i < 200; i++) payers.callEnded({ phone: payer(i).phones[0]!, persona: 'human', heardMs: 9000, atMs: LOADED });
    const once = payers.plantedEffect();
    for (let i = 0; i < 200; i++) payers.callEnded({ phone: payer(i).phones[0]!, persona: 'human', heardMs: 9000, atMs: LOADED + 1, promised: true });
    expect(payers.plantedEffect()).toEqual(once);
  });
});
