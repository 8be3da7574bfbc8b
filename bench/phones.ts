/**
 * Phones read, checked and typed by `parsePhone` against libphonenumber-js/max doing the same (parsePhoneNumberFromString, isValid, getType) on 200,000
 * generated numbers of 12 countries, valid and not, as lists write them. Both must say the same of each number, or the benchmark fails. Rounds alternate
 * on one thread; the ratio is the median of the rounds' ratios.
 * Run: `npx tsx bench/phones.ts`
 */
import { parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/max';
import { LINE_TYPE_NAMES, parsePhone } from '../campaign-loader/phone/e164.ts';
import { writtenPhones, type WrittenPhone } from './written-phones.ts';
import { median, runIfMain, type BenchResult } from './result.ts';

const PHONES = 200_000;
const ROUNDS = 5;

/** What is compared: E.164, country and type, or nothing for a number that is not valid. */
type Answer = string;

function ours({ text, country }: WrittenPhone): Answer {
  const phone = parsePhone(text, country);
  return phone === null ? '' : `${phone.e164} ${phone.country ?? '-'} ${phone.type}`;
}

function theirs({ text, country }: WrittenPhone): Answer {
  const phone = parsePhoneNumberFromString(text, country as CountryCode);
  return phone?.isValid() === true ? `${phone.number} ${phone.country ?? '-'} ${LINE_TYPE_NAMES[phone.getType() ?? 'UNKNOWN']}` : '';
}

function timed(phones: readonly WrittenPhone[], read: (phone: WrittenPhone) => Answer): { readonly rate: number; readonly answers: readonly Answer[] } {
  const started = performance.now();
  const answers = phones.map(read);
  return { rate: phones.length / ((performance.now() - started) / 1000), answers };
}

/** @throws Error naming the first number on which the two differ (its digits are made up) */
export function benchPhones(): Promise<BenchResult> {
  const phones = writtenPhones(PHONES);
  const rates: { readonly ours: number; readonly peer: number }[] = [];
  let valid = 0;
  for (let round = 0; round <= ROUNDS; round += 1) {
    const peer = timed(phones, theirs);
    const own = timed(phones, ours);
    own.answers.forEach((answer, index) => {
      if (answer !== peer.answers[index]) throw new Error(`${phones[index]!.country} "${phones[index]!.text}": obzvon says "${answer}", libphonenumber-js says "${peer.answers[index]!}"`);
    });
    valid = own.answers.filter((answer) => answer !== '').length;
    if (round > 0) rates.push({ ours: own.rate, peer: peer.rate });
  }
  return Promise.resolve({
    name: 'phones',
    unit: 'phones/s',
    ours: Math.round(median(rates.map((rate) => rate.ours))),
    peer: Math.round(median(rates.map((rate) => rate.peer))),
    peerName: 'libphonenumber-js/max',
    ratio: median(rates.map((rate) => rate.ours / rate.peer)),
    target: 5,
    detail: `${PHONES} numbers of ${new Set(phones.map((phone) => phone.country)).size} countries, ${valid} valid; validity, E.164, country and type the same on all; ${ROUNDS} rounds in turn`,
  });
}

await runIfMain(import.meta.url, benchPhones);
