import { LIST_FIELDS, PHONE_HEADINGS } from './fields.ts';
import type { ListField } from './fields.ts';
import { normalHeading } from './normal.ts';

/**
 * What billing systems of Ukraine and its neighbours call the fields, each name of one field only. Names that may be of several
 * fields (`сумма`, `номер`, `абонент`) are not here: `words.ts` weighs them.
 */
const SYNONYMS: Readonly<Record<ListField, readonly string[]>> = {
  account_id: [
    'лицевой счёт', 'лиц. счёт', 'л/с', 'л/счёт', 'л. счёт', 'лс', 'лицевой', '№ л/с', 'л/с №', 'номер л/с', 'номер лицевого счёта', '№ лицевого счёта', 'лицевой счёт №', 'лицевой счёт абонента', 'код лицевого счёта',
    'особовий рахунок', 'особ. рахунок', 'ос. рахунок', 'о/р', 'о/рахунок', 'ор', '№ о/р', 'о/р №', 'номер о/р', 'номер особового рахунку', '№ особового рахунку', 'особовий рахунок №', 'особовий рахунок споживача', 'особовий рахунок абонента',
    'account', 'account no', 'account number', 'account #', 'acc no', 'acct', 'acct no', 'accountid', 'customer account', 'customer account number', 'personal account', 'account code', 'contract account',
  ],
  name: [
    'ФИО', 'Ф.И.О.', 'ФИО абонента', 'ФИО потребителя', 'ФИО должника', 'ФИО плательщика', 'ФИО собственника', 'фамилия имя отчество', 'фамилия, имя, отчество абонента', 'фамилия и инициалы', 'имя абонента', 'наименование абонента',
    'ПІБ', 'П.І.Б.', 'ПІП', 'ПІБ абонента', 'ПІБ споживача', 'ПІБ боржника', 'ПІБ платника', 'ПІБ власника', 'прізвище імʼя по батькові', 'прізвище, імʼя, по батькові споживача', 'прізвище та ініціали', 'імʼя абонента',
    'full name', 'customer name', 'debtor name', 'account holder', 'name of customer', 'fullname',
  ],
  first_name: ['імʼя', 'имя', 'first name', 'given name', 'firstname', 'forename'],
  last_name: ['прізвище', 'фамилия', 'last name', 'surname', 'family name', 'lastname'],
  patronymic: ['по батькові', 'побатькові', 'отчество', 'patronymic', 'middle name', 'middlename'],
  phones: [
    'телефон', 'телефоны', 'телефони', 'тел', 'тел.', 'телеф.', 'тлф', 'моб', 'моб. тел.', 'моб. телефон', 'мобильный', 'мобильный телефон', 'мобільний', 'мобільний телефон', 'мобильный тел.', 'мобільний тел.', 'сотовый', 'сотовый телефон',
    'номер телефона', 'номер телефону', '№ телефона', '№ телефону', '№ тел.', 'номер тел.', 'номер мобильного', 'номер мобільного', 'номер мобильного телефона', 'номер мобільного телефону', 'контактный телефон', 'контактний телефон', 'конт. тел.',
    'телефон абонента', 'телефон споживача', 'телефон потребителя', 'домашний телефон', 'домашній телефон', 'дом. тел.', 'рабочий телефон', 'робочий телефон', 'городской телефон', 'стационарный телефон', 'стаціонарний телефон', 'міський телефон',
    'контактный номер', 'контактний номер', 'контактні телефони', 'контактные телефоны',
    'phone number', 'phone numbers', 'phone no', 'telephone', 'telephone number', 'tel', 'tel no', 'mobile', 'mobile phone', 'mobile number', 'mobile no', 'cell', 'cell phone', 'cellphone', 'msisdn', 'contact phone', 'contact number', 'home phone', 'work phone',
  ],
  debt: [
    'долг', 'сумма долга', 'общий долг', 'долг, грн', 'долг грн.', 'долг (грн)', 'сумма долга, грн', 'сумма долга грн', 'сумма задолженности', 'задолженность', 'задолженность, грн', 'задолженность грн', 'общая задолженность', 'к оплате', 'к оплате, грн', 'сумма к оплате', 'итого к оплате',
    'борг', 'сума боргу', 'загальний борг', 'борг, грн', 'борг грн', 'борг (грн.)', 'сума боргу, грн', 'сума боргу грн', 'сума заборгованості', 'сума заборгованості грн', 'заборгованість', 'заборгованість, грн', 'заборгованість грн', 'загальна заборгованість', 'до сплати', 'до сплати, грн', 'сума до сплати', 'разом до сплати',
    'сумма просроченной задолженности', 'сума простроченої заборгованості', 'просроченная задолженность', 'прострочена заборгованість', 'долг, руб', 'долг руб', 'задолженность, руб', 'сумма долга, руб',
    'debt amount', 'amount due', 'amount owed', 'balance due', 'outstanding', 'outstanding amount', 'outstanding balance', 'arrears', 'overdue amount', 'total due', 'total debt', 'amount payable', 'debt uah',
  ],
  currency: ['валюта', 'код валюты', 'код валюти', 'валюта долга', 'валюта боргу', 'currency code', 'ccy'],
  due_date: ['срок оплаты', 'оплатить до', 'срок платежа', 'дата платежа', 'крайний срок оплаты', 'оплатить до даты', 'термін сплати', 'термін оплати', 'строк сплати', 'строк оплати', 'сплатити до', 'кінцевий термін сплати', 'due', 'duedate', 'payment due', 'payment due date', 'pay by', 'pay until'],
  debt_since: [
    'дата возникновения долга', 'дата возникновения задолженности', 'дата образования долга', 'дата образования задолженности', 'долг с', 'задолженность с', 'начало долга', 'долг с даты', 'дата начала задолженности',
    'дата виникнення боргу', 'дата виникнення заборгованості', 'дата утворення боргу', 'борг з', 'заборгованість з', 'початок боргу', 'дата початку заборгованості', 'debt date', 'debtsince', 'arrears since', 'overdue since', 'debt start', 'debt start date',
  ],
  language: ['язык', 'язык общения', 'язык абонента', 'мова', 'мова спілкування', 'мова абонента', 'lang', 'preferred language', 'language code'],
  timezone: ['часовой пояс', 'часовий пояс', 'time zone', 'tz'],
  region: ['область', 'регион', 'регіон', 'обл.', 'обл', 'область/регион', 'province', 'oblast', 'регион абонента', 'регіон абонента'],
  address: [
    'адрес', 'адреса', 'адрес абонента', 'адреса абонента', 'адреса споживача', 'адрес потребителя', 'адрес проживания', 'адреса проживання', 'адреса обʼєкта', 'адрес объекта', 'адрес регистрации', 'адреса реєстрації', 'почтовый адрес', 'поштова адреса', 'полный адрес', 'повна адреса', 'адрес (полный)',
    'full address', 'postal address', 'street address', 'service address', 'home address',
  ],
  priority: ['приоритет', 'пріоритет', 'очередность', 'черговість'],
  disputed: ['спор', 'спорный', 'в споре', 'оспаривается', 'долг оспаривается', 'спірний', 'спір', 'у спорі', 'оскаржується', 'борг оскаржується', 'in dispute', 'dispute', 'спорная задолженность', 'спірна заборгованість'],
  birth_date: ['дата рождения', 'дата народження', 'д.р.', 'д/р', 'др', 'д. н.', 'рождён', 'birthdate', 'birthday', 'date of birth', 'dob', 'born'],
  minor: ['несовершеннолетний', 'неповнолітній', 'неповнолітня особа', 'несовершеннолетнее лицо', 'is minor', 'underage', 'under 18'],
  paid: ['оплачено', 'сплачено', 'оплачен', 'погашено', 'долг погашен', 'борг погашено', 'is paid', 'paid off', 'уже оплачено', 'вже сплачено'],
};

/** Numbered and marked phone columns: `Телефон 2`, `тел1`, `Phone 3`, `мобільний №2`. */
const NUMBERED = /^(.*?\D) ?(?:no )?(\d{1,2})$/;

let names: ReadonlyMap<string, { readonly field: ListField; readonly why: 'exact_name' | 'synonym' }> | null = null;

/** The field that has this heading as one of its names. */
export function fieldNamed(heading: string): { readonly field: ListField; readonly why: 'exact_name' | 'synonym' } | null {
  names ??= allNames();
  const normal = normalHeading(heading);
  const found = names.get(normal);
  if (found !== undefined) return found;
  const base = NUMBERED.exec(normal)?.[1]?.trim();
  const numbered = base === undefined ? undefined : names.get(base);
  return numbered?.field === 'phones' ? { field: 'phones', why: 'synonym' } : null;
}

function allNames(): Map<string, { field: ListField; why: 'exact_name' | 'synonym' }> {
  const all = new Map<string, { field: ListField; why: 'exact_name' | 'synonym' }>();
  for (const field of LIST_FIELDS) {
    for (const name of SYNONYMS[field]) {
      const normal = normalHeading(name);
      const other = all.get(normal);
      if (other !== undefined && other.field !== field) throw new Error(`"${name}" is named for ${other.field} and for ${field}`);
      all.set(normal, { field, why: 'synonym' });
    }
  }
  for (const field of LIST_FIELDS) all.set(normalHeading(field), { field, why: 'exact_name' });
  for (const heading of PHONE_HEADINGS) all.set(heading, { field: 'phones', why: 'exact_name' });
  return all;
}
