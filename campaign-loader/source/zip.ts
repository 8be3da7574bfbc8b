import { openPromise } from 'yauzl';
import type { Entry, ZipFile } from 'yauzl';
import { ObzvonError } from '../../core/errors.ts';
import { decoderOf, detectEncoding } from '../format/encoding.ts';
import type { ByteFile } from './byte-file.ts';

/** A zip file with members, or an empty one. */
export const isZip = (head: Buffer): boolean => head.subarray(0, 4).equals(Buffer.from('PK\x03\x04')) || head.subarray(0, 4).equals(Buffer.from('PK\x05\x06'));

/** An opened zip file: its members by name, in their order. */
export interface OpenZip {
  readonly members: readonly ByteFile[];
  close(): void;
}

/** Nobody has so many lists in one file; each is looked at before anything is read. */
const MAX_MEMBERS = 10_000;
const UTF8_NAME = 0x800;
const STORED = 0;
const DEFLATED = 8;
/** Folders, and what archivers of one system leave for others of its kind. */
const NO_LIST = /\/$|(?:^|\/)(?:__MACOSX\/|\.|Thumbs\.db$|desktop\.ini$)/i;

/**
 * Opens a zip file on disk.
 * @throws ObzvonError bad_input if it is damaged or cut short; while a member is opened, unsupported if it is encrypted or packed in a way that is not read
 */
export async function openZip(path: string, name: string): Promise<OpenZip> {
  let zip: ZipFile;
  const entries: { entry: Entry; member: string }[] = [];
  try {
    // Names are not used as paths, so that they need no check; they are often in a code page.
    zip = await openPromise(path, { autoClose: false, lazyEntries: true, decodeStrings: false, validateEntrySizes: true });
    for await (const entry of zip.eachEntry()) {
      const member = nameOf(entry);
      if (!NO_LIST.test(member)) entries.push({ entry, member });
      if (entries.length > MAX_MEMBERS) throw new Error(`more than ${MAX_MEMBERS} files`);
    }
  } catch (cause) {
    throw new ObzvonError('bad_input', `${name}: the zip file is damaged or cut short (${cause instanceof Error ? cause.message : 'unknown reason'}); expected a whole zip file: fetch or pack it again`, { cause });
  }
  return { members: entries.map(({ entry, member }) => memberOf(zip, entry, member, name)), close: () => zip.close() };
}

function nameOf(entry: Entry): string {
  const raw = entry.fileNameRaw;
  if ((entry.generalPurposeBitFlag & UTF8_NAME) !== 0 || raw.every((byte) => byte < 0x80)) return raw.toString('utf8');
  const { encoding } = detectEncoding(raw);
  return decoderOf(encoding).end(raw);
}

function memberOf(zip: ZipFile, entry: Entry, member: string, zipName: string): ByteFile {
  const name = `${zipName}/${member}`;
  return {
    name,
    path: null,
    totalBytes: entry.uncompressedSize,
    packedBytes: entry.compressedSize,
    again: true,
    compression: 'zip',
    async *open(meter) {
      if (entry.isEncrypted()) throw new ObzvonError('unsupported', `${name}: is encrypted with a password; unpack it with its password and give the unpacked list`);
      if (entry.compressionMethod !== STORED && entry.compressionMethod !== DEFLATED) throw new ObzvonError('unsupported', `${name}: is packed by method ${entry.compressionMethod} of zip; expected stored or deflated: unpack it and give the unpacked list`);
      try {
        let unpacked = 0;
        let told = 0;
        for await (const piece of await zip.openReadStreamPromise(entry)) {
          unpacked += (piece as Buffer).length;
          if (meter !== null) {
            // Counted by what the piece takes up in the zip file.
            const packed = Math.round((unpacked / entry.uncompressedSize) * entry.compressedSize);
            meter.bytes += packed - told;
            told = packed;
          }
          yield piece as Buffer;
        }
      } catch (cause) {
        throw new ObzvonError('bad_input', `${name}: is damaged in the zip file (${cause instanceof Error ? cause.message : 'unknown reason'}); the rows before that are read; expected a whole zip file: fetch or pack it again`, { cause });
      }
    },
  };
}
