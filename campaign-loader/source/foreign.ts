/** Files that are taken for lists, by how they begin, and what to do about each. */
const SAVE_AS = 'open it in a spreadsheet program and save it as .xlsx, or as CSV';

/** What a file is that cannot be read, and what to do; null if it may be a list. */
export function foreignKind(head: Buffer): { readonly found: string; readonly todo: string } | null {
  const start = head.subarray(0, 8).toString('latin1');
  if (start.startsWith('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1')) return oleKind(head);
  if (start.startsWith('%PDF')) return { found: 'a PDF', todo: 'ask for the export as a table (.xlsx or CSV)' };
  if (start.startsWith('Rar!')) return { found: 'a RAR archive', todo: 'unpack it, or pack it as zip or gzip' };
  if (start.startsWith('7z\xbc\xaf')) return { found: 'a 7-Zip archive', todo: 'unpack it, or pack it as zip or gzip' };
  if (start.startsWith('(\xb5/\xfd')) return { found: 'a file packed by zstd', todo: 'unpack it, or pack it as zip or gzip' };
  if (start.startsWith('\xfd7zXZ') || start.startsWith('BZh')) return { found: 'a file packed by xz or bzip2', todo: 'unpack it, or pack it as zip or gzip' };
  if (head.subarray(257, 262).toString('latin1') === 'ustar') return { found: 'a tar archive', todo: 'unpack it, or pack its lists as zip' };
  if (isDbf(head)) return { found: 'a dBase table (.dbf)', todo: SAVE_AS };
  const text = head.subarray(0, 2048).toString('latin1').replace(/^\xef\xbb\xbf/, '').trimStart();
  if (/^<\?xml[^>]*>\s*(?:<\?mso-application[^>]*>\s*)?<(?:ss:)?Workbook/i.test(text)) return { found: 'a spreadsheet of 2003 in XML', todo: SAVE_AS };
  if (/^(?:<!doctype html|<html|<head|<body|<table|<meta)/i.test(text)) return { found: 'a web page (some programs call it .xls)', todo: SAVE_AS };
  if (/^<\?xml/i.test(text)) return { found: 'XML', todo: 'ask for the export as a table (.xlsx or CSV)' };
  return null;
}

/**
 * Both old spreadsheets and encrypted new ones are OLE compound files ([MS-CFB] 2.2: where the directory begins stands in the header);
 * the latter have a stream EncryptedPackage ([MS-OFFCRYPTO] 2.3.4.4).
 */
function oleKind(head: Buffer): { found: string; todo: string } {
  if (head.includes(Buffer.from('EncryptedPackage', 'utf16le'))) return { found: 'a spreadsheet locked with a password', todo: 'open it with its password and save it without one' };
  const directory = head.length < 52 ? 0 : (head.readUInt32LE(48) + 1) * 2 ** head.readUInt16LE(30);
  return directory < head.length
    ? { found: 'an old spreadsheet (.xls)', todo: SAVE_AS }
    : { found: 'an old spreadsheet (.xls), or one locked with a password', todo: `${SAVE_AS}, without a password` };
}

/** dBase III to FoxPro: version, date of change, number of records, and lengths that fit each other. */
function isDbf(head: Buffer): boolean {
  if (head.length < 32 || ![0x03, 0x30, 0x31, 0x83, 0x8b, 0xf5].includes(head[0]!)) return false;
  const [month, day] = [head[2]!, head[3]!];
  const headerLength = head.readUInt16LE(8);
  return month >= 1 && month <= 12 && day >= 1 && day <= 31 && headerLength >= 65 && (headerLength % 32 === 1 || headerLength % 32 === 8) && head.readUInt16LE(10) > 1;
}

/** What a zip file is that holds no lists but one document; null if it may hold lists. `names` are those of its members. */
export function foreignZip(names: readonly string[]): { readonly found: string; readonly todo: string } | null {
  if (names.some((name) => name.endsWith('xl/workbook.bin'))) return { found: 'a binary spreadsheet (.xlsb)', todo: SAVE_AS };
  if (names.some((name) => name.endsWith('word/document.xml'))) return { found: 'a text document (.docx)', todo: 'ask for the export as a table (.xlsx or CSV)' };
  if (names.some((name) => name.endsWith('/content.xml')) && names.some((name) => name.endsWith('/styles.xml'))) return { found: 'an OpenDocument file (.ods)', todo: SAVE_AS };
  return null;
}
