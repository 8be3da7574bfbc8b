import type { Language } from '../../core/contact.ts';
import { REGION_TABLE } from './region-table.ts';

/** A first-level region of a country that is known by name. */
export interface Region {
  /** Canonical English name. */
  readonly name: string;
  readonly country: 'UA' | 'RU' | 'KZ';
  /** IANA name. */
  readonly timezone: string;
  /** What its people are addressed in, of the languages there are: Ukrainian in Ukraine, Russian in Russia and Kazakhstan. */
  readonly language: Language;
}

/** Words that say what a place is, not which. */
const KINDS =
  /(?<![\p{L}\p{N}])(?:область|області|области|обл|край|краю|края|республика|республіка|респ|автономный округ|автономний округ|автономная область|автономна область|ао|город|місто|г|м|облысы|қаласы|oblast|region|krai|republic of|republic|city|obl)(?![\p{L}\p{N}])\.?/gu;

/** Lower case, one spelling of letters that are mixed up, without the words for the kind of place and what is not a letter. */
function plain(text: string): string {
  return text.toLowerCase().replace(/ё/g, 'е').replace(/[’ʼ'`"«»()]/g, '').replace(KINDS, ' ').replace(/[.,;/]+/g, ' ').replace(/[\s_]+/g, ' ').trim();
}

const byName = new Map<string, Region>();
for (const country of ['UA', 'RU', 'KZ'] as const) {
  for (const [timezone, entries] of Object.entries(REGION_TABLE[country])) {
    for (const entry of entries.split(';')) {
      const [name, aliases] = entry.trim().split('=') as [string, string];
      const region: Region = { name, country, timezone, language: country === 'UA' ? 'uk' : 'ru' };
      for (const alias of [name, ...aliases.split(' ')]) if (!byName.has(plain(alias))) byName.set(plain(alias), region);
    }
  }
}

/** Lists write a few names again and again; an address is another on every row. */
const MAX_REMEMBERED = 5000;
const remembered = new Map<string, Region | null>();

/** The region that a text names, whole: `Київська обл.`, `Республика Саха (Якутия)`, `ХМАО`. Null if it names none. */
export function regionNamed(text: string): Region | null {
  if (text === '' || text.length > 100) return null;
  let region = remembered.get(text);
  if (region === undefined) {
    region = byName.get(plain(text)) ?? null;
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    // A copy: a cell may be a view of the whole piece of the list it was cut from.
    remembered.set(Buffer.from(text).toString(), region);
  }
  return region;
}

const WITH_KIND = /(?:^|[\s,;])((?:[\p{L}-]{3,30}\s(?:обл(?:асть|асті|асти)?|край|облысы|oblast|region)(?![\p{L}])|(?:респ(?:ублика|убліка)?)\.?\s[\p{L}-]{3,30}))/iu;
/** What is in every text with a region's kind, and in few others. */
const HAS_KIND = /обл|край|oblast|region|респ/iu;
/** An address longer than this is none. */
const MAX_ADDRESS_LENGTH = 500;

/**
 * The region in an address: a part between commas that names one (`65000, Одеська обл., м. Ізмаїл, вул. Київська 5`), or words with "region" among
 * others. A street that is called after a town is none.
 */
export function regionOfAddress(address: string): Region | null {
  if (address === '' || address.length > MAX_ADDRESS_LENGTH) return null;
  for (const part of address.split(/[,;]/)) {
    const text = part.trim();
    if (text.length < 3 || /\d/.test(text)) continue;
    const region = regionNamed(text);
    if (region !== null) return region;
  }
  const named = HAS_KIND.test(address) ? WITH_KIND.exec(address) : null;
  return named === null ? null : regionNamed(named[1]!);
}
