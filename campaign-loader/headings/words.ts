import type { ListField } from './fields.ts';
import { normalHeading } from './normal.ts';
import type { LooksOf } from './looks.ts';

/** A rule on the words of a heading. The first that fits a heading decides what it may be. */
interface WordRule {
  /** Beginnings of words, each of which must be there. */
  readonly all: readonly RegExp[];
  readonly none?: RegExp;
  /** What the column may be, and how its values must look for that. */
  readonly may: readonly { readonly field: ListField; readonly looks: keyof LooksOf | null }[];
}

const word = (stems: string): RegExp => new RegExp(`(?:^| )(?:${stems})`, 'u');
const whole = (words: string): RegExp => new RegExp(`(?:^| )(?:${words})(?= |$)`, 'u');

const DEBT = word('долг|задолжен|борг|заборг|debt|arrear|outstanding|owed|overdue|недоим|недоїм');
const DATE = word('дата|date|срок|термін|строк|месяц|місяц|міс|month|day|днів|дней|день|возраст|вік|рік|год|кільк|колич|count');
const NOT_A_NUMBER_TO_CALL = word('тип|вид|type|оператор|комент|примеч|приміт|дата|date|статус|status|колич|кільк|чей|чий');

/**
 * Rules for headings that are no known name. Where several fields are possible, or the words are weak, the looks of the values
 * decide; a rule with `looks: null` needs none.
 */
const RULES: readonly WordRule[] = [
  { all: [word('дата|date|рік|год'), word('рожд|народж|birth')], may: [{ field: 'birth_date', looks: 'date' }] },
  { all: [DEBT, word('дата|date|since'), word('возник|образов|виник|утвор|начал|почат|since|start')], may: [{ field: 'debt_since', looks: 'date' }] },
  { all: [word('срок|термін|строк|дата|date|due|until'), word('оплат|сплат|платеж|pay')], none: word('последн|останн|last|сумм|сум|amount'), may: [{ field: 'due_date', looks: 'date' }] },
  { all: [word('телефон|тел|моб|сотов|phone|mobile|cell|msisdn')], none: NOT_A_NUMBER_TO_CALL, may: [{ field: 'phones', looks: 'phone' }] },
  { all: [word('контакт|contact')], none: NOT_A_NUMBER_TO_CALL, may: [{ field: 'phones', looks: 'phone' }, { field: 'name', looks: 'name' }] },
  { all: [DEBT], none: DATE, may: [{ field: 'debt', looks: 'amount' }] },
  { all: [word('остат|залиш|сальдо|баланс|balance'), word('кон|кін|исход|вихід|end|clos')], none: DATE, may: [{ field: 'debt', looks: 'amount' }] },
  { all: [word('лицев|особов')], none: DATE, may: [{ field: 'account_id', looks: 'account' }] },
  { all: [word('account|acct|рахун|счет|счёт|договор|договір|contract'), whole('n|no|номер|number|код|code|id|ид|ід')], none: word('фактур|invoice|банк|bank|iban|тип|type|дата|date'), may: [{ field: 'account_id', looks: 'account' }] },
  { all: [word('код|номер|id|ид|ід|code|number|no|n'), word('абонент|потребит|споживач|клиент|клієнт|плательщ|платник|customer|client|subscriber')], may: [{ field: 'account_id', looks: 'account' }] },
  { all: [word('фио|піб|прізв|фамил|имя|імя|name')], none: word('улиц|вул|street|file|файл|город|міст|банк|оператор|работн|контрол|company|компан|user|region|обл|район'), may: [{ field: 'name', looks: 'name' }] },
  { all: [word('абонент|потребит|споживач|клиент|клієнт|плательщ|платник|собственник|власник|customer|client|subscriber|должник|боржник|debtor')], none: word('тип|вид|type|категор|групп|груп|статус|status|адрес|email|дата'), may: [{ field: 'name', looks: 'name' }, { field: 'account_id', looks: 'account' }] },
  { all: [word('сумм|сума|amount|sum|всего|усього|всього|разом|итого|total|сальдо|баланс|balance')], none: word('дата|date|начисл|нарах|оплач|сплач|тариф|льгот|пільг|субсид|пен|показ|кольк|кільк|колич|paid|charge|начал|почат|вход|вхід'), may: [{ field: 'debt', looks: 'amount' }] },
  { all: [word('адрес|address')], none: word('email|мейл|mail|ip'), may: [{ field: 'address', looks: null }] },
  { all: [whole('обл|область|регіон|регион|region')], may: [{ field: 'region', looks: null }] },
  { all: [word('мова|язык|lang')], may: [{ field: 'language', looks: null }] },
  { all: [whole('номер|n|no|number|код|code|id|рахунок|счет|рах|договор|договір|идентификатор|ідентифікатор')], none: word('п п|пп|строк|рядк|row|дом|буд|кв|house|flat|счетчик|лічильник|прибор|meter|паспорт|инн|іпн|ипн|edrpou|єдрпоу|участ|дільн|маршрут|район'), may: [{ field: 'phones', looks: 'phone' }, { field: 'account_id', looks: 'account' }] },
];

/** Fields whose values must look so, or the words alone are not believed; weaker words only. */
export interface WordsSay {
  readonly field: ListField;
  /** The share of the looked-at values that look like the field, 0 to 1; null if looks play no part or there are no values. */
  readonly looks: number | null;
}

/** Values of which at least this share look like a field speak for it. */
const LOOKS_ENOUGH = 0.7;

/** What the words of a heading say, with the looks of its values to choose between what it may be; null if they say nothing. */
export function fieldByWords(heading: string, looks: LooksOf): WordsSay | null {
  const normal = normalHeading(heading);
  const rule = RULES.find(({ all, none }) => all.every((expression) => expression.test(normal)) && none?.test(normal) !== true);
  if (rule === undefined) return null;
  let best: WordsSay | null = null;
  for (const { field, looks: kind } of rule.may) {
    if (kind === null) return { field, looks: null };
    const share = looks[kind];
    // A column without a value among the rows looked at: the words stand alone, if they leave no choice.
    if (share === null) {
      if (rule.may.length === 1) return { field, looks: null };
    } else if (share >= LOOKS_ENOUGH && share > (best?.looks ?? 0)) best = { field, looks: share };
  }
  return best;
}
