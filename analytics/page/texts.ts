import type { Language } from '../../core/contact.ts';
import type { FunnelStep } from '../report.ts';
import type { CallerIdHealth } from '../reports/quality.ts';
import type { ArmResult } from '../uplift-arms.ts';

/** Every word on the page. `{…}` are places for numbers. */
export interface PageTexts {
  readonly title: string;
  readonly dataUntil: string;
  readonly effect: string;
  readonly effectSoFar: string;
  readonly more: string;
  readonly less: string;
  readonly interval: string;
  readonly chance: string;
  readonly sharePoints: string;
  readonly shareMore: string;
  readonly shareFewer: string;
  readonly perContact: string;
  readonly basis: string;
  readonly noHoldOut: string;
  readonly tooFew: string;
  /** Stamp of the comparison that stands in for a hold-out. */
  readonly indicative: string;
  readonly beforeAfter: string;
  readonly parallel: string;
  readonly notParallel: string;
  readonly costLine: string;
  readonly costMissing: string;
  readonly funnel: string;
  readonly funnelHint: string;
  readonly of: string;
  readonly steps: Readonly<Record<FunnelStep['step'], string>>;
  readonly suppressedWhy: string;
  readonly curves: string;
  readonly curvesHint: string;
  readonly day: string;
  readonly called: string;
  readonly heldOut: string;
  readonly hours: string;
  readonly hoursHint: string;
  readonly best: string;
  readonly weekdays: readonly string[];
  readonly outcomes: string;
  readonly outcomesHint: string;
  readonly kinds: { readonly human: string; readonly machine: string; readonly noAnswer: string; readonly failed: string };
  readonly attempt: string;
  readonly calls: string;
  readonly trunks: string;
  readonly trunk: string;
  readonly answered: string;
  readonly failedShare: string;
  readonly delay: string;
  readonly callerIds: string;
  readonly callerId: string;
  readonly before: string;
  readonly lately: string;
  readonly rejected: string;
  readonly state: string;
  readonly health: Readonly<Record<CallerIdHealth, string>>;
  readonly validity: string;
  readonly ok: string;
  readonly attention: string;
  readonly checks: {
    readonly heldOutSize: string;
    readonly contamination: string; readonly elsewhere: string;
    readonly maturity: string;
    readonly immature: string;
    readonly known: string;
    readonly notKnown: string;
    readonly sharing: string;
    readonly channel: string;
    readonly currencies: string;
    readonly lag: string;
    readonly unmatched: string;
    readonly once: string;
    readonly calledKnown: string;
    readonly ratio: string;
    readonly balanced: string;
    readonly unbalanced: string;
  };
  readonly tried: string;
  readonly triedHint: string;
  readonly triedNames: Readonly<Record<ArmResult['tried'], string>>;
  readonly contacts: string;
  readonly paidShare: string;
  readonly besideBase: string;
  readonly base: string;
  readonly versions: { readonly main: string };
  readonly paidButCalled: string;
  readonly paidRows: { readonly paid: string; readonly silenced: string; readonly silentAfter: string; readonly calledAfterPaid: string; readonly calledAfterKnown: string; readonly promises: string };
  readonly noData: string;
}

const uk: PageTexts = {
  title: 'Що дали дзвінки',
  dataUntil: 'Дані до {time}',
  effect: 'За {days} дн. дзвінки дали на {money} {direction}, ніж було б без них.',
  effectSoFar: 'Поки що ({days} дн. ще не минули) дзвінки дали на {money} {direction}, ніж було б без них.',
  more: 'більше', less: 'менше',
  interval: '95 % довірчий інтервал: від {low} до {high}.',
  chance: 'Інтервал містить нуль: це може бути випадковістю.',
  sharePoints: 'Заплатили на {points} в. п. {direction} (95 % інтервал: від {low} до {high}).',
  shareMore: 'більше', shareFewer: 'менше',
  perContact: 'На одного боржника: {money} (95 % інтервал: від {low} до {high}).',
  basis: 'Порівняно всіх, кому призначено дзвонити ({called}), з усіма, кого випадково залишено без дзвінків ({heldOut}), — додзвонились чи ні.',
  noHoldOut: 'Нікого не залишено без дзвінків: скільки дали дзвінки, сказати не можна.',
  tooFew: 'Замало контактів в одній із груп або замало платежів, щоб уже сказати, скільки дали дзвінки.',
  indicative: 'Лише орієнтовно', beforeAfter: 'За {days} дн. від першого дзвінка платежі на один рахунок кампанії змінилися на {money} порівняно з рахунками поза нею (95 % інтервал: від {low} до {high}).',
  parallel: 'До дзвінків ті й ті змінювалися однаково, наскільки це видно.', notParallel: 'Ще до дзвінків вони змінювалися по-різному: цим порівнянням користуватися не можна.',
  costLine: 'Дзвінки коштували {cost}, одна розмова з людиною — {human}.',
  costMissing: 'Для {calls} дзвінків тариф не задано.',
  funnel: 'Шлях від списку до оплати', funnelHint: 'Кожен контакт рахується на кожному кроці один раз.', of: 'з {base} ({step})',
  steps: { rows: 'рядків у списках', refused: 'відхилено', duplicates: 'повторів', contacts: 'дійсних контактів', held_out: 'залишено без дзвінків', to_call: 'призначено дзвонити', suppressed: 'закрито до дзвінка', dialled: 'набрано', answered: 'взяли слухавку', human: 'відповіла людина', heard: 'почули суму', promised: 'обіцяли заплатити', kept: 'обіцянку виконано', paid: 'заплатили після завантаження' },
  suppressedWhy: 'Чому закрито до дзвінка',
  curves: 'Частка тих, хто заплатив', curvesHint: 'Смуги — 95 % інтервал кожної групи. Дні від першого дзвінка.', day: 'день', called: 'кому дзвонили', heldOut: 'без дзвінків',
  hours: 'Коли відповідають люди', hoursHint: 'Частка дзвінків, на які відповіла людина; година за часом абонента.', best: 'Найкраще: {weekday}, {hour}:00 — {share} з {calls} дзвінків.',
  weekdays: ['пн', 'вт', 'ср', 'чт', 'пт', 'сб', 'нд'],
  outcomes: 'Результати за номером спроби', outcomesHint: 'Частки дзвінків кожної спроби.',
  kinds: { human: 'людина', machine: 'автовідповідач', noAnswer: 'без відповіді', failed: 'збій чи хибний номер' },
  attempt: 'спроба', calls: 'дзвінків', trunks: 'Транки', trunk: 'транк', answered: 'відповіли', failedShare: 'збої', delay: 'затримка набору (95 %)',
  callerIds: 'Наші номери', callerId: 'номер', before: 'відповідали раніше', lately: 'останні 7 днів', rejected: 'відхилено', state: 'стан',
  health: { steady: 'рівно', falling: 'падає: можливо, позначений як спам', new: 'ще мало даних' },
  validity: 'Чи можна цьому вірити', ok: 'гаразд', attention: 'увага',
  checks: {
    ratio: 'Без дзвінків залишено {found}, заплановано {planned}.', balanced: 'До першого дзвінка групи були однакові.', unbalanced: 'Групи різнилися ще до першого дзвінка.',
    calledKnown: 'Подзвонили, вже знаючи про оплату: {n}.',
    heldOutSize: 'Без дзвінків залишено {n}: менше ста — замало для рішень.', contamination: 'Залишеним без дзвінків подзвонили: {n}.', elsewhere: 'Залишеним без дзвінків у ці дні дзвонили інші кампанії: {n}.', maturity: 'Усі {days} дн. минули для кожного контакту.', immature: 'Не для всіх контактів минули {days} дн.: цифри ще зростуть в обох групах.', known: 'Платежі цих днів уже відомі (99 зі 100).', notKnown: '99 зі 100 платежів цих днів буде відомо {time}.',
    sharing: 'Без дзвінків, але з номером того, кому дзвонять: {n}.', channel: '{channel}: від першого дзвінка отримали {called} з тих, кому дзвонили, і {heldOut} з решти.',
    currencies: 'Платежів в іншій валюті, ніж борг: {n}.', lag: 'Про 95 % платежів стає відомо за {lag}.', unmatched: 'Платежів, що не належать жодній кампанії: {n}.', once: 'Дзвінків отримано {stored}, враховано {rows}: кожен один раз.',
  },
  tried: 'Що випробувано', triedHint: 'Кому що — вирішив випадок до першого дзвінка; порівняно з першим варіантом, 95 % інтервал з поправкою p на кількість порівнянь.',
  triedNames: { attempts: 'спроб щонайбільше', first_hour: 'перший дзвінок не раніше', message: 'повідомлення' }, contacts: 'контактів', paidShare: 'заплатили', besideBase: 'в. п. проти першого', base: 'перший', versions: { main: 'основне' },
  paidButCalled: 'Заплатив, а йому дзвонять',
  paidRows: { paid: 'заплатили', silenced: 'дзвінки припинено через оплату', silentAfter: 'від звістки про оплату до тиші (95 %)', calledAfterPaid: 'дзвонили після оплати (ще не знали)', calledAfterKnown: 'дзвонили, вже знаючи', promises: 'обіцянок виконано' },
  noData: 'немає даних',
};

const ru: PageTexts = {
  title: 'Что дали звонки',
  dataUntil: 'Данные до {time}',
  effect: 'За {days} дн. звонки дали на {money} {direction}, чем было бы без них.',
  effectSoFar: 'Пока ({days} дн. ещё не прошли) звонки дали на {money} {direction}, чем было бы без них.',
  more: 'больше', less: 'меньше',
  interval: '95 % доверительный интервал: от {low} до {high}.',
  chance: 'Интервал содержит ноль: это может быть случайностью.',
  sharePoints: 'Заплатили на {points} п. п. {direction} (95 % интервал: от {low} до {high}).',
  shareMore: 'больше', shareFewer: 'меньше',
  perContact: 'На одного должника: {money} (95 % интервал: от {low} до {high}).',
  basis: 'Сравнены все, кому назначено звонить ({called}), со всеми, кого случайно оставили без звонков ({heldOut}), — дозвонились или нет.',
  noHoldOut: 'Никого не оставили без звонков: сколько дали звонки, сказать нельзя.',
  tooFew: 'Слишком мало контактов в одной из групп или слишком мало платежей, чтобы уже сказать, сколько дали звонки.',
  indicative: 'Лишь ориентировочно', beforeAfter: 'За {days} дн. от первого звонка платежи на один счёт кампании изменились на {money} по сравнению со счетами вне её (95 % интервал: от {low} до {high}).',
  parallel: 'До звонков те и другие менялись одинаково, насколько это видно.', notParallel: 'Ещё до звонков они менялись по-разному: этим сравнением пользоваться нельзя.',
  costLine: 'Звонки стоили {cost}, один разговор с человеком — {human}.',
  costMissing: 'Для {calls} звонков тариф не задан.',
  funnel: 'Путь от списка до оплаты', funnelHint: 'Каждый контакт считается на каждом шаге один раз.', of: 'из {base} ({step})',
  steps: { rows: 'строк в списках', refused: 'отклонено', duplicates: 'повторов', contacts: 'действительных контактов', held_out: 'оставлено без звонков', to_call: 'назначено звонить', suppressed: 'закрыто до звонка', dialled: 'набрано', answered: 'взяли трубку', human: 'ответил человек', heard: 'услышали сумму', promised: 'обещали заплатить', kept: 'обещание выполнено', paid: 'заплатили после загрузки' },
  suppressedWhy: 'Почему закрыто до звонка',
  curves: 'Доля заплативших', curvesHint: 'Полосы — 95 % интервал каждой группы. Дни от первого звонка.', day: 'день', called: 'кому звонили', heldOut: 'без звонков',
  hours: 'Когда отвечают люди', hoursHint: 'Доля звонков, на которые ответил человек; час по времени абонента.', best: 'Лучше всего: {weekday}, {hour}:00 — {share} из {calls} звонков.',
  weekdays: ['пн', 'вт', 'ср', 'чт', 'пт', 'сб', 'вс'],
  outcomes: 'Исходы по номеру попытки', outcomesHint: 'Доли звонков каждой попытки.',
  kinds: { human: 'человек', machine: 'автоответчик', noAnswer: 'без ответа', failed: 'сбой или неверный номер' },
  attempt: 'попытка', calls: 'звонков', trunks: 'Транки', trunk: 'транк', answered: 'ответили', failedShare: 'сбои', delay: 'задержка набора (95 %)',
  callerIds: 'Наши номера', callerId: 'номер', before: 'отвечали раньше', lately: 'последние 7 дней', rejected: 'отклонено', state: 'состояние',
  health: { steady: 'ровно', falling: 'падает: возможно, помечен как спам', new: 'ещё мало данных' },
  validity: 'Можно ли этому верить', ok: 'в порядке', attention: 'внимание',
  checks: {
    ratio: 'Без звонков оставлено {found}, запланировано {planned}.', balanced: 'До первого звонка группы были одинаковы.', unbalanced: 'Группы различались ещё до первого звонка.',
    calledKnown: 'Позвонили, уже зная об оплате: {n}.',
    heldOutSize: 'Без звонков оставлено {n}: меньше ста — мало для решений.', contamination: 'Оставленным без звонков позвонили: {n}.', elsewhere: 'Оставленным без звонков в эти дни звонили другие кампании: {n}.', maturity: 'Все {days} дн. прошли для каждого контакта.', immature: 'Не для всех контактов прошли {days} дн.: цифры ещё вырастут в обеих группах.', known: 'Платежи этих дней уже известны (99 из 100).', notKnown: '99 из 100 платежей этих дней будут известны {time}.',
    sharing: 'Без звонков, но с номером того, кому звонят: {n}.', channel: '{channel}: с первого звонка получили {called} из тех, кому звонили, и {heldOut} из остальных.',
    currencies: 'Платежей в другой валюте, чем долг: {n}.', lag: 'О 95 % платежей становится известно за {lag}.', unmatched: 'Платежей, не относящихся ни к одной кампании: {n}.', once: 'Звонков получено {stored}, учтено {rows}: каждый один раз.',
  },
  tried: 'Что испытано', triedHint: 'Кому что — решил случай до первого звонка; сравнено с первым вариантом, 95 % интервал, p с поправкой на число сравнений.',
  triedNames: { attempts: 'попыток не больше', first_hour: 'первый звонок не раньше', message: 'сообщение' }, contacts: 'контактов', paidShare: 'заплатили', besideBase: 'п. п. против первого', base: 'первый', versions: { main: 'основное' },
  paidButCalled: 'Заплатил, а ему звонят',
  paidRows: { paid: 'заплатили', silenced: 'звонки прекращены из-за оплаты', silentAfter: 'от вести об оплате до тишины (95 %)', calledAfterPaid: 'звонили после оплаты (ещё не зная)', calledAfterKnown: 'звонили, уже зная', promises: 'обещаний выполнено' },
  noData: 'нет данных',
};

const en: PageTexts = {
  title: 'What the calls were worth',
  dataUntil: 'Data until {time}',
  effect: 'Within {days} days the calls brought in {money} {direction} than would have come without them.',
  effectSoFar: 'So far (the {days} days are not over) the calls brought in {money} {direction} than would have come without them.',
  more: 'more', less: 'less',
  interval: '95 % confidence interval: {low} to {high}.',
  chance: 'The interval holds zero: this may be chance.',
  sharePoints: '{points} percentage points {direction} paid (95 % interval: {low} to {high}).',
  shareMore: 'more', shareFewer: 'fewer',
  perContact: 'For each debtor: {money} (95 % interval: {low} to {high}).',
  basis: 'Everybody drawn to be called ({called}) against everybody held out by chance ({heldOut}), whether reached or not.',
  noHoldOut: 'Nobody was held out: what the calls were worth cannot be said.',
  tooFew: 'Too few contacts in one of the groups, or too few who paid, to say yet what the calls were worth.',
  indicative: 'Indicative only', beforeAfter: 'In the {days} days since the first call, payments of an account of the campaign changed by {money} beside accounts outside it (95 % interval: {low} to {high}).',
  parallel: 'Before calling both changed alike, as far as can be seen.', notParallel: 'Before calling they did not change alike: this comparison must not be used.',
  costLine: 'The calls cost {cost}; each human answer {human}.',
  costMissing: '{calls} calls have no tariff.',
  funnel: 'From the list to the payment', funnelHint: 'A contact counts once in each step.', of: 'of {base} ({step})',
  steps: { rows: 'rows in the lists', refused: 'refused', duplicates: 'duplicates', contacts: 'valid contacts', held_out: 'held out', to_call: 'to be called', suppressed: 'ended uncalled', dialled: 'dialled', answered: 'answered', human: 'human answered', heard: 'heard the amount', promised: 'promised to pay', kept: 'promise kept', paid: 'paid since the load' },
  suppressedWhy: 'Why some ended uncalled',
  curves: 'Share who paid', curvesHint: "Bands: each group's 95 % interval. Days since the first call.", day: 'day', called: 'called', heldOut: 'held out',
  hours: 'When people answer', hoursHint: "Share of calls a human answered; hour on the callee's clock.", best: 'Best: {weekday}, {hour}:00, {share} of {calls} calls.',
  weekdays: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'],
  outcomes: 'Outcomes by attempt', outcomesHint: 'Shares of the calls of each attempt number.',
  kinds: { human: 'human', machine: 'machine', noAnswer: 'no answer', failed: 'failure or wrong number' },
  attempt: 'attempt', calls: 'calls', trunks: 'Trunks', trunk: 'trunk', answered: 'answered', failedShare: 'failed', delay: 'post-dial delay (95 %)',
  callerIds: 'Our numbers', callerId: 'number', before: 'answered before', lately: 'last 7 days', rejected: 'rejected', state: 'state',
  health: { steady: 'steady', falling: 'falling: perhaps marked as spam', new: 'too few calls yet' },
  validity: 'Can this be trusted', ok: 'fine', attention: 'mind',
  checks: {
    ratio: '{found} held out, {planned} planned.', balanced: 'The groups were alike before the first call.', unbalanced: 'The groups differed before the first call.',
    calledKnown: 'Called although the payment was known: {n}.',
    heldOutSize: '{n} held out: fewer than a hundred are too few to decide by.', contamination: 'Held-out contacts that were called: {n}.', elsewhere: 'Held-out contacts that other campaigns called in the same days: {n}.', maturity: 'All {days} days are over for every contact.', immature: 'The {days} days are not over for every contact: the figures will grow, in both groups.', known: 'Payments of these days are known by now (99 of 100).', notKnown: '99 of 100 payments of these days will be known on {time}.',
    sharing: 'Held out, with the phone of somebody called: {n}.', channel: '{channel}: since the first call it reached {called} of those called and {heldOut} of the others.',
    currencies: 'Payments in another currency than the debt: {n}.', lag: '95 % of payments are known within {lag}.', unmatched: 'Payments that belong to no campaign: {n}.', once: '{stored} calls received, {rows} counted: each once.',
  },
  tried: 'What was tried', triedHint: 'Who got what was drawn by chance before the first call; beside the first value, 95 % interval, p corrected for the number of comparisons.',
  triedNames: { attempts: 'attempts at most', first_hour: 'first call not before', message: 'message' }, contacts: 'contacts', paidShare: 'paid', besideBase: 'points beside the first', base: 'the first', versions: { main: 'main' },
  paidButCalled: 'Paid, but called',
  paidRows: { paid: 'paid', silenced: 'calls ended by the payment', silentAfter: 'from the news of a payment to silence (95 %)', calledAfterPaid: 'called after paying (not yet known)', calledAfterKnown: 'called although it was known', promises: 'promises kept' },
  noData: 'no data',
};

export const PAGE_TEXTS: Readonly<Record<Language, PageTexts>> = { uk, ru, en };

/** The rules that end a contact before any call, as the ledger writes them. */
const REASONS: Readonly<Record<string, Readonly<Record<Exclude<Language, 'en'>, string>>>> = {
  'every phone is on the do-not-call list': { uk: 'усі номери у списку «не дзвонити»', ru: 'все номера в списке «не звонить»' },
  'the person opted out before': { uk: 'раніше просили не дзвонити', ru: 'раньше просили не звонить' },
  'asked not to be called': { uk: 'просили не дзвонити', ru: 'просили не звонить' },
  'payment arrived before the first call': { uk: 'оплата надійшла до першого дзвінка', ru: 'оплата пришла до первого звонка' },
  'payment arrived': { uk: 'надійшла оплата', ru: 'пришла оплата' },
  'the campaign was stopped': { uk: 'кампанію зупинено', ru: 'кампания остановлена' },
};

/** A rule in the language of the page; one that is not known stands as it was written. */
export const reasonText = (reason: string, language: Language): string => (language === 'en' ? reason : (REASONS[reason]?.[language] ?? reason));

/** Fills the places of a text; what is filled in is markup already. */
export function fill(text: string, places: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) => places[name] ?? place);
}
