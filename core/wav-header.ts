/** Bytes before the samples of a file that begins with {@link wavHeader}. */
export const WAV_HEADER_BYTES = 44;
const PCM = 1;

/**
 * What stands before the samples of a RIFF/WAVE file of mono 16-bit PCM, little-endian (Multimedia Programming Interface and Data
 * Specifications 1.0).
 * @param sampleRate Hz
 * @param dataBytes bytes of the samples
 */
export function wavHeader(sampleRate: number, dataBytes: number): Buffer {
  const header = Buffer.alloc(WAV_HEADER_BYTES);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(WAV_HEADER_BYTES - 8 + dataBytes, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(PCM, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(sampleRate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(dataBytes, 40);
  return header;
}
