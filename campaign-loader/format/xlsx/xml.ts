import { SaxesParser } from 'saxes';
import { ObzvonError } from '../../../core/errors.ts';

/** What a part of a workbook is read for. Names come without their prefix. */
export interface XmlTaker {
  open?(name: string, attributes: Readonly<Record<string, string>>): void;
  text?(text: string): void;
  close?(name: string): void;
}

/**
 * Reads XML piece by piece; each `next` is the work of one piece. Nothing from outside is ever fetched: entities but the five of XML are an error.
 * @throws ObzvonError bad_input if it is no XML
 */
export async function* readXml(bytes: AsyncIterable<Buffer>, name: string, taker: XmlTaker): AsyncGenerator<void> {
  const parser = new SaxesParser({ xmlns: false, fragment: false, position: false });
  const bare = (full: string): string => full.slice(full.indexOf(':') + 1);
  parser.on('error', (error) => {
    throw new ObzvonError('bad_input', `${name}: the spreadsheet is damaged (${error.message}); expected a whole .xlsx file: save it again`);
  });
  parser.on('opentag', (tag) => taker.open?.(bare(tag.name), tag.attributes as Record<string, string>));
  parser.on('text', (text) => taker.text?.(text));
  parser.on('cdata', (text) => taker.text?.(text));
  parser.on('closetag', (tag) => taker.close?.(bare(tag.name)));
  const decoder = new TextDecoder('utf-8');
  for await (const piece of bytes) {
    parser.write(decoder.decode(piece, { stream: true }));
    yield;
  }
  parser.write(decoder.decode());
  parser.close();
  yield;
}

/** Reads all of it at once. */
export async function takeXml(bytes: AsyncIterable<Buffer>, name: string, taker: XmlTaker): Promise<void> {
  const reading = readXml(bytes, name, taker);
  while ((await reading.next()).done !== true);
}
