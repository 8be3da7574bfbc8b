import type { Language } from '../../core/contact.ts';
import { minorDigits } from '../../core/currency.ts';

/**
 * Numbers, money and dates as people say them. Ukrainian and Russian need the words written out: a synthesiser reads
 * "2 гривні" with the wrong gender and "25 листопада" in the wrong case. English digits are read well as they are.
 */

type Gender = 'masculine' | 'feminine';
/** Forms after 1, after 2 to 4, after 5 and more (CLDR plural categories one, few, many). */
type PluralForms = readonly [one: string, few: string, many: string];
type SlavicLanguage = 'uk' | 'ru';

interface Numerals {
  readonly zero: string;
  readonly one: Readonly<Record<Gender, string>>;
  readonly two: Readonly<Record<Gender, string>>;
  /** From 3 to 19. */
  readonly teens: readonly string[];
  readonly tens: readonly string[];
  readonly hundreds: readonly string[];
  /** Thousands, millions, milliards; the thousand is feminine. */
  readonly scales: readonly PluralForms[];
  /** Genitive ordinals, 1 to 19, then 20 to 90 by tens: "of the fifth". */
  readonly ordinals: readonly string[];
  readonly ordinalTens: readonly string[];
  readonly twoThousandth: string;
  readonly months: readonly string[];
  readonly ofYear: string;
}

const NUMERALS: Readonly<Record<SlavicLanguage, Numerals>> = {
  uk: {
    zero: 'нуль',
    one: { masculine: 'один', feminine: 'одна' },
    two: { masculine: 'два', feminine: 'дві' },
    teens: ['три', 'чотири', 'п\'ять', 'шість', 'сім', 'вісім', 'дев\'ять', 'десять', 'одинадцять', 'дванадцять', 'тринадцять', 'чотирнадцять', 'п\'ятнадцять', 'шістнадцять', 'сімнадцять', 'вісімнадцять', 'дев\'ятнадцять'],
    tens: ['двадцять', 'тридцять', 'сорок', 'п\'ятдесят', 'шістдесят', 'сімдесят', 'вісімдесят', 'дев\'яносто'],
    hundreds: ['сто', 'двісті', 'триста', 'чотириста', 'п\'ятсот', 'шістсот', 'сімсот', 'вісімсот', 'дев\'ятсот'],
    scales: [['тисяча', 'тисячі', 'тисяч'], ['мільйон', 'мільйони', 'мільйонів'], ['мільярд', 'мільярди', 'мільярдів']],
    ordinals: ['першого', 'другого', 'третього', 'четвертого', 'п\'ятого', 'шостого', 'сьомого', 'восьмого', 'дев\'ятого', 'десятого', 'одинадцятого', 'дванадцятого', 'тринадцятого', 'чотирнадцятого', 'п\'ятнадцятого', 'шістнадцятого', 'сімнадцятого', 'вісімнадцятого', 'дев\'ятнадцятого'],
    ordinalTens: ['двадцятого', 'тридцятого', 'сорокового', 'п\'ятдесятого', 'шістдесятого', 'сімдесятого', 'вісімдесятого', 'дев\'яностого'],
    twoThousandth: 'двотисячного',
    months: ['січня', 'лютого', 'березня', 'квітня', 'травня', 'червня', 'липня', 'серпня', 'вересня', 'жовтня', 'листопада', 'грудня'],
    ofYear: 'року',
  },
  ru: {
    zero: 'ноль',
    one: { masculine: 'один', feminine: 'одна' },
    two: { masculine: 'два', feminine: 'две' },
    teens: ['три', 'четыре', 'пять', 'шесть', 'семь', 'восемь', 'девять', 'десять', 'одиннадцать', 'двенадцать', 'тринадцать', 'четырнадцать', 'пятнадцать', 'шестнадцать', 'семнадцать', 'восемнадцать', 'девятнадцать'],
    tens: ['двадцать', 'тридцать', 'сорок', 'пятьдесят', 'шестьдесят', 'семьдесят', 'восемьдесят', 'девяносто'],
    hundreds: ['сто', 'двести', 'триста', 'четыреста', 'пятьсот', 'шестьсот', 'семьсот', 'восемьсот', 'девятьсот'],
    scales: [['тысяча', 'тысячи', 'тысяч'], ['миллион', 'миллиона', 'миллионов'], ['миллиард', 'миллиарда', 'миллиардов']],
    ordinals: ['первого', 'второго', 'третьего', 'четвёртого', 'пятого', 'шестого', 'седьмого', 'восьмого', 'девятого', 'десятого', 'одиннадцатого', 'двенадцатого', 'тринадцатого', 'четырнадцатого', 'пятнадцатого', 'шестнадцатого', 'семнадцатого', 'восемнадцатого', 'девятнадцатого'],
    ordinalTens: ['двадцатого', 'тридцатого', 'сорокового', 'пятидесятого', 'шестидесятого', 'семидесятого', 'восьмидесятого', 'девяностого'],
    twoThousandth: 'двухтысячного',
    months: ['января', 'февраля', 'марта', 'апреля', 'мая', 'июня', 'июля', 'августа', 'сентября', 'октября', 'ноября', 'декабря'],
    ofYear: 'года',
  },
};

const ENGLISH_MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'] as const;

interface Unit {
  readonly gender: Gender;
  readonly forms: PluralForms;
}
interface CurrencyWords {
  readonly major: Unit;
  readonly minor: Unit;
}
const m = (one: string, few: string, many: string): Unit => ({ gender: 'masculine', forms: [one, few, many] });
const f = (one: string, few: string, many: string): Unit => ({ gender: 'feminine', forms: [one, few, many] });
const en = (one: string, other: string): Unit => m(one, other, other);

const CURRENCIES: Readonly<Record<Language, ReadonlyMap<string, CurrencyWords>>> = {
  uk: new Map([
    ['UAH', { major: f('гривня', 'гривні', 'гривень'), minor: f('копійка', 'копійки', 'копійок') }],
    ['PLN', { major: m('злотий', 'злоті', 'злотих'), minor: m('грош', 'гроші', 'грошів') }],
    ['KZT', { major: m('тенге', 'тенге', 'тенге'), minor: m('тиїн', 'тиїни', 'тиїнів') }],
    ['RUB', { major: m('рубль', 'рублі', 'рублів'), minor: f('копійка', 'копійки', 'копійок') }],
    ['USD', { major: m('долар', 'долари', 'доларів'), minor: m('цент', 'центи', 'центів') }],
    ['EUR', { major: m('євро', 'євро', 'євро'), minor: m('цент', 'центи', 'центів') }],
  ]),
  ru: new Map([
    ['UAH', { major: f('гривна', 'гривны', 'гривен'), minor: f('копейка', 'копейки', 'копеек') }],
    ['PLN', { major: m('злотый', 'злотых', 'злотых'), minor: m('грош', 'гроша', 'грошей') }],
    ['KZT', { major: m('тенге', 'тенге', 'тенге'), minor: m('тиын', 'тиына', 'тиынов') }],
    ['RUB', { major: m('рубль', 'рубля', 'рублей'), minor: f('копейка', 'копейки', 'копеек') }],
    ['USD', { major: m('доллар', 'доллара', 'долларов'), minor: m('цент', 'цента', 'центов') }],
    ['EUR', { major: m('евро', 'евро', 'евро'), minor: m('цент', 'цента', 'центов') }],
  ]),
  en: new Map([
    ['UAH', { major: en('hryvnia', 'hryvnias'), minor: en('kopeck', 'kopecks') }],
    ['PLN', { major: en('zloty', 'zlotys'), minor: en('grosz', 'groszy') }],
    ['KZT', { major: en('tenge', 'tenge'), minor: en('tiyn', 'tiyn') }],
    ['RUB', { major: en('ruble', 'rubles'), minor: en('kopeck', 'kopecks') }],
    ['USD', { major: en('dollar', 'dollars'), minor: en('cent', 'cents') }],
    ['EUR', { major: en('euro', 'euros'), minor: en('cent', 'cents') }],
  ]),
};

/** Which form follows a whole number (CLDR cardinal rules of uk, ru and en). */
function pluralOf(count: number, language: Language, forms: PluralForms): string {
  if (language === 'en') return count === 1 ? forms[0] : forms[2];
  const tens = count % 100;
  const ones = count % 10;
  if (tens >= 11 && tens <= 14) return forms[2];
  return ones === 1 ? forms[0] : ones >= 2 && ones <= 4 ? forms[1] : forms[2];
}

/** A whole number from 0 to 999 999 999 999 in words. */
function inWords(count: number, language: SlavicLanguage, gender: Gender): string {
  const numerals = NUMERALS[language];
  if (count === 0) return numerals.zero;
  const words: string[] = [];
  for (let scale = 3; scale >= 0; scale--) {
    const group = Math.floor(count / 1000 ** scale) % 1000;
    if (group === 0) continue;
    words.push(groupInWords(group, numerals, scale === 0 ? gender : scale === 1 ? 'feminine' : 'masculine'));
    if (scale > 0) words.push(pluralOf(group, language, numerals.scales[scale - 1]!));
  }
  return words.join(' ');
}

function groupInWords(group: number, numerals: Numerals, gender: Gender): string {
  const words: string[] = [];
  if (group >= 100) words.push(numerals.hundreds[Math.floor(group / 100) - 1]!);
  let rest = group % 100;
  if (rest >= 20) {
    words.push(numerals.tens[Math.floor(rest / 10) - 2]!);
    rest %= 10;
  }
  if (rest === 1) words.push(numerals.one[gender]);
  else if (rest === 2) words.push(numerals.two[gender]);
  else if (rest > 2) words.push(numerals.teens[rest - 3]!);
  return words.join(' ');
}

/**
 * An amount in minor units, as spoken: `123402` UAH in Ukrainian is "одна тисяча двісті тридцять чотири гривні дві копійки".
 * No minor units are said if there are none. A currency we have no words for is said as number and code.
 */
export function spokenAmount(amountMinor: number, currency: string, language: Language): string {
  const perMajor = 10 ** minorDigits(currency);
  const major = Math.floor(amountMinor / perMajor);
  const minor = amountMinor % perMajor;
  const words = CURRENCIES[language].get(currency);
  if (words === undefined) return minor === 0 ? `${major} ${currency}` : `${(amountMinor / perMajor).toFixed(Math.round(Math.log10(perMajor)))} ${currency}`;
  const counted = (count: number, unit: Unit): string =>
    `${language === 'en' || count >= 1e12 ? String(count) : inWords(count, language, unit.gender)} ${pluralOf(count, language, unit.forms)}`;
  if (minor === 0) return counted(major, words.major);
  if (major === 0) return counted(minor, words.minor);
  return `${counted(major, words.major)}${language === 'en' ? ' and ' : ' '}${counted(minor, words.minor)}`;
}

/**
 * A calendar date as spoken, in the genitive of Ukrainian and Russian: it fits after "до" and alone ("on the 5th").
 * The year is said only if it is not this year's.
 * @param date `YYYY-MM-DD`
 * @param today `YYYY-MM-DD`, where the callee is
 */
export function spokenDate(date: string, today: string, language: Language): string {
  const [year, month, day] = date.split('-').map(Number) as [number, number, number];
  const otherYear = date.slice(0, 4) !== today.slice(0, 4);
  if (language === 'en') return `the ${englishOrdinal(day)} of ${ENGLISH_MONTHS[month - 1]!}${otherYear ? ` ${year}` : ''}`;
  const numerals = NUMERALS[language];
  const spoken = `${ordinalInWords(day, numerals)} ${numerals.months[month - 1]!}`;
  return otherYear ? `${spoken} ${yearInWords(year, language)} ${numerals.ofYear}` : spoken;
}

function ordinalInWords(number: number, numerals: Numerals): string {
  if (number < 20) return numerals.ordinals[number - 1]!;
  const tens = Math.floor(number / 10) - 2;
  return number % 10 === 0 ? numerals.ordinalTens[tens]! : `${numerals.tens[tens]!} ${numerals.ordinals[(number % 10) - 1]!}`;
}

function yearInWords(year: number, language: SlavicLanguage): string {
  const numerals = NUMERALS[language];
  const withinCentury = year % 100;
  if (year === 2000) return numerals.twoThousandth;
  if (year < 1000 || withinCentury === 0) return String(year);
  return `${inWords(year - withinCentury, language, 'masculine')} ${ordinalInWords(withinCentury, numerals)}`;
}

function englishOrdinal(day: number): string {
  if (day >= 11 && day <= 13) return `${day}th`;
  return `${day}${['th', 'st', 'nd', 'rd'][day % 10] ?? 'th'}`;
}
