import { open } from 'node:fs/promises';
import { loadList, openRows } from '../campaign-loader/index.ts';
import type { Bus } from '../core/bus/port.ts';
import { campaignSchema } from '../core/campaign.ts';
import { hashFraction, newId } from '../core/ids.ts';

export const benchCampaign = campaignSchema.parse({
  id: 'bench-loader',
  name: 'Loader benchmark',
  company: 'Energo',
  startsAt: '2026-01-01T00:00:00Z',
  expiresAt: '2027-01-01T00:00:00Z',
  trunks: ['main'],
  callerIds: ['+380443334455'],
  maxCallsPerSecond: 10,
  maxChannels: 100,
  flow: { start: 'bye', steps: { bye: { kind: 'hangup' } } },
});

/** Byte of each character that Windows-1251 has, by its code. */
const WINDOWS_1251 = new Map(Array.from({ length: 256 }, (_, byte) => [new TextDecoder('windows-1251').decode(Uint8Array.of(byte)).codePointAt(0)!, byte]));

function inWindows1251(text: string): Buffer {
  const bytes = Buffer.allocUnsafe(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = WINDOWS_1251.get(text.charCodeAt(at)) ?? 0x3f;
  return bytes;
}

/** One row in 50 is damaged, in turn in each of these ways. */
const DAMAGES = ['3.80671E+11', '', '12345', '1234,56'];
const DAMAGED_EVERY = 50;

/**
 * A list as an accounting program exports it: Windows-1251, semicolons, CRLF. Names as they are in such lists, a tenth of them in quotes; every
 * fourth debtor has two phones. @returns how many rows are damaged beyond loading
 */
export async function writeDamagedList(path: string, rows: number): Promise<number> {
  const names = ['Іваненко Марія Петрівна', 'Шевченко Олег', 'Коваль Наталія Іванівна', 'Petrenko Ivan', 'Сидоров Пётр', '"ТОВ ""Ромашка"""', 'Бондар Ірина', 'Мельник Андрій', 'Ткач Оксана', 'Лисенко Юрій'];
  const codes = ['50', '63', '66', '67', '68', '73', '93', '95', '96', '97', '98', '99'];
  const file = await open(path, 'w');
  let text = 'account_id;name;phones;debt;due_date;language;address\r\n';
  let damaged = 0;
  for (let row = 0; row < rows; row += 1) {
    const chance = hashFraction('bench', String(row));
    const digits = String(1_000_000 + Math.floor(chance * 8_999_999));
    const code = codes[row % codes.length]!;
    const first = row % 3 === 0 ? `+380${code}${digits}` : row % 3 === 1 ? `0${code} ${digits.slice(0, 3)}-${digits.slice(3, 5)}-${digits.slice(5)}` : `(0${code}) ${digits}`;
    const isDamaged = row % DAMAGED_EVERY === DAMAGED_EVERY - 1;
    if (isDamaged) damaged += 1;
    const phones = isDamaged ? DAMAGES[damaged % DAMAGES.length]! : row % 4 === 0 ? `${first}, 044${digits}` : first;
    text += `${1_000_000 + row};${names[row % names.length]!};${phones};${(100 + chance * 5000).toFixed(2).replace('.', ',')};${String(1 + (row % 28)).padStart(2, '0')}.11.2026;${row % 5 === 0 ? 'ru' : 'uk'};вул. Шевченка ${row % 200}\r\n`;
    if (text.length > 1 << 20) {
      await file.writeFile(inWindows1251(text));
      text = '';
    }
  }
  await file.writeFile(inWindows1251(text));
  await file.close();
  return damaged;
}

export async function loadForBench(path: string, bus: Bus, refusedPath: string): Promise<{ rows: number; accepted: number }> {
  const list = await openRows({ kind: 'file', path });
  return loadList({ campaign: benchCampaign, list, nowMs: Date.now, loadId: newId(Date.now()), refusedPath }, { bus, loadedBy: { by: 'bench', version: 'bench', sinceMs: null, sourceMark: '' }, atOnce: null });
}
