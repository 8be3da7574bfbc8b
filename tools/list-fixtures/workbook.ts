import { zipOf } from './zip.ts';

/** A cell to be written: a text, a number, or XML of one's own. */
export type SheetCell = string | number | null | { readonly formula: string; readonly value?: string | number; readonly error?: string } | { readonly date: number } | { readonly digits: number } | { readonly inline: string } | { readonly rich: readonly string[] };

export interface SheetToWrite {
  readonly name: string;
  readonly rows: readonly (readonly SheetCell[])[];
  readonly hidden?: boolean;
}

const NS = 'http://schemas.openxmlformats.org';
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
const letters = (column: number): string => (column < 26 ? String.fromCharCode(65 + column) : letters(Math.floor(column / 26) - 1) + letters(column % 26));

/** A workbook as spreadsheet programs write it: shared texts, style 1 for dates, style 2 for numbers with seven digits. */
export function workbookOf(sheets: readonly SheetToWrite[], options: { readonly date1904?: boolean } = {}): Buffer {
  const strings: string[] = [];
  const cellXml = (cell: SheetCell, reference: string): string => {
    if (cell === null) return '';
    if (typeof cell === 'number') return `<c r="${reference}"><v>${cell}</v></c>`;
    if (typeof cell === 'string') {
      strings.push(`<si><t xml:space="preserve">${escaped(cell)}</t></si>`);
      return `<c r="${reference}" t="s"><v>${strings.length - 1}</v></c>`;
    }
    if ('date' in cell) return `<c r="${reference}" s="1"><v>${cell.date}</v></c>`;
    if ('digits' in cell) return `<c r="${reference}" s="2"><v>${cell.digits}</v></c>`;
    if ('inline' in cell) return `<c r="${reference}" t="inlineStr"><is><t>${escaped(cell.inline)}</t></is></c>`;
    if ('rich' in cell) {
      strings.push(`<si>${cell.rich.map((part, index) => `<r>${index === 0 ? '<rPr><b/></rPr>' : ''}<t xml:space="preserve">${escaped(part)}</t></r>`).join('')}<rPh sb="0" eb="1"><t>x</t></rPh></si>`);
      return `<c r="${reference}" t="s"><v>${strings.length - 1}</v></c>`;
    }
    const type = cell.error !== undefined ? ' t="e"' : typeof cell.value === 'string' ? ' t="str"' : '';
    const value = cell.error ?? cell.value;
    return `<c r="${reference}"${type}><f>${escaped(cell.formula)}</f>${value === undefined ? '' : `<v>${escaped(String(value))}</v>`}</c>`;
  };
  const sheetXml = sheets.map(({ rows }) => `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="${NS}/spreadsheetml/2006/main"><sheetData>${rows.map((row, index) => `<row r="${index + 1}">${row.map((cell, column) => cellXml(cell, `${letters(column)}${index + 1}`)).join('')}</row>`).join('')}</sheetData></worksheet>`);
  const members: [string, string][] = [
    ['[Content_Types].xml', `<?xml version="1.0" encoding="UTF-8"?>\n<Types xmlns="${NS}/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>${sheets.map((_, index) => `<Override PartName="/xl/worksheets/sheet${index + 1}.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>`).join('')}<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>`],
    ['_rels/.rels', `<?xml version="1.0" encoding="UTF-8"?>\n<Relationships xmlns="${NS}/package/2006/relationships"><Relationship Id="rId1" Type="${NS}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`],
    ['xl/workbook.xml', `<?xml version="1.0" encoding="UTF-8"?>\n<workbook xmlns="${NS}/spreadsheetml/2006/main" xmlns:r="${NS}/officeDocument/2006/relationships"><workbookPr${options.date1904 === true ? ' date1904="1"' : ''}/><sheets>${sheets.map(({ name, hidden }, index) => `<sheet name="${escaped(name)}" sheetId="${index + 1}"${hidden === true ? ' state="hidden"' : ''} r:id="rId${index + 1}"/>`).join('')}</sheets></workbook>`],
    ['xl/_rels/workbook.xml.rels', `<?xml version="1.0" encoding="UTF-8"?>\n<Relationships xmlns="${NS}/package/2006/relationships">${sheets.map((_, index) => `<Relationship Id="rId${index + 1}" Type="${NS}/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet${index + 1}.xml"/>`).join('')}</Relationships>`],
    ['xl/styles.xml', `<?xml version="1.0" encoding="UTF-8"?>\n<styleSheet xmlns="${NS}/spreadsheetml/2006/main"><numFmts count="2"><numFmt numFmtId="164" formatCode="dd\\.mm\\.yyyy"/><numFmt numFmtId="165" formatCode="0000000"/></numFmts><fonts count="1"><font/></fonts><fills count="1"><fill/></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf numFmtId="14"/></cellStyleXfs><cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="164" applyNumberFormat="1"/><xf numFmtId="165" applyNumberFormat="1"/></cellXfs></styleSheet>`],
    ...sheetXml.map((xml, index): [string, string] => [`xl/worksheets/sheet${index + 1}.xml`, xml]),
    ['xl/sharedStrings.xml', `<?xml version="1.0" encoding="UTF-8"?>\n<sst xmlns="${NS}/spreadsheetml/2006/main" count="${strings.length}" uniqueCount="${strings.length}">${strings.join('')}</sst>`],
  ];
  return zipOf(members.map(([name, xml]) => ({ name, bytes: Buffer.from(xml) })));
}

/** The skeleton of an OLE compound file ([MS-CFB]): header, one sector of the allocation table, one of the directory with these streams. */
export function oleOf(streams: readonly string[]): Buffer {
  const header = Buffer.alloc(512, 0xff);
  Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]).copy(header);
  header.fill(0, 8, 76);
  header.writeUInt16LE(0x3e, 24);
  header.writeUInt16LE(3, 26);
  header.writeUInt16LE(0xfffe, 28);
  header.writeUInt16LE(9, 30);
  header.writeUInt16LE(6, 32);
  header.writeUInt32LE(1, 44);
  header.writeUInt32LE(1, 48);
  header.writeUInt32LE(4096, 56);
  header.writeInt32LE(-2, 60);
  header.writeInt32LE(-2, 68);
  header.writeUInt32LE(0, 76);
  const table = Buffer.alloc(512, 0xff);
  table.writeInt32LE(-3, 0);
  table.writeInt32LE(-2, 4);
  const directory = Buffer.alloc(512);
  ['Root Entry', ...streams].slice(0, 4).forEach((name, index) => {
    const at = index * 128;
    directory.write(name, at, 'utf16le');
    directory.writeUInt16LE((name.length + 1) * 2, at + 64);
    directory[at + 66] = index === 0 ? 5 : 2;
    directory[at + 67] = 1;
    directory.writeInt32LE(-1, at + 68);
    directory.writeInt32LE(index > 0 && index < streams.length ? index + 1 : -1, at + 72);
    directory.writeInt32LE(index === 0 ? 1 : -1, at + 76);
    directory.writeInt32LE(-2, at + 116);
  });
  return Buffer.concat([header, table, directory]);
}
