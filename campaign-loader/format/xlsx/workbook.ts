import { posix } from 'node:path';
import { ObzvonError } from '../../../core/errors.ts';
import type { ByteFile } from '../../source/byte-file.ts';
import type { Meter } from '../../source/meter.ts';
import type { Spool } from '../../source/spool.ts';
import type { OpenZip } from '../../source/zip.ts';
import type { RawRow } from '../raw-row.ts';
import type { Table } from '../table.ts';
import { PLAIN, numberStyleOf, unescaped } from './cell-text.ts';
import type { NumberStyle } from './cell-text.ts';
import { SharedStrings } from './shared-strings.ts';
import { sheetRows } from './sheet-rows.ts';
import type { SheetContext } from './sheet-rows.ts';
import { readXml, takeXml } from './xml.ts';

const HEAD_ROWS = 300;
/** Sheets looked at for known headings. */
const MAX_LOOKED_SHEETS = 20;

export const isWorkbook = (zip: OpenZip): boolean => zip.members.some(({ name }) => name.endsWith('/xl/workbook.xml'));

interface Sheet {
  readonly name: string;
  readonly file: ByteFile;
  readonly hidden: boolean;
}

/**
 * Opens a workbook (Office Open XML, ECMA-376) for one of its sheets: the one asked for by name or number, else of the visible ones that with
 * most known headings, else the first.
 * @throws ObzvonError bad_input if there is no such sheet, or the workbook is damaged
 */
export async function openWorkbook(zip: OpenZip, file: ByteFile, options: { readonly sheet: string | undefined; readonly spool: Spool; readonly meter: Meter | null; readonly known: (cells: readonly string[]) => number }): Promise<Table> {
  const member = (path: string): ByteFile | undefined => zip.members.find(({ name }) => name === `${file.name}/${path}`);
  const { sheets, date1904 } = await sheetsOf(file.name, member);
  const strings = new SharedStrings(options.spool);
  await readStrings(member('xl/sharedStrings.xml'), strings);
  const context: SheetContext = { strings, styles: await stylesOf(member('xl/styles.xml')), date1904 };
  const lookAtSheet = async (sheet: Sheet): Promise<RawRow[]> => {
    const rows: RawRow[] = [];
    for await (const batch of sheetRows(sheet.file.open(null), `${file.name}, sheet "${sheet.name}"`, context)) {
      rows.push(...batch);
      if (rows.length >= HEAD_ROWS) break;
    }
    return rows.slice(0, HEAD_ROWS);
  };
  const { sheet, head } = await chosen(sheets, file.name, options, lookAtSheet);
  return {
    name: file.name,
    facts: () => ({ format: 'xlsx', compression: file.compression, encoding: null, delimiter: null, quote: null, sheet: sheet.name, otherSheets: sheets.filter((other) => other !== sheet).map(({ name }) => name) }),
    headings: { kind: 'in_rows' },
    head,
    async *rows({ width }) {
      // The rest of the workbook was read, or never is.
      if (options.meter !== null) options.meter.bytes += (file.totalBytes ?? 0) - (sheet.file.packedBytes ?? 0);
      for await (const batch of sheetRows(sheet.file.open(options.meter), `${file.name}, sheet "${sheet.name}"`, context)) {
        // A sheet keeps no empty cells at the end of a row.
        yield batch.map((row) => (row.kind === 'cells' && row.cells.length < (width ?? 0) ? { ...row, cells: [...row.cells, ...new Array<string>(width! - row.cells.length).fill('')] } : row));
      }
    },
    close: () => {
      strings.close();
      return Promise.resolve();
    },
  };
}

async function chosen(sheets: readonly Sheet[], name: string, { sheet: asked, known }: { readonly sheet: string | undefined; readonly known: (cells: readonly string[]) => number }, look: (sheet: Sheet) => Promise<RawRow[]>): Promise<{ sheet: Sheet; head: RawRow[] }> {
  if (asked !== undefined) {
    const sheet = sheets.find((candidate) => candidate.name === asked) ?? sheets.find((candidate) => candidate.name.trim().toLowerCase() === asked.trim().toLowerCase()) ?? (/^\d+$/.test(asked) ? sheets[Number(asked) - 1] : undefined);
    if (sheet === undefined) throw new ObzvonError('bad_input', `${name}: found no sheet "${asked.slice(0, 80)}"; expected one of ${sheets.map((candidate) => `"${candidate.name}"`).join(', ')}, or a number from 1 to ${sheets.length}`);
    return { sheet, head: await look(sheet) };
  }
  let best: { sheet: Sheet; head: RawRow[] } | null = null;
  let most = -1;
  for (const sheet of sheets.filter(({ hidden }) => !hidden).slice(0, MAX_LOOKED_SHEETS)) {
    const head = await look(sheet);
    const score = head.length === 0 ? -1 : Math.max(0, ...head.slice(0, 40).map((row) => (row.kind === 'cells' ? known(row.cells) : 0)));
    if (score > most) [best, most] = [{ sheet, head }, score];
  }
  const first = sheets[0];
  if (best !== null) return best;
  if (first === undefined) throw new ObzvonError('bad_input', `${name}: found a workbook without sheets; expected one with a list`);
  return { sheet: first, head: await look(first) };
}

async function sheetsOf(name: string, member: (path: string) => ByteFile | undefined): Promise<{ sheets: Sheet[]; date1904: boolean }> {
  const targets = new Map<string, string>();
  const relations = member('xl/_rels/workbook.xml.rels');
  if (relations !== undefined) {
    await takeXml(relations.open(null), name, {
      open: (tag, { Id, Target }) => {
        if (tag === 'Relationship' && Id !== undefined && Target !== undefined) targets.set(Id, Target.startsWith('/') ? Target.slice(1) : posix.join('xl', Target));
      },
    });
  }
  const sheets: Sheet[] = [];
  let date1904 = false;
  await takeXml(member('xl/workbook.xml')!.open(null), name, {
    open: (tag, attributes) => {
      if (tag === 'workbookPr') date1904 = ['1', 'true'].includes(attributes['date1904'] ?? '');
      if (tag !== 'sheet') return;
      const id = Object.entries(attributes).find(([key]) => key.endsWith(':id'))?.[1] ?? '';
      // A sheet that is a chart has no rows and another part.
      const file = member(targets.get(id) ?? `xl/worksheets/sheet${sheets.length + 1}.xml`);
      if (file !== undefined && !/chartsheets|dialogsheets/.test(file.name)) sheets.push({ name: attributes['name'] ?? `sheet ${sheets.length + 1}`, file, hidden: (attributes['state'] ?? 'visible') !== 'visible' });
    },
  });
  return { sheets, date1904 };
}

async function readStrings(file: ByteFile | undefined, strings: SharedStrings): Promise<void> {
  if (file === undefined) return;
  let ready: string[] = [];
  let value = '';
  let taking = false;
  let phonetic = false;
  const reading = readXml(file.open(null), file.name, {
    open: (tag) => {
      if (tag === 'si') value = '';
      else if (tag === 'rPh') phonetic = true;
      else if (tag === 't') taking = !phonetic;
    },
    text: (text) => {
      if (taking) value += text;
    },
    close: (tag) => {
      if (tag === 't') taking = false;
      else if (tag === 'rPh') phonetic = false;
      else if (tag === 'si') ready.push(unescaped(value));
    },
  });
  while ((await reading.next()).done !== true) {
    for (const text of ready) await strings.add(text);
    ready = [];
  }
}

async function stylesOf(file: ByteFile | undefined): Promise<NumberStyle[]> {
  const codes = new Map<number, string>();
  const styles: NumberStyle[] = [];
  if (file === undefined) return styles;
  let within = '';
  await takeXml(file.open(null), file.name, {
    open: (tag, attributes) => {
      if (tag === 'numFmt') codes.set(Number(attributes['numFmtId']), attributes['formatCode'] ?? '');
      else if (tag === 'cellXfs' || tag === 'cellStyleXfs') within = tag;
      else if (tag === 'xf' && within === 'cellXfs') {
        const id = Number(attributes['numFmtId'] ?? 0);
        styles.push(id === 0 ? PLAIN : numberStyleOf(id, codes.get(id)));
      }
    },
    close: (tag) => {
      if (tag === within) within = '';
    },
  });
  return styles;
}
