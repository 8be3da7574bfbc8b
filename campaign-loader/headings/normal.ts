/**
 * A heading as it is compared: small letters, ё as е, ґ as г, no apostrophes and quotes, every other sign a space, words written together
 * parted (`AccountId`), single letters put together. `Особовий рахунок №` -> `особовий рахунок no`; `Моб.тел.` -> `моб тел`; `л/с` -> `лс`; `П.І.Б.` -> `піб`.
 */
export function normalHeading(raw: string): string {
  return raw
    .normalize('NFC')
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .replaceAll('ё', 'е')
    .replaceAll('ґ', 'г')
    .replaceAll('№', ' no ')
    .replace(/['’ʼ`´"«»“”„]/g, '')
    .replace(/[^\p{L}\p{Nd}]+/gu, ' ')
    .trim()
    .replace(/(?<![\p{L}\p{Nd}])\p{L}(?: \p{L})+(?![\p{L}\p{Nd}])/gu, (letters) => letters.replaceAll(' ', ''));
}

/** The name a further column gets in `contact.fields`: small letters, `_` for spaces, at most 64 characters. */
export function fieldNameOf(raw: string): string {
  return raw.trim().toLowerCase().replace(/[\s\p{Cc}]+/gu, '_').slice(0, 64);
}
