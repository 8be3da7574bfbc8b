import type { NameParts } from '../../core/contact.ts';
import { GIVEN_NAMES } from './given-names.ts';

/** A name as it is to be spoken; `parts` is null for organisations and names that could be read two ways. */
export interface ReadName {
  readonly name: string;
  readonly parts: NameParts | null;
}

/** Legal forms and words of organisations, in lower case; a quotation mark or a digit says so too. */
const ORGANISATION_WORDS: ReadonlySet<string> = new Set(
  'тов тзов тдв ат прат пат ват зат пп кп дп фг сфг фоп спд осбб осмд жбк огк сот ст гк одз кнп ооо оао зао пао ао ип чп гуп муп тсж жск снт тоо кгу гккп llc ltd inc corp gmbh plc jsc школа ліцей садок магазин кафе аптека церква церковь храм лікарня больница кооператив товариство общество компанія компания фірма фирма управління управление відділ отдел служба'.split(' '),
);
const BETWEEN_WORDS = /[^\p{L}'’ʼ]+/u;
const MARKS_OF_ORGANISATION = /["«»„“”\d№&]/u;
/** Two or three words of the letters of these languages, one space between: most names. What of the rules below cannot match in them need not be asked. */
const PLAIN_NAME = /^[A-Za-zА-яЁёЄєІіЇїҐґ'’ʼ]+ [A-Za-zА-яЁёЄєІіЇїҐґ'’ʼ]+(?: [A-Za-zА-яЁёЄєІіЇїҐґ'’ʼ]+)?$/;
/** Ends of patronymics: Ukrainian and Russian, men's and women's, and the short men's (Ілліч, Фомич). */
const PATRONYMIC = /(?:[оеєї]вич|йович|[іїоеє]вна|ївна|[иі]нична|лукич|лукіч|кузьмич|кузьмич|фомич|хомич|ильич|ілліч|ильинична|іллівна|никитич|саввич|гаврилович|яковлевич)$/iu;
/** Every patronymic does, and few other names: asked first, for the pattern with all the ends is ten times as slow. */
const ENDS_LIKE_PATRONYMIC = /[чЧаА]$/;
const WOMANS_PATRONYMIC = /(?:вна|ична)$/iu;
/** Turkic patronymics are two words. */
const TURKIC = /^(?:оглы|огли|оғлы|кызы|кизи|қызы|улы|ұлы|uly|ogly|kyzy)$/iu;
const INITIAL = /^\p{Lu}\.?$/u;
/** In UTF-16: a letter may take two. */
const LONGEST_INITIAL = 3;
const INITIALS = /^(?:\p{Lu}\.\s?){1,2}$/u;
const A_CAPITAL = /\p{Lu}/u;
const CAPITALS = /\p{Lu}[\p{Lu}'’ʼ]{2}/u;
const WORD = /^[\p{L}\p{M}'’ʼ`-]+$/u;

/**
 * Takes a person's name apart for speaking. Family name first (`Шевченко Тарас Григорович`) or last, told by the patronymic's ending, or by which word is a common given name;
 * initials are no names to be spoken and are left out of the parts. Names in capitals (or without any) are written as names are; organisations are left as they are.
 */
export function readName(text: string): ReadName {
  if (PLAIN_NAME.test(text)) {
    const written = text.split(' ');
    if (written.some(isOrganisationWord)) return { name: text, parts: null };
    const name = properCase(text);
    return { name, parts: partsOf(name === text ? written : name.split(' ')) };
  }
  if (MARKS_OF_ORGANISATION.test(text) || text.toLowerCase().split(BETWEEN_WORDS).some((word) => ORGANISATION_WORDS.has(word))) return { name: text, parts: null };
  const name = properCase(text);
  const words = (name.includes('.') ? name.replace(/(\p{Lu}\.)(?=\p{L})/gu, '$1 ') : name).split(/[\s,]+/u).filter((word) => word !== '');
  return { name, parts: partsOf(words) };
}

const LONGEST_ORGANISATION_WORD = Math.max(...[...ORGANISATION_WORDS].map((word) => word.length));
const isOrganisationWord = (word: string): boolean => word.length <= LONGEST_ORGANISATION_WORD && ORGANISATION_WORDS.has(word.toLowerCase());

/** The parts as the list's own columns give them; null if it has none. */
export function partsOfColumns(columns: { readonly first: string; readonly last: string; readonly patronymic: string }): NameParts | null {
  const parts: Record<string, string> = {};
  for (const key of ['first', 'last', 'patronymic'] as const) {
    const text = properCase(columns[key].trim());
    if (text !== '' && text.length <= 100 && !INITIALS.test(text)) parts[key] = text;
  }
  return Object.keys(parts).length > 0 ? parts : null;
}

function partsOf(words: readonly string[]): NameParts | null {
  if (words.length < 2 || words.length > 4) return null;
  if (words.some(isInitial)) {
    const [last, ...others] = words.filter((word) => !isInitial(word));
    return last !== undefined && others.length === 0 && WORD.test(last) ? { last } : null;
  }
  if (words.some((word) => word.length > 60)) return null;
  if (words.length === 4) return TURKIC.test(words[3]!) ? fromThree([words[0]!, words[1]!, `${words[2]!} ${words[3]!.toLowerCase()}`], true) : null;
  if (!words.every((word) => WORD.test(word))) return null;
  if (words.length === 3) return TURKIC.test(words[2]!) ? null : fromThree(words, false);
  return fromTwo(words[0]!, words[1]!);
}

const isInitial = (word: string): boolean => word.length <= LONGEST_INITIAL && INITIAL.test(word);
const isPatronymic = (word: string): boolean => ENDS_LIKE_PATRONYMIC.test(word) && PATRONYMIC.test(word);

function fromThree(words: readonly string[], isTurkic: boolean): NameParts | null {
  const [a, b, c] = words as [string, string, string];
  // Тарас Григорович Мицкевич: a patronymic in the middle is one, whatever the family name ends in.
  if (!isTurkic && isPatronymic(b)) return { first: a, patronymic: b, last: c };
  if (isTurkic || isPatronymic(c)) return { last: a, first: b, patronymic: c };
  return null;
}

function fromTwo(a: string, b: string): NameParts | null {
  const [isA, isB] = [GIVEN_NAMES.has(a.toLowerCase()), GIVEN_NAMES.has(b.toLowerCase())];
  // Adam Mickiewicz has no patronymic, Марія Іванівна has: of men's only a given name before it tells.
  if (isPatronymic(b) && (WOMANS_PATRONYMIC.test(b) || isA)) return WOMANS_PATRONYMIC.test(b) ? { first: a, patronymic: b } : null;
  if (isA === isB) return null;
  return isA ? { first: a, last: b } : { first: b, last: a };
}

/** `ШЕВЧЕНКО-ГРУШЕВСЬКА ОЛЕНА` and `шевченко олена` as names are written; what has both cases is left alone. */
export function properCase(text: string): string {
  // Almost every name: a capital, and no three of them in a row.
  if (A_CAPITAL.test(text) && !CAPITALS.test(text)) return text;
  const letters = text.replace(/\P{L}/gu, '');
  if (letters.length < 2) return text;
  const isUpper = letters === letters.toUpperCase();
  if (!isUpper && letters !== letters.toLowerCase()) {
    // `ШЕВЧЕНКО Тарас`: whole words in capitals only.
    return text.replace(/(?<![\p{L}'’ʼ.])\p{Lu}[\p{Lu}'’ʼ]{2,}(?![\p{L}])/gu, properWord);
  }
  return text.replace(/[\p{L}\p{M}'’ʼ`]+/gu, properWord);
}

function properWord(word: string): string {
  if (TURKIC.test(word)) return word.toLowerCase();
  const lower = word.toLowerCase();
  // О'Коннор, but Д'яченко and Лук'яненко.
  const irish = /^([oо])(['’ʼ`])(\p{L})(.*)$/u.exec(lower);
  if (irish !== null) return `${irish[1]!.toUpperCase()}${irish[2]!}${irish[3]!.toUpperCase()}${irish[4]!}`;
  return lower.charAt(0).toUpperCase() + lower.slice(1);
}
