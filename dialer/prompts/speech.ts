import type { Language } from '../../core/contact.ts';

/** Turns a sentence into sound. */
export interface Speech {
  /** Engine, version and voice: two speeches with one identity speak the same text alike. */
  identity(language: Language): string;
  /** A WAV file, 8 kHz mono 16-bit. @throws ObzvonError */
  synthesize(text: string, language: Language): Promise<Uint8Array>;
  /** The longest that a sentence took since this was last asked, or has been waiting for until now; ms of the wall's time. */
  longestWaitMs(): number;
  close(): Promise<void>;
}
