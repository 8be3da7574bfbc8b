/** Encodings a list may be in. `cp1125` is DOS with the Ukrainian letters (RUSCII); `ascii`: nothing else was seen so far. */
export const ENCODINGS = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1251', 'koi8-u', 'koi8-r', 'cp866', 'cp1125'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** How many bytes are looked at to tell the encoding, from the first that is not ASCII. */
export const SAMPLE_BYTES = 64 * 1024;

/**
 * How often a letter stands in Ukrainian and Russian text, per mille of the letters, the mean of both (counts of the national
 * corpora as commonly cited; lists of names and streets are near enough to prose).
 */
const PER_MILLE: Readonly<Record<string, number>> = {
  о: 102, а: 82, н: 68, е: 67, и: 67, т: 58, в: 50, с: 48, р: 46, л: 40, к: 36, м: 31, д: 30, у: 30, і: 29, п: 28, я: 20, з: 19, ь: 18, б: 17, г: 16, ч: 14, й: 13, х: 10, ы: 10, ж: 9, ш: 8, ц: 7, ю: 7, щ: 5,
  є: 4, ї: 4, ф: 3, э: 2, ё: 0.5, ъ: 0.5, ґ: 0.5,
};
/** Signs that stand in lists beside letters. */
const USUAL_SIGNS = new Set('«»№—–…’“”„°\u00a0');
const RARE = Math.log(0.05);
const CASE_BREAK = -4;

interface SingleByte {
  readonly encoding: Encoding;
  /** What each byte from 0x80 is worth: natural logarithm of how usual its character is. */
  readonly worth: Float64Array;
  readonly isUpper: Uint8Array;
  readonly isLower: Uint8Array;
}

function singleByte(encoding: Encoding): SingleByte {
  const worth = new Float64Array(256);
  const isUpper = new Uint8Array(256);
  const isLower = new Uint8Array(256);
  const text = decoderOf(encoding).end(Buffer.from(Uint8Array.from({ length: 128 }, (_, index) => index + 128)));
  for (let byte = 128; byte < 256; byte += 1) {
    const character = text[byte - 128]!;
    const lower = character.toLowerCase();
    const share = PER_MILLE[lower];
    worth[byte] = share !== undefined ? Math.log(share) : USUAL_SIGNS.has(character) ? 0 : RARE;
    if (share !== undefined) (character === lower ? isLower : isUpper)[byte] = 1;
  }
  return { encoding, worth, isUpper, isLower };
}

let candidates: readonly SingleByte[] | null = null;

/**
 * Tells in which encoding a text is by its first bytes: byte order mark; NULs and Cyrillic high bytes in every other place (UTF-16 without a
 * mark); valid UTF-8; else whichever Cyrillic code page makes of the bytes what looks most like Ukrainian or Russian: usual letters, and no
 * capital after a small letter.
 * @param sample holds at least one byte that is not ASCII, or NULs; at best {@link SAMPLE_BYTES}
 * @returns sureness from 0 to 1: how far the second best code page is behind
 */
export function detectEncoding(sample: Uint8Array): { readonly encoding: Encoding; readonly sureness: number } {
  const [first, second, third] = sample;
  if (first === 0xef && second === 0xbb && third === 0xbf) return { encoding: 'utf-8', sureness: 1 };
  if (first === 0xff && second === 0xfe) return { encoding: 'utf-16le', sureness: 1 };
  if (first === 0xfe && second === 0xff) return { encoding: 'utf-16be', sureness: 1 };
  const wide = utf16WithoutMark(sample);
  if (wide !== null) return { encoding: wide, sureness: 0.98 };
  const utf8 = utf8Shares(sample);
  // Damaged bytes, or a row of another encoding, here and there make no other of it; in the code pages hardly any two bytes are a valid sequence.
  if (utf8.sequences + utf8.broken === 0) return { encoding: 'utf-8', sureness: 0.9 };
  if (utf8.sequences > 1.5 * utf8.broken) return { encoding: 'utf-8', sureness: utf8.broken === 0 ? 1 : 0.9 };
  candidates ??= (['windows-1251', 'koi8-u', 'cp866', 'cp1125'] as const).map(singleByte);
  let best: SingleByte = candidates[0]!;
  let most = -Infinity;
  let next = -Infinity;
  for (const candidate of candidates) {
    // Two DOS pages that differ in eight letters are no contest about the kind.
    const score = scoreOf(sample, candidate);
    if (score > most) {
      if (!(best.encoding === 'cp866' && candidate.encoding === 'cp1125')) next = most;
      [best, most] = [candidate, score];
    } else if (score > next && !(best.encoding.startsWith('cp') && candidate.encoding.startsWith('cp'))) next = score;
  }
  const sureness = Math.max(0.5, Math.min(1, 0.5 + (most - next) / 40));
  // The Ukrainian page holds all of the Russian one that lists have; it is named by the letters that only it has.
  if (best.encoding === 'koi8-u' && !sample.some((byte) => KOI8_U_ONLY.has(byte))) return { encoding: 'koi8-r', sureness };
  return { encoding: best.encoding, sureness };
}

const KOI8_U_ONLY = new Set([0xa4, 0xa6, 0xa7, 0xad, 0xb4, 0xb6, 0xb7, 0xbd]);

function scoreOf(sample: Uint8Array, { worth, isUpper, isLower }: SingleByte): number {
  let score = 0;
  let afterLower = false;
  for (const byte of sample) {
    if (byte < 128) {
      afterLower = byte >= 0x61 && byte <= 0x7a;
      continue;
    }
    score += worth[byte]!;
    if (afterLower && isUpper[byte] === 1) score += CASE_BREAK;
    afterLower = isLower[byte] === 1;
  }
  return score;
}

/** Of text in UTF-16 one byte of each pair is 0 (Latin, digits) or 4 (Cyrillic) nearly always, and the other seldom. */
function utf16WithoutMark(sample: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  const length = Math.min(sample.length, 4096) & ~1;
  if (length < 4) return null;
  let even = 0;
  let odd = 0;
  let zeros = 0;
  for (let at = 0; at < length; at += 2) {
    const [a, b] = [sample[at]!, sample[at + 1]!];
    if (a === 0 || a === 4 || a === 0x20) even += 1;
    if (b === 0 || b === 4 || b === 0x20) odd += 1;
    if (a === 0 || b === 0) zeros += 1;
  }
  const pairs = length / 2;
  if (zeros < pairs * 0.1) return null;
  if (odd > pairs * 0.9 && even < pairs * 0.5) return 'utf-16le';
  return even > pairs * 0.9 && odd < pairs * 0.5 ? 'utf-16be' : null;
}

function utf8Shares(sample: Uint8Array): { sequences: number; broken: number } {
  let sequences = 0;
  let broken = 0;
  for (let at = 0; at < sample.length; ) {
    const byte = sample[at]!;
    if (byte < 0x80) {
      at += 1;
      continue;
    }
    const length = byte >= 0xc2 && byte < 0xe0 ? 2 : byte >= 0xe0 && byte < 0xf0 ? 3 : byte >= 0xf0 && byte < 0xf5 ? 4 : 0;
    let whole = length > 0;
    for (let next = 1; next < length && whole; next += 1) {
      if (at + next >= sample.length) return { sequences: sequences + 1, broken };
      whole = (sample[at + next]! & 0xc0) === 0x80;
    }
    if (whole) sequences += 1;
    else broken += 1;
    at += whole ? length : 1;
  }
  return { sequences, broken };
}

/** A decoder of text that comes in pieces. */
export interface PieceDecoder {
  push(bytes: Uint8Array): string;
  /** The last piece. */
  end(bytes: Uint8Array): string;
}

/** What code page 866 has where 1125 has Ukrainian letters. */
const CP1125: Readonly<Record<string, string>> = { Є: 'Ґ', є: 'ґ', Ї: 'Є', ї: 'є', Ў: 'І', ў: 'і', '°': 'Ї', '∙': 'ї' };

export function decoderOf(encoding: Encoding): PieceDecoder {
  const decoder = new TextDecoder(encoding === 'cp866' || encoding === 'cp1125' ? 'ibm866' : encoding);
  if (encoding !== 'cp1125') return { push: (bytes) => decoder.decode(bytes, { stream: true }), end: (bytes) => decoder.decode(bytes) };
  const mended = (text: string): string => text.replace(/[ЄєЇїЎў°∙]/g, (character) => CP1125[character]!);
  return { push: (bytes) => mended(decoder.decode(bytes, { stream: true })), end: (bytes) => mended(decoder.decode(bytes)) };
}

/** What an encoding may also be called. */
const ALSO_CALLED: Readonly<Record<string, Encoding>> = {
  utf8: 'utf-8', unicode: 'utf-16le', 'utf-16': 'utf-16le', utf16: 'utf-16le', utf16le: 'utf-16le', utf16be: 'utf-16be', cp1251: 'windows-1251', win1251: 'windows-1251', 'win-1251': 'windows-1251', ansi: 'windows-1251', '1251': 'windows-1251',
  ibm866: 'cp866', dos: 'cp866', '866': 'cp866', koi8u: 'koi8-u', koi8r: 'koi8-r', ruscii: 'cp1125', cp866u: 'cp1125',
};

/** The encoding a person means; null if there is none of that name. */
export function encodingNamed(name: string): Encoding | null {
  const key = name.trim().toLowerCase();
  return (ENCODINGS as readonly string[]).includes(key) ? (key as Encoding) : (ALSO_CALLED[key] ?? null);
}
