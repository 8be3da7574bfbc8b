/** What a yes-or-no cell says; `null`: something else. */
export type Flag = 'yes' | 'no' | null;

const YES = new Set('так т да д yes y true 1 + x х є есть v ✓ ✔ оплачено сплачено оплачен paid спір спор спорный спірний оспорюється оспаривается disputed неповнолітній несовершеннолетний minor істина истина правда'.split(' '));
const NO = new Set('ні н нет no n false 0 - – — немає відсутній отсутствует хиба хибність ложь не'.split(' '));

/** Reads a yes-or-no cell in Ukrainian, Russian or English; a blank one is `no`. */
export function flagOf(raw: string): Flag {
  if (raw === '') return 'no';
  const text = raw.trim().toLowerCase();
  if (text === '' || NO.has(text)) return 'no';
  return YES.has(text) ? 'yes' : null;
}
