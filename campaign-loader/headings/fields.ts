/**
 * The fields the loader knows, by the names a list's headings may have as they are (any case, spaces for `_`). A list must have
 * `account_id`, `debt`, phones, and `name` or a part of it.
 */
export const LIST_FIELDS = [
  'account_id', 'name', 'first_name', 'last_name', 'patronymic', 'phones', 'debt', 'currency', 'due_date', 'debt_since', 'language', 'timezone', 'region', 'address',
  'priority', 'disputed', 'birth_date', 'minor', 'paid',
] as const;
export type ListField = (typeof LIST_FIELDS)[number];

/** Names of phone columns; a list may have several. */
export const PHONE_HEADINGS = ['phones', 'phone', 'phone1', 'phone2', 'phone3', 'phone4', 'phone5'] as const;
